import type { ChainTransaction } from '@gridlease/crds/chaintransaction';
import type { GPUInventory } from '@gridlease/crds/gpuinventory';
import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseStanding, leaseStandings } from '@gridlease/crds/leaseState';
import { followTransactions } from '@gridlease/crds/transactionFigures';
import { methodLabel, rpcDuration, rpcMethods } from '@gridlease/kube/chainMetrics';
import type { Clock } from '@gridlease/kube/clock';
import type { Informer } from '@gridlease/kube/informer';
import { readGauge, type Series, seriesGauge } from '@gridlease/kube/seriesGauge';
import { Tally } from '@gridlease/kube/tally';
import { Histogram, type Registry } from 'prom-client';
import type { Capacity } from './capacity.ts';

/** What the leading replica shows besides what its stages count: the others would show it again. */
export type LeaderReads = {
  readonly capacity: () => Capacity | undefined;
  readonly leases: Pick<Informer<GPULease>, 'onChange'>;
  readonly inventories: Pick<Informer<GPUInventory>, 'list'>;
  /** The agent's own. */
  readonly transactions: Pick<Informer<ChainTransaction>, 'onChange'>;
  readonly clock: Pick<Clock, 'now'>;
};

/** The cluster's GPUs, the leases and the inventory, read from caches when somebody looks. */
export function leaderMetrics(registry: Registry, read: LeaderReads): void {
  seriesGauge(registry, {
    name: 'gridlease_gpus',
    help: 'GPUs of the cluster by normalised product: capacity, healthy, used by others, leased, free.',
    labelNames: ['product', 'state'] as const,
    values: { state: ['capacity', 'healthy', 'used', 'leased', 'free'] },
    read: () => gpuSeries(read.capacity()),
  });
  readGauge(registry, {
    name: 'gridlease_unhealthy_gpus',
    help: 'GPUs that can not be leased because their device plugin does not report them healthy or their node is not Ready. Nodes that are cordoned, or tainted on purpose, do not count.',
    read: () => unhealthyGpus(read.capacity()),
  });
  const standings = Tally.follow(read.leases, ['state'] as const, (lease) => [
    [{ state: leaseStanding(lease) }, 1],
  ]);
  seriesGauge(registry, {
    name: 'gridlease_agent_leases',
    help: 'GPULeases of this provider at the hub by state: pending, running (Delivered), suspended (stopped until it is paid or funded again), unsettled (ended, its money not final yet), ended.',
    labelNames: ['state'] as const,
    values: { state: leaseStandings },
    read: () => {
      const known = new Map([...standings.series()].map(([{ state }, count]) => [state, count]));
      return leaseStandings.map((state) => [{ state }, known.get(state) ?? 0] as const);
    },
  });
  readGauge(registry, {
    name: 'gridlease_inventory_timestamp_seconds',
    help: 'When the newest inventory at the hub was observed, Unix time; it is written when something changes. No sample before the first.',
    read: () => {
      const observed = Date.parse(read.inventories.list()[0]?.spec.observedTime ?? '');
      return Number.isNaN(observed) ? undefined : observed / 1_000;
    },
  });
  const operations = ['SettleVouchers', 'WithdrawCredit'] as const;
  followTransactions(registry, read.transactions, operations, read.clock);
}

/** Shown by every replica: each learns of the leader's renewals by itself. */
export function heartbeatAge(registry: Registry, ageMs: () => number): void {
  readGauge(registry, {
    name: 'gridlease_heartbeat_age_seconds',
    help: 'Seconds since the last renewal that the hub answered, by whichever replica, or since this replica began while it knows of none.',
    read: () => ageMs() / 1_000,
  });
}

/** How long the agent's own RPC takes to answer, from zero for every method. */
export function chainRequests(registry: Registry): (method: string, seconds: number) => void {
  const duration = new Histogram({
    ...rpcDuration,
    labelNames: ['method'] as const,
    registers: [registry],
  });
  for (const method of rpcMethods) duration.zero({ method });
  return (method, seconds) => duration.observe({ method: methodLabel(method) }, seconds);
}

function* gpuSeries(capacity: Capacity | undefined): Iterable<Series<'product' | 'state'>> {
  const sums = new Map<string, Map<string, number>>();
  for (const node of capacity?.nodes ?? []) {
    const { product, used, leased, free } = node;
    const healthy = node.schedulable ? node.allocatable : 0;
    const of = sums.get(product) ?? new Map<string, number>();
    sums.set(product, of);
    const states = { capacity: node.capacity, healthy, used, leased, free };
    for (const [state, gpus] of Object.entries(states)) {
      of.set(state, (of.get(state) ?? 0) + gpus);
    }
  }
  for (const [product, of] of sums)
    for (const [state, gpus] of of) yield [{ product, state }, gpus];
}

/** 0 while nothing is known: nothing is known to be wrong either. */
export function unhealthyGpus(capacity: Capacity | undefined): number {
  const offered = (capacity?.nodes ?? []).filter(({ isSetAside }) => isSetAside !== true);
  return offered.reduce(
    (sum, node) => sum + node.capacity - (node.schedulable ? node.allocatable : 0),
    0,
  );
}
