import type { Hex } from 'viem';
import type { RedeemRecords } from './deps.ts';

/** One transaction that was stored before it was sent, and the channels that it pays. */
export type PendingGroup = {
  readonly hash: Hex;
  readonly nonce: number;
  readonly channels: readonly { readonly name: string; readonly cumulative: bigint }[];
};

/** The transactions on their way, as the records tell them. */
export function pendingGroups(records: RedeemRecords): readonly PendingGroup[] {
  const groups = new Map<Hex, { nonce: number; channels: PendingGroup['channels'][number][] }>();
  for (const [name, { pending }] of records.list()) {
    if (pending === undefined) continue;
    const { transactionHash: hash, nonce, cumulative } = pending;
    const group = groups.get(hash) ?? { nonce: Number(nonce), channels: [] };
    group.channels.push({ name, cumulative: BigInt(cumulative) });
    groups.set(hash, group);
  }
  return [...groups].map(([hash, group]) => ({ hash, ...group }));
}

/**
 * Stores with every channel what is about to be sent, or that it is not on its way any more. With
 * `onlyHash` a record that meanwhile names another transaction is left alone.
 */
export async function storePending(
  records: RedeemRecords,
  channels: readonly { readonly name: string; readonly cumulative: bigint }[],
  transaction: { readonly hash: Hex; readonly nonce: number } | undefined,
  signal: AbortSignal,
  onlyHash?: Hex,
): Promise<void> {
  for (const { name, cumulative } of channels) {
    await records.update(
      name,
      (current) => {
        if (current === undefined) return undefined;
        const { pending, ...rest } = current;
        if (onlyHash !== undefined && pending?.transactionHash !== onlyHash) return undefined;
        if (transaction === undefined) return rest;
        const { hash, nonce } = transaction;
        return {
          ...rest,
          pending: {
            transactionHash: hash,
            nonce: nonce.toString(),
            cumulative: cumulative.toString(),
          },
        };
      },
      signal,
    );
  }
}

/** Stores what is claimed in a final block, and that the transaction is not on its way any more. */
export async function storeRedeemed(
  records: RedeemRecords,
  name: string,
  hash: Hex,
  finalClaimed: bigint | undefined,
  at: { readonly blockNumber: bigint },
  signal: AbortSignal,
): Promise<void> {
  await records.update(
    name,
    (current) => {
      if (current === undefined) return undefined;
      const { pending, ...rest } = current;
      const next = pending?.transactionHash === hash ? rest : current;
      const known = BigInt(current.redeemed?.cumulative ?? '0');
      if (finalClaimed === undefined || finalClaimed <= known) return next;
      return {
        ...next,
        redeemed: {
          cumulative: finalClaimed.toString(),
          transactionHash: hash,
          blockNumber: at.blockNumber.toString(),
        },
      };
    },
    signal,
  );
}
