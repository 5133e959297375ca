import type { GPULease } from '@gridlease/crds/gpulease';
import { emptyInformer } from '@gridlease/kube/emptyInformer';
import { fillRuntime } from '@gridlease/kube/testing/fillRuntime';
import { mapInformer } from '@gridlease/kube/testing/mapInformer';
import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import type { CapacityNode } from './capacity.ts';
import { leaderMetrics } from './metrics.ts';
import { agentMetrics } from './metricsCatalog.ts';

/** What one of 100 agents of a hub with 10,000 jobs may show: its share is 100 leases. */
const mostSeries = 2_500;
const leases = 100;
const controllers = 8;
/** Kinds that an agent watches, at both API servers. */
const informers = 14;
const products = ['H100-80GB-HBM3', 'L40S', 'A100-SXM4-80GB', 'RTX-4090'];

const aNode = (index: number): CapacityNode =>
  ({
    nodeName: `node-${index}`,
    product: products[index % products.length]!,
    capacity: 8,
    allocatable: 7,
    schedulable: true,
    used: 1,
    leased: 2,
    free: 4,
  }) as unknown as CapacityNode;

const condition = (type: string) => ({
  type,
  status: 'True',
  reason: type,
  message: '',
  lastTransitionTime: '',
});
const aLease = (index: number): GPULease =>
  ({
    apiVersion: 'gridlease.dev/v1alpha1',
    kind: 'GPULease',
    metadata: { name: `lease-${index}`, namespace: 'gridlease-provider-alpha' },
    spec: { desiredState: 'Running' },
    status: { conditions: index % 2 === 0 ? [condition('Accepted'), condition('Delivered')] : [] },
  }) as unknown as GPULease;

const seriesIn = (page: string) =>
  page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test(`an agent with 100 leases and 64 nodes shows fewer than ${mostSeries} series`, async () => {
  const registry = new Registry();
  leaderMetrics(registry, {
    capacity: () => ({
      nodes: Array.from({ length: 64 }, (_, index) => aNode(index)),
      unusable: [],
      unplaced: new Map(),
    }),
    leases: mapInformer(...Array.from({ length: leases }, (_, index) => aLease(index))),
    inventories: emptyInformer(),
    transactions: emptyInformer(),
    clock: { now: () => new Date(0) },
  });
  const { everyReplica, leader } = agentMetrics();
  fillRuntime(everyReplica, { controllers, kinds: informers, targets: ['hub', 'cluster'] });
  const pages = await Promise.all([registry, leader, everyReplica].map((one) => one.metrics()));
  const [ofLeases, ofStages, ofProgram] = pages.map((page) => seriesIn(page).length);
  process.stdout.write(`series: ${ofLeases}, ${ofStages} of stages, ${ofProgram} of the runtime\n`);
  expect(ofLeases! + ofStages! + ofProgram!).toBeLessThan(mostSeries);
  expect(pages[0]).toContain('gridlease_agent_leases{state="running"} 50');
  expect(pages[0]).toContain('gridlease_agent_leases{state="pending"} 50');
  expect(pages[0]).toContain('gridlease_gpus{product="L40S",state="capacity"} 128');
  expect(pages[0]).toContain('gridlease_unhealthy_gpus 64');
});
