import { buildInfo } from '@gridlease/kube/buildInfo';
import { systemClock } from '@gridlease/kube/clock';
import { emptyInformer } from '@gridlease/kube/emptyInformer';
import { createRegistry, runtimeMetrics } from '@gridlease/kube/metrics';
import { Registry } from 'prom-client';
import { acceptMetrics } from './accept/metrics.ts';
import { fenceMetrics } from './fence/metrics.ts';
import { meterMetrics } from './meter/metrics.ts';
import { chainRequests, heartbeatAge, leaderMetrics } from './metrics.ts';
import { redeemMetrics } from './redeem/metrics.ts';
import { logMetrics } from './run/metrics.ts';

/** Every metric that an agent may show, before anything has happened: what the reference is made of. */
export function agentMetrics(): {
  /** Served by every replica. */
  readonly everyReplica: Registry;
  /** Served by the one that leads. */
  readonly leader: Registry;
} {
  const everyReplica = createRegistry();
  buildInfo(everyReplica, 'provider-agent', '0.0.0');
  runtimeMetrics(everyReplica);
  heartbeatAge(everyReplica, () => 0);
  fenceMetrics(everyReplica);
  const leader = new Registry();
  acceptMetrics(leader);
  logMetrics(leader);
  meterMetrics(leader);
  redeemMetrics(leader, { chainAgeSeconds: () => 0, oldestUnredeemedSeconds: () => 0 });
  chainRequests(leader);
  leaderMetrics(leader, {
    capacity: () => undefined,
    leases: emptyInformer(),
    inventories: emptyInformer(),
    transactions: emptyInformer(),
    clock: systemClock,
  });
  return { everyReplica, leader };
}
