import type { Hex } from 'viem';
import type { RedeemRecords } from './deps.ts';

/** Stores what is claimed of a channel in a final block, and by which transaction. It never falls. */
export async function storeRedeemed(
  records: RedeemRecords,
  name: string,
  finalClaimed: bigint,
  by: { readonly transactionHash: Hex; readonly blockNumber: bigint },
  signal: AbortSignal,
): Promise<void> {
  await records.update(
    name,
    (current) => {
      if (current === undefined) return undefined;
      if (finalClaimed <= BigInt(current.redeemed?.cumulative ?? '0')) return undefined;
      return {
        ...current,
        redeemed: {
          cumulative: finalClaimed.toString(),
          transactionHash: by.transactionHash,
          blockNumber: by.blockNumber.toString(),
        },
      };
    },
    signal,
  );
}
