import { systemClock } from '@gridlease/kube/clock';
import { emptyInformer } from '@gridlease/kube/emptyInformer';
import { silentLogger } from '@gridlease/kube/log';
import { runtimeMetrics } from '@gridlease/kube/metrics';
import { Registry } from 'prom-client';
import { anchorMetrics } from './anchor/metrics.ts';
import { billingMetrics } from './billing/metrics.ts';
import { federationMetrics } from './federation/metrics.ts';
import { leaseMetrics } from './lease/metrics.ts';
import { matchMetrics, showOldestWaiting } from './match/metrics.ts';
import { chainRequests, operatorRegistry } from './metrics.ts';
import { recoveryMetrics } from './recovery/metrics.ts';
import { settlementMetrics } from './settlement/metrics.ts';
import { createSignalsStage } from './signals/stage.ts';

/** Every metric that the operator may show, before anything has happened: what the reference is made of. */
export function operatorMetrics(): {
  /** Served by every replica. */
  readonly everyReplica: Registry;
  /** Served by the one that leads. */
  readonly leader: Registry;
} {
  const everyReplica = operatorRegistry('0.0.0');
  runtimeMetrics(everyReplica);
  const leader = new Registry();
  matchMetrics(leader);
  showOldestWaiting(leader, () => new Map());
  leaseMetrics(leader);
  federationMetrics(leader, { list: () => [] });
  recoveryMetrics(leader, () => false);
  billingMetrics(leader);
  settlementMetrics(leader);
  anchorMetrics(leader);
  chainRequests(leader)('local', 'eth_call', 0);
  createSignalsStage({
    informers: {
      jobs: emptyInformer(),
      leases: emptyInformer(),
      channels: emptyInformer(),
      accounts: emptyInformer(),
      chains: emptyInformer(),
      providers: emptyInformer(),
      offers: emptyInformer(),
      inventories: emptyInformer(),
      transactions: emptyInformer(),
    },
    heartbeats: { exists: () => false, silentMs: () => 0, lastSeenMs: () => undefined },
    chains: { chainFor: () => undefined },
    endOf: () => 0,
    unreachableMs: 40_000,
    clock: systemClock,
    log: silentLogger,
    registry: leader,
  });
  return { everyReplica, leader };
}
