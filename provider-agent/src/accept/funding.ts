import { formatTokenAmount } from '@gridlease/contracts/amount';
import { leaseExposure } from '@gridlease/contracts/channel';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { LeaseTermsOnObject } from '@gridlease/crds/leaseTerms';
import type { Hex } from 'viem';

/** A lease on a channel, as far as its money goes. */
export type ChannelLease = {
  readonly uid: string;
  /** Token smallest units that this lease can cost before the agent has stopped it unpaid. */
  readonly exposure: bigint;
  readonly acceptedMs: bigint;
  /** True once it was told that it may run. */
  readonly funded: boolean;
};

export type Funding =
  | { readonly funded: true; readonly message: string }
  | { readonly funded: false; readonly message: string };

/**
 * What one lease can cost beyond what was stated of it: price × GPUs × (interval + grace + stop), and
 * never more than its maximum leaves, so that a small budget is not asked for a large reserve.
 */
export function exposureOf(terms: LeaseTermsOnObject, stopSeconds: number, stated = 0n): bigint {
  return leaseExposure({
    gpuCount: terms.gpuCount,
    pricePerGpuHour: BigInt(terms.pricePerGpuHour),
    intervalSeconds: terms.intervalSeconds,
    graceSeconds: terms.graceSeconds,
    stopSeconds,
    left: BigInt(terms.maxAmount) - stated,
  });
}

/** The leases of one channel that may still cost something. */
export function channelLeases(
  records: readonly LeaseRecord[],
  options: {
    readonly channelName: string;
    readonly stopSeconds: number;
    readonly isFunded: (record: LeaseRecord) => boolean;
    /** What the last statement claims for a lease, smallest units. */
    readonly stated: (leaseId: Hex) => bigint;
  },
): readonly ChannelLease[] {
  return records
    .filter(
      (record) => record.spec.channelName === options.channelName && record.spec.state !== 'Ended',
    )
    .map((record) => ({
      uid: record.spec.leaseRef.uid,
      exposure: exposureOf(
        record.spec.terms,
        options.stopSeconds,
        options.stated(record.spec.leaseId),
      ),
      acceptedMs: BigInt(record.spec.acceptance.acceptedMs),
      funded: record.spec.state === 'Running' || options.isFunded(record),
    }));
}

/**
 * The exposures that count before `uid` may start, its own included: of every lease that runs, and of
 * those that have waited longer. Waiting leases are funded in the order in which they were accepted,
 * so that a large one isn't overtaken for ever and two small ones don't block each other.
 */
export function exposuresAhead(leases: readonly ChannelLease[], uid: string): readonly bigint[] {
  const own = leases.find((lease) => lease.uid === uid);
  if (own === undefined) return leases.map((lease) => lease.exposure);
  return leases
    .filter((lease) => lease.uid === uid || lease.funded || waitedLonger(lease, own))
    .map((lease) => lease.exposure);
}

/** Whether what is left on the channel covers this lease. `headroom` is negative when it is short. */
export function decideFunding(
  headroom: bigint,
  exposures: readonly bigint[],
  token: { readonly symbol: string; readonly decimals: number },
): Funding {
  const shown = (amount: bigint) => `${formatTokenAmount(amount, token.decimals)} ${token.symbol}`;
  const needed = exposures.reduce((sum, exposure) => sum + exposure, 0n);
  const message = `needs ${shown(needed)} in reserve for ${exposures.length} leases, has ${shown(headroom + needed)}`;
  return { funded: headroom >= 0n, message };
}

function waitedLonger(lease: ChannelLease, than: ChannelLease): boolean {
  if (lease.acceptedMs !== than.acceptedMs) return lease.acceptedMs < than.acceptedMs;
  return lease.uid < than.uid;
}
