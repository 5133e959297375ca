import type { Address } from 'viem';
import type { Redeemable } from './decide.ts';
import type { RedeemDeps } from './deps.ts';
import { isRefused, type Outcome } from './outcomes.ts';
import type { Unclaimed } from './unclaimed.ts';
import type { SignedVoucher } from './voucher.ts';

/** What is known of the channels besides their records and the chain. */
export type Around = {
  readonly unclaimed: Unclaimed;
  readonly outcomes: ReadonlyMap<string, Outcome>;
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
  /** How its newest settlement went; undefined when none of this generation is stored. */
  readonly outcome: Outcome | undefined;
};

/** Every channel that has a voucher, in one view of the chain. */
export async function gatherChannels(
  deps: RedeemDeps,
  { unclaimed, outcomes }: Around,
  signal: AbortSignal,
): Promise<readonly GatheredChannel[]> {
  const held = deps.records.list().flatMap(([name, record]) => {
    const { voucher, channel } = record;
    return voucher === undefined || voucher.generation !== channel.generation
      ? []
      : [{ name, record, voucher: { ...voucher, cumulative: BigInt(voucher.cumulative) } }];
  });
  unclaimed.keep(held.map(({ name }) => name));
  if (held.length === 0) return [];
  const states = await deps.chain.channels(
    held.map(({ record }) => record.channel),
    { maxAgeMs: 5_000, signal },
  );
  return held.map(({ name, record, voucher }, index) => {
    const { latest, final, head } = states[index]!;
    const { generation, tenant, provider, signer } = record.channel;
    const newest = outcomes.get(name);
    const outcome = newest?.generation === generation ? newest : undefined;
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
      unclaimedMs: unclaimed.note(name, voucher.cumulative, latest.claimed),
      activeLeases: deps.informers.leaseRecords.byIndex('statedOn', name).length,
      quarantined: outcome && isRefused(outcome) ? outcome.cumulative : undefined,
      finalNumber: head.finalNumber,
      finalClaimed: final.generation === generation ? final.claimed : 0n,
      outcome,
    };
  });
}
