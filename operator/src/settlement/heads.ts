import type { Hex } from 'viem';

/** The newest block of a chain. */
export type Head = {
  readonly number: bigint;
  readonly hash: Hex;
  readonly parentHash: Hex;
  /** Unix seconds by the chain's clock. */
  readonly timestamp: number;
};

/** Blocks seen last, by number. */
export type KnownBlocks = ReadonlyMap<bigint, Hex>;

/** How many are remembered: deeper than any reorganisation that is not an accident of its own. */
const remembered = 64;

export type HeadVerdict =
  /** It continues what is known, or says nothing about it: an RPC may be behind another. */
  | 'continues'
  /** A known block is no longer part of the chain. */
  | 'reorganised'
  /** Blocks were missed in between: whether `number` still has its hash must be asked. */
  | { readonly ask: bigint; readonly hash: Hex };

/** Whether a new head contradicts the blocks seen before it. */
export function judgeHead(known: KnownBlocks, head: Head): HeadVerdict {
  const same = known.get(head.number);
  if (same !== undefined) return same === head.hash ? 'continues' : 'reorganised';
  const parent = known.get(head.number - 1n);
  if (parent !== undefined) return parent === head.parentHash ? 'continues' : 'reorganised';
  const before = [...known].filter(([number]) => number < head.number).at(-1);
  return before === undefined ? 'continues' : { ask: before[0], hash: before[1] };
}

/** What is known with the new head; after a reorganisation nothing from before it. */
export function remember(known: KnownBlocks, head: Head, reorganised: boolean): KnownBlocks {
  const kept = reorganised ? [] : [...known, [head.number - 1n, head.parentHash] as const];
  const all = new Map([...kept, [head.number, head.hash] as const]);
  const sorted = [...all].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(sorted.slice(-remembered));
}
