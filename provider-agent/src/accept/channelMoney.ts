import type { GPULease } from '@gridlease/crds/gpulease';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { AcceptDeps, ChannelView } from './deps.ts';
import {
  type ChannelLease,
  channelLeases,
  decideFunding,
  exposuresAhead,
  type Funding,
} from './funding.ts';

/** The money side of accepting: who else lives off a channel, and whether it covers one more. */
export type ChannelMoney = {
  /** The channel by the agent's own RPC. Throws when the chain does not answer. */
  view(lease: GPULease, signal: AbortSignal): Promise<ChannelView>;
  /** Whether an accepted lease may run now. Once told yes it counts for all that ask later. */
  decide(record: LeaseRecord, view: ChannelView): Funding;
  /** The lease is over. */
  forget(leaseUid: string): void;
  /** Accepted leases that wait for money. */
  waiting(): number;
};

/** Reads caches and remembers what they don't show yet. */
export function createChannelMoney(deps: AcceptDeps): ChannelMoney {
  const { informers } = deps;
  /** Leases told that they may run, before the caches show it. */
  const funded = new Set<string>();

  const leasesOn = (channelName: string, also?: LeaseRecord): readonly ChannelLease[] => {
    const records = informers.records.list(deps.recordNamespace);
    const isKnown =
      also === undefined || records.some(({ metadata }) => metadata.name === also.metadata.name);
    return channelLeases(isKnown ? records : [...records, also], {
      channelName,
      stopSeconds: deps.stopSeconds,
      stated: (leaseId) => deps.stated(channelName, leaseId),
      isFunded: ({ spec }) => funded.has(spec.leaseRef.uid) || spec.funded === true,
    });
  };

  return {
    view(lease, signal) {
      const { tenant, provider, signer, generation } = lease.spec.terms;
      const { channelName } = lease.spec;
      return deps.channelView({ channelName, tenant, provider, signer, generation }, { signal });
    },
    decide(record, view) {
      const { uid } = record.spec.leaseRef;
      const exposures = exposuresAhead(leasesOn(record.spec.channelName, record), uid);
      const covered = decideFunding(view.headroom(exposures), exposures, deps.own.token);
      const funding = record.spec.funded === true ? { ...covered, funded: true } : covered;
      // No await between looking and remembering: the next lease sees this one's exposure.
      if (funding.funded) funded.add(uid);
      return funding;
    },
    forget: (leaseUid) => void funded.delete(leaseUid),
    waiting: () =>
      informers.records
        .list(deps.recordNamespace)
        .filter(
          ({ spec }) =>
            spec.state === 'Accepted' && spec.funded !== true && !funded.has(spec.leaseRef.uid),
        ).length,
  };
}
