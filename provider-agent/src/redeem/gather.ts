import type { Address } from 'viem';
import type { Redeemable } from './decide.ts';
import type { RedeemDeps } from './deps.ts';
import type { SignedVoucher } from './voucher.ts';

/** What is kept in mind between two looks; all of it is found again after a restart. */
export type SettleMemory = {
  /** Monotonic milliseconds since when a channel has something unclaimed. */
  readonly unclaimedSince: Map<string, number>;
  /** Cumulatives that the contract refused to pay. */
  readonly quarantined: Map<string, bigint>;
};

/** A channel with a voucher, and what the chain says of it. */
export type GatheredChannel = Redeemable & {
  readonly tenant: Address;
  readonly provider: Address;
  readonly signer: Address;
  readonly voucher: SignedVoucher;
  readonly finalNumber: bigint;
  /** What is claimed of this generation in the newest final block. */
  readonly finalClaimed: bigint;
  readonly hasPending: boolean;
};

/** Every channel that has a voucher, in one view of the chain. */
export async function gatherChannels(
  deps: RedeemDeps,
  memory: SettleMemory,
  signal: AbortSignal,
): Promise<readonly GatheredChannel[]> {
  const held = deps.records.list().flatMap(([name, record]) => {
    const { voucher, channel } = record;
    return voucher === undefined || voucher.generation !== channel.generation
      ? []
      : [{ name, record, voucher: { ...voucher, cumulative: BigInt(voucher.cumulative) } }];
  });
  if (held.length === 0) return [];
  const states = await deps.chain.channels(
    held.map(({ record }) => record.channel),
    { maxAgeMs: 5_000, signal },
  );
  const nowMs = deps.clock.monotonicMs();
  return held.map(({ name, record, voucher }, index) => {
    const { latest, final, head } = states[index]!;
    const { generation, tenant, provider, signer } = record.channel;
    if (voucher.cumulative <= latest.claimed) memory.unclaimedSince.delete(name);
    else if (!memory.unclaimedSince.has(name)) memory.unclaimedSince.set(name, nowMs);
    return {
      name,
      tenant,
      provider,
      signer,
      voucher,
      generation,
      cumulative: voucher.cumulative,
      reserved: latest.reserved,
      claimed: latest.claimed,
      chainGeneration: latest.generation,
      isClosing: latest.closeAt !== 0,
      unclaimedMs: nowMs - (memory.unclaimedSince.get(name) ?? nowMs),
      activeLeases: deps.informers.leaseRecords.byIndex('statedOn', name).length,
      quarantined: memory.quarantined.get(name),
      finalNumber: head.finalNumber,
      finalClaimed: final.generation === generation ? final.claimed : 0n,
      hasPending: record.pending !== undefined,
    };
  });
}
