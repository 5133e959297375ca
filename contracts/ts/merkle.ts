import { concat, type Hex, keccak256, zeroHash } from 'viem';

/**
 * The Merkle tree that both sides and the contract use. A leaf is hashed as `keccak256(0x00 ‖ leaf)`
 * (33 bytes) and a node as `keccak256(smaller ‖ larger)` (64 bytes): the lengths keep a node from
 * ever being shown as a leaf. Pairs are sorted so that OpenZeppelin's MerkleProof verifies it. An odd
 * node moves up unchanged and is never duplicated, so no two different lists share a root by padding.
 */
function hashLeaf(leaf: Hex): Hex {
  return keccak256(concat(['0x00', leaf]));
}

function hashPair(left: Hex, right: Hex): Hex {
  return left.toLowerCase() < right.toLowerCase()
    ? keccak256(concat([left, right]))
    : keccak256(concat([right, left]));
}

function levelAbove(level: readonly Hex[]): Hex[] {
  const above: Hex[] = [];
  for (let index = 0; index < level.length; index += 2) {
    const left = level[index]!;
    const right = level[index + 1];
    above.push(right === undefined ? left : hashPair(left, right));
  }
  return above;
}

/** The root over 32-byte leaves; the zero hash for none. */
export function merkleRoot(leaves: readonly Hex[]): Hex {
  if (leaves.length === 0) return zeroHash;
  let level = leaves.map(hashLeaf);
  while (level.length > 1) level = levelAbove(level);
  return level[0]!;
}

/** The siblings from a leaf up to the root. Throws a RangeError when `index` is not a leaf's. */
export function merkleProof(leaves: readonly Hex[], index: number): Hex[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) {
    throw new RangeError(`leaf ${index} does not exist: the tree has ${leaves.length} leaves`);
  }
  const proof: Hex[] = [];
  let position = index;
  for (let level = leaves.map(hashLeaf); level.length > 1; level = levelAbove(level)) {
    const sibling = level[position ^ 1];
    if (sibling !== undefined) proof.push(sibling);
    position >>= 1;
  }
  return proof;
}

/** Whether `leaf` is in the tree of `root`. The zero root has no leaves. */
export function verifyProof(root: Hex, leaf: Hex, proof: readonly Hex[]): boolean {
  const computed = proof.reduce(hashPair, hashLeaf(leaf));
  return computed.toLowerCase() === root.toLowerCase();
}
