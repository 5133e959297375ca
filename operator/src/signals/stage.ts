import type { ChainTransaction } from '@gridlease/crds/chaintransaction';
import type { GPUInventory } from '@gridlease/crds/gpuinventory';
import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { followTransactions } from '@gridlease/crds/transactionFigures';
import { delay } from '@gridlease/kube/abort';
import type { Clock } from '@gridlease/kube/clock';
import type { Informer } from '@gridlease/kube/informer';
import type { Logger } from '@gridlease/kube/log';
import type { Registry } from 'prom-client';
import type { LookClient } from './channelLook.ts';
import { followChannels, isOn } from './followChannels.ts';
import { countJobs, followJobs } from './followJobs.ts';
import {
  committedPerHour,
  countLeases,
  oldestStarting,
  oldestUnsettled,
  onRefusal,
} from './followLeases.ts';
import { followPayments } from './followPayments.ts';
import { jobMetrics } from './jobMetrics.ts';
import { leaseMetrics } from './leaseMetrics.ts';
import { leaseMismatches } from './mismatches.ts';
import { providerMetrics } from './providerMetrics.ts';
import { isHeard, type ProviderSources, providerReads } from './readProviders.ts';

export type SignalsDeps = {
  readonly informers: {
    readonly jobs: Informer<GPUJob>;
    readonly leases: Informer<GPULease>;
    readonly channels: Informer<PaymentChannel>;
    readonly accounts: Informer<PaymentAccount>;
    readonly chains: Informer<SettlementChain>;
    readonly providers: Informer<GPUProvider>;
    readonly offers: Informer<GPUOffer>;
    readonly inventories: Informer<GPUInventory>;
    /** The operator's own. */
    readonly transactions: Informer<ChainTransaction>;
  };
  readonly heartbeats: ProviderSources['heartbeats'];
  readonly chains: { chainFor(name: string): LookClient | undefined };
  /** When a lease ended, unix milliseconds; 0 when nobody has said. */
  readonly endOf: (lease: GPULease) => number;
  readonly unreachableMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
  /** Pause between two looks at the chains, in milliseconds. Default: 15,000. */
  readonly lookMs?: number;
};

export type SignalsStage = {
  start(signal: AbortSignal): void;
  readonly stopped: Promise<void>;
  /** One look at the chains and the heartbeats; `start` takes one after the other. */
  look(signal: AbortSignal): Promise<void>;
};

/**
 * Shows how the federation is doing, and whether what runs, what is paid and what is on the chain agree.
 * Reads the caches and the chain, decides nothing and writes nothing.
 */
export function createSignalsStage(deps: SignalsDeps): SignalsStage {
  const { informers, clock, registry, lookMs = 15_000 } = deps;
  const { leases, providers } = informers;
  const heard = (provider: string) => isHeard(deps, provider);
  const nowMs = () => clock.monotonicMs();

  const jobs = jobMetrics(registry, { jobs: countJobs(informers.jobs) });
  followJobs(informers, jobs);
  informers.offers.onChange(({ spec: { product } }, _old, { type }) => {
    // What is offered will be run on: from zero, so that the first start is seen as a step.
    if (type === 'added') jobs.startSeconds.zero({ product });
  });

  // The informers have a `heartbeats` too; what is asked is what deps makes of it.
  const ofProviders = providerMetrics(registry, providerReads({ ...informers, ...deps }));
  onRefusal(leases, (provider, reason) => ofProviders.refusals.inc({ provider, reason }));

  const mismatches = leaseMismatches({ leases, isHeard: heard, nowMs });
  const truth = followChannels(deps);
  const isGivenUp = (provider: string) => providers.get(provider)?.spec.abandoned !== undefined;
  const oldestEndMs = oldestUnsettled(leases, deps.endOf, isGivenUp);
  const ofLeases = leaseMetrics(registry, {
    leases: countLeases(leases),
    committedPerHour: committedPerHour(leases),
    mismatches: () => [
      [{ kind: 'paid_not_running' }, mismatches.paidNotRunning()],
      [{ kind: 'running_not_paid' }, mismatches.runningNotPaid()],
      [{ kind: 'chain_only' }, truth.chainOnly()],
      [{ kind: 'cluster_only' }, truth.clusterOnly()],
    ],
    oldestUnsettledSeconds: () => {
      const endMs = oldestEndMs();
      return endMs === undefined ? 0 : Math.max(0, clock.now().getTime() - endMs) / 1_000;
    },
    startingSeconds: oldestStarting(leases, providers, clock),
    drift: truth.drift,
  });
  leases.onChange((lease, _old, { type }) => {
    if (type === 'added') ofLeases.begin(lease);
  });
  providers.onChange(({ metadata: { name } }, _old, { type }) => {
    if (type === 'added') ofProviders.begin(name);
    if (type !== 'deleted') return;
    ofProviders.forget(name);
    ofLeases.forget(name);
  });
  followPayments(
    {
      channels: informers.channels,
      leases,
      decimalsOf: (channel) =>
        informers.chains.list().find((chain) => isOn(channel, chain))?.spec.token.decimals,
      onPaid: mismatches.paid,
      onGrowth: mismatches.grew,
    },
    ofLeases,
  );
  followTransactions(registry, informers.transactions, ['FundChannel', 'AnchorPlacements'], clock);

  async function look(signal: AbortSignal): Promise<void> {
    mismatches.noteSilence(providers.list().map(({ metadata }) => metadata.name));
    await truth.lookAtAll(signal);
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await look(signal);
      await delay(lookMs, signal).catch(() => undefined);
    }
  }

  let stopped: Promise<void> = Promise.resolve();
  return {
    start: (signal) => {
      stopped = run(signal);
    },
    get stopped() {
      return stopped;
    },
    look,
  };
}
