import { type Address, decodeEventLog, keccak256, parseAbi, stringToBytes, toHex } from 'viem';
import { callRpc } from './rpc.ts';

/** Written by hand from the contract's interface, so that a generated ABI can't hide a change. */
const abi = parseAbi([
  'event Anchored(address indexed publisher, bytes32 indexed root, bytes32 indexed previousHead, bytes32 head, uint64 count, uint64 firstTime, uint64 lastTime)',
]);

type Hex = `0x${string}`;

/** A PlacementRecord as kubectl shows it. */
export type Placement = {
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>> & { readonly digest: Hex };
};

/** A ChainTransaction as kubectl shows it. */
export type StoredTransaction = {
  readonly spec: {
    readonly operation: string;
    readonly to: string;
    readonly signer: string;
    readonly digests?: readonly Hex[];
  };
};

export type AnchoredRoot = {
  readonly publisher: string;
  readonly root: Hex;
  readonly count: bigint;
};

/** What was anchored, from raw logs alone. */
export async function readAnchoredRoots(options: {
  readonly rpcURL: string;
  readonly anchor: Address;
  readonly signal?: AbortSignal;
}): Promise<readonly AnchoredRoot[]> {
  const filter = { address: options.anchor, fromBlock: '0x0', toBlock: 'latest' };
  type Log = { topics: [Hex, ...Hex[]]; data: Hex };
  const logs = await callRpc<Log[]>(options.rpcURL, 'eth_getLogs', [filter], options.signal);
  return logs.map(({ topics, data }) => {
    const { publisher, root, count } = decodeEventLog({ abi, topics, data }).args;
    return { publisher: publisher.toLowerCase(), root, count };
  });
}

/** JSON with sorted keys: what RFC 8785 says of documents of strings and whole numbers. */
function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${sortedJson(child)}`).join(',')}}`;
}

/** The digest of a record from its own fields. */
export function digestOf({ spec }: Placement): Hex {
  const { digest: _digest, anchor: _anchor, ...decision } = spec;
  return keccak256(stringToBytes(sortedJson(decision)));
}

const join = (...parts: readonly Hex[]): Hex =>
  keccak256(Buffer.concat(parts.map((part) => Buffer.from(part.slice(2), 'hex'))));

/** The root over the leaves `keccak(0x00 ‖ keccak(type ‖ hub ‖ digest))`; pairs are sorted, an odd one moves up. */
export function rootOf(hub: Hex, digests: readonly Hex[]): Hex {
  const type = keccak256(stringToBytes('PlacementLeaf(bytes32 hub,bytes32 digest)'));
  let level = digests.map((digest) => join('0x00', join(type, hub, digest)));
  while (level.length > 1) {
    const above: Hex[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = [level[at]!, level[at + 1]];
      if (right === undefined) above.push(left);
      else above.push(left < right ? join(left, right) : join(right, left));
    }
    level = above;
  }
  return level[0] ?? toHex(0, { size: 32 });
}

/** One sentence per placement that is not what it was, or not under a root on the chain. */
export function placementDisagreements(input: {
  readonly hubUid: string;
  readonly placements: readonly Placement[];
  readonly transactions: readonly StoredTransaction[];
  readonly roots: readonly AnchoredRoot[];
}): readonly string[] {
  const hub = keccak256(stringToBytes(input.hubUid));
  const anchored = new Set<Hex>();
  for (const { spec } of input.transactions) {
    const { digests } = spec;
    if (spec.operation !== 'AnchorPlacements' || digests === undefined) continue;
    const root = rootOf(hub, digests);
    const isOnChain = input.roots.some(
      (one) =>
        one.root === root &&
        one.count === BigInt(digests.length) &&
        one.publisher === spec.signer.toLowerCase(),
    );
    if (isOnChain) for (const digest of digests) anchored.add(digest);
  }
  if (input.placements.length === 0) return ['placement: there is no record of any'];
  return input.placements.flatMap((placement) => {
    const { name } = placement.metadata;
    const { digest } = placement.spec;
    const found = digestOf(placement);
    if (found !== digest) {
      return [`placement: record ${name} says digest ${digest}, its fields hash to ${found}`];
    }
    return anchored.has(digest) ? [] : [`placement: record ${name} is under no root on the chain`];
  });
}
