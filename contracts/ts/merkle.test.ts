import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { concat, type Hex, keccak256, zeroHash } from 'viem';
import { merkleProof, merkleRoot, verifyProof } from './merkle.ts';

const leaf = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes): Hex => `0x${Buffer.from(bytes).toString('hex')}`);
const leaves = fc.uniqueArray(leaf, { minLength: 1, maxLength: 20 });

describe('the Merkle tree', () => {
  test('has the zero hash as root when it is empty, and that root proves nothing', () => {
    expect(merkleRoot([])).toBe(zeroHash);
    expect(verifyProof(zeroHash, zeroHash, [])).toBe(false);
  });

  test('proves every leaf and no other', () => {
    fc.assert(
      fc.property(leaves, leaf, (list, stranger) => {
        const root = merkleRoot(list);
        list.forEach((member, index) => {
          const proof = merkleProof(list, index);
          expect(verifyProof(root, member, proof)).toBe(true);
          expect(list.includes(stranger) || !verifyProof(root, stranger, proof)).toBe(true);
        });
      }),
      { numRuns: 50 },
    );
  });

  test('never takes an inner node for a leaf', () => {
    const list: Hex[] = [keccak256('0x01'), keccak256('0x02')];
    const root = merkleRoot(list);
    const hashed = list.map((member) => keccak256(concat(['0x00', member])));
    expect(verifyProof(root, root, [])).toBe(false);
    expect(verifyProof(root, concat(hashed), [])).toBe(false);
  });

  test("changes when a leaf is repeated at the end, so padding can't hide a row", () => {
    const list: Hex[] = [keccak256('0x01'), keccak256('0x02'), keccak256('0x03')];
    expect(merkleRoot([...list, list[2]!])).not.toBe(merkleRoot(list));
  });

  test("names the tree's size when an index has no leaf", () => {
    expect(() => merkleProof([zeroHash], 1)).toThrow('the tree has 1 leaves');
  });
});
