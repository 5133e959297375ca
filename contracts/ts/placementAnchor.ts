import {
  type Address,
  concat,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  keccak256,
  type PublicClient,
  stringToHex,
} from 'viem';
import { merkleProof, merkleRoot, verifyProof } from './merkle.ts';
import { placementAnchorAbi } from './placementAnchor.generated.ts';

/** Keeps a placement's leaf from being read as anything else that is ever hashed so. */
const leafType = keccak256(stringToHex('PlacementLeaf(bytes32 hub,bytes32 digest)'));

/** The leaf of one PlacementRecord: `keccak256(type ‖ hub ‖ digest)`, an EIP-712 struct hash. */
export function placementLeaf(hub: Hex, digest: Hex): Hex {
  return keccak256(concat([leafType, hub, digest]));
}

/** The digests of a batch as its tree has them: ascending, each once. So the same set has the same root. */
export function batchDigests(digests: readonly Hex[]): readonly Hex[] {
  return [...new Set(digests.map((digest) => digest.toLowerCase() as Hex))].sort();
}

const leavesOf = (hub: Hex, digests: readonly Hex[]) =>
  batchDigests(digests).map((digest) => placementLeaf(hub, digest));

/** The root over a batch's leaves (see merkle.ts). The order of the digests doesn't matter. */
export function placementRoot(hub: Hex, digests: readonly Hex[]): Hex {
  return merkleRoot(leavesOf(hub, digests));
}

/** The proof that a digest is in a batch. Throws a RangeError when it is not. */
export function provePlacement(hub: Hex, digests: readonly Hex[], digest: Hex): Hex[] {
  const index = batchDigests(digests).indexOf(digest.toLowerCase() as Hex);
  return merkleProof(leavesOf(hub, digests), index);
}

/** Whether a record's digest is under a root. */
export function verifyPlacement(options: {
  readonly root: Hex;
  readonly hub: Hex;
  readonly digest: Hex;
  readonly proof: readonly Hex[];
}): boolean {
  return verifyProof(options.root, placementLeaf(options.hub, options.digest), options.proof);
}

/** A batch as it is anchored; times in unix seconds. */
export type AnchorBatch = {
  readonly root: Hex;
  readonly count: number;
  readonly firstTime: number;
  readonly lastTime: number;
};

/** Call data of `anchor`; `previousHead` is the publisher's newest head. */
export function encodeAnchor(previousHead: Hex, batch: AnchorBatch): Hex {
  const { root, count, firstTime, lastTime } = batch;
  return encodeFunctionData({
    abi: placementAnchorAbi,
    functionName: 'anchor',
    args: [previousHead, root, BigInt(count), BigInt(firstTime), BigInt(lastTime)],
  });
}

/** The head after a batch. */
export function headAfter(previousHead: Hex, batch: AnchorBatch): Hex {
  const types = ['bytes32', 'bytes32', 'uint64', 'uint64', 'uint64'].map((type) => ({ type }));
  const { root, count, firstTime, lastTime } = batch;
  return keccak256(
    encodeAbiParameters(types, [
      previousHead,
      root,
      BigInt(count),
      BigInt(firstTime),
      BigInt(lastTime),
    ]),
  );
}

/** A publisher's newest head in the newest block; zero before its first batch. */
export function readHead(client: PublicClient, anchor: Address, publisher: Address): Promise<Hex> {
  return client.readContract({
    address: anchor,
    abi: placementAnchorAbi,
    functionName: 'headOf',
    args: [publisher],
  });
}

export type AnchoredBatch = AnchorBatch & {
  readonly previousHead: Hex;
  readonly head: Hex;
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
};

/** A publisher's batches in a range of blocks, oldest first. */
export async function readAnchored(
  client: PublicClient,
  anchor: Address,
  publisher: Address,
  range: { readonly fromBlock: bigint; readonly toBlock?: bigint },
): Promise<readonly AnchoredBatch[]> {
  const logs = await client.getContractEvents({
    address: anchor,
    abi: placementAnchorAbi,
    eventName: 'Anchored',
    args: { publisher },
    strict: true,
    ...range,
  });
  return logs.map(({ args, transactionHash, blockNumber }) => ({
    root: args.root,
    count: Number(args.count),
    firstTime: Number(args.firstTime),
    lastTime: Number(args.lastTime),
    previousHead: args.previousHead,
    head: args.head,
    transactionHash,
    blockNumber,
  }));
}
