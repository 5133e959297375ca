import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { freeGPUs, planCapacity, type Reservation, tasksThatFit } from './capacity.ts';
import { gpusOfNode } from './gpuNodes.ts';
import { type GPUHold, gpuHoldsOf } from './gpuPods.ts';
import { testHub } from './testing/builders.ts';
import { aNode, aPod } from './testing/clusterBuilders.ts';

const product = 'H100-80GB-HBM3';
const plan = (input: {
  readonly nodes?: readonly ReturnType<typeof aNode>[];
  readonly pods?: readonly ReturnType<typeof aPod>[];
  readonly reservations?: readonly Reservation[];
}) =>
  planCapacity({
    nodes: (input.nodes ?? [aNode()]).flatMap((node) => gpusOfNode(node).groups),
    unusable: [],
    holds: (input.pods ?? []).flatMap((pod) => gpuHoldsOf(pod, testHub)),
    reservations: input.reservations ?? [],
  });
const aReservation = (overrides: Partial<Reservation> = {}): Reservation => ({
  leaseUid: 'lease-a',
  product,
  gpusPerTask: 2,
  tasks: 2,
  ...overrides,
});

describe('capacity', () => {
  test.each([
    ['an idle node is free', {}, { used: 0, leased: 0, free: 8 }],
    ['a stranger’s pod is used', { pods: [aPod({ gpus: 3 })] }, { used: 3, leased: 0, free: 5 }],
    [
      'a promised lease without pods is leased',
      { reservations: [aReservation()] },
      { used: 0, leased: 4, free: 4 },
    ],
    [
      'a bound pod of a promised lease is not counted twice',
      { pods: [aPod({ gpus: 2, leaseUid: 'lease-a' })], reservations: [aReservation()] },
      { used: 0, leased: 4, free: 4 },
    ],
    [
      'a pod of a lease that has ended is used until it is gone',
      { pods: [aPod({ gpus: 2, leaseUid: 'lease-a' })] },
      { used: 2, leased: 0, free: 6 },
    ],
    [
      'the pod of another hub’s lease is used',
      {
        pods: [aPod({ gpus: 2, leaseUid: 'lease-a', labels: { 'gridlease.dev/hub': 'other' } })],
        reservations: [aReservation({ tasks: 0 })],
      },
      { used: 2, leased: 0, free: 6 },
    ],
    [
      'an unhealthy GPU is not free',
      { nodes: [aNode({ healthy: 7 })], pods: [aPod({ gpus: 2 })] },
      { used: 2, leased: 0, free: 5 },
    ],
    [
      'nothing is free on a cordoned node',
      { nodes: [aNode({ spec: { unschedulable: true } })] },
      { used: 0, leased: 0, free: 0 },
    ],
    [
      'free never falls below zero when GPUs fail under pods',
      { nodes: [aNode({ healthy: 2 })], pods: [aPod({ gpus: 6 })] },
      { used: 6, leased: 0, free: 0 },
    ],
  ])('%s', (_name, input, expected) => {
    expect(plan(input).nodes[0]).toMatchObject(expected);
  });

  test('packs promised tasks on the fullest node that takes them, the largest first', () => {
    const nodes = [aNode({ name: 'a', gpus: 4 }), aNode({ name: 'b', gpus: 8 })];
    const capacity = plan({
      nodes,
      reservations: [
        aReservation({ leaseUid: 'small', gpusPerTask: 1, tasks: 3 }),
        aReservation({ leaseUid: 'large', gpusPerTask: 8, tasks: 1 }),
      ],
    });
    expect(capacity.nodes.map((node) => node.free)).toEqual([1, 0]);
    expect(capacity.unplaced.size).toBe(0);
  });

  test('a task needs all of its GPUs on one node', () => {
    const capacity = plan({
      nodes: [aNode({ name: 'a', gpus: 4 }), aNode({ name: 'b', gpus: 4 })],
    });
    expect(freeGPUs(capacity, product)).toBe(8);
    expect(tasksThatFit(capacity, { product, gpusPerTask: 8, tasks: 1 })).toBe(0);
    expect(tasksThatFit(capacity, { product, gpusPerTask: 3, tasks: 5 })).toBe(2);
    expect(tasksThatFit(capacity, { product: 'L40S', gpusPerTask: 1, tasks: 1 })).toBe(0);
  });

  test('says which lease lost its place when a node left', () => {
    const capacity = plan({ reservations: [aReservation({ gpusPerTask: 8, tasks: 2 })] });
    expect(capacity.unplaced).toEqual(new Map([['lease-a', 1]]));
  });

  test('whatever is accepted, bound and ended, no node is ever promised more than it has', () => {
    const step = fc.oneof(
      fc.record({
        type: fc.constant('accept' as const),
        gpusPerTask: fc.integer({ min: 1, max: 8 }),
        tasks: fc.integer({ min: 1, max: 6 }),
      }),
      fc.record({ type: fc.constant('bind' as const), pick: fc.nat() }),
      fc.record({ type: fc.constant('end' as const), pick: fc.nat() }),
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(sizes, fc.array(step, { maxLength: 40 }), (gpus, steps) => {
        const nodes = gpus.flatMap(
          (count, index) => gpusOfNode(aNode({ name: `node-${index}`, gpus: count })).groups,
        );
        let reservations: Reservation[] = [];
        let holds: GPUHold[] = [];
        const now = () => planCapacity({ nodes, unusable: [], holds, reservations });
        steps.forEach((action, position) => {
          const leaseUid = `lease-${position}`;
          if (action.type === 'accept') {
            const wish = { product, ...action };
            if (tasksThatFit(now(), wish) === wish.tasks) reservations.push({ leaseUid, ...wish });
          } else if (action.type === 'end') {
            const ended = reservations[action.pick % Math.max(1, reservations.length)];
            reservations = reservations.filter((other) => other !== ended);
            holds = holds.filter((hold) => hold.leaseUid !== ended?.leaseUid);
          } else {
            const lease = reservations[action.pick % Math.max(1, reservations.length)];
            const bound = holds.filter((hold) => hold.leaseUid === lease?.leaseUid).length;
            // As a scheduler would: where the pod alone fits beside the pods that are bound.
            const node = nodes.find((candidate) => {
              const held = holds.filter((hold) => hold.nodeName === candidate.nodeName);
              const taken = held.reduce((sum, hold) => sum + hold.gpus, 0);
              return candidate.allocatable - taken >= (lease?.gpusPerTask ?? Infinity);
            });
            if (lease !== undefined && node !== undefined && bound < lease.tasks) {
              const { nodeName, resourceName } = node;
              const gpus = lease.gpusPerTask;
              holds.push({ nodeName, resourceName, gpus, leaseUid: lease.leaseUid });
            }
          }
          for (const node of now().nodes) {
            expect(node.free).toBeGreaterThanOrEqual(0);
            expect(node.used + node.leased + node.free).toBeLessThanOrEqual(node.allocatable);
          }
          const promised = reservations.reduce((sum, r) => sum + r.tasks * r.gpusPerTask, 0);
          expect(promised).toBeLessThanOrEqual(gpus.reduce((sum, count) => sum + count, 0));
        });
      }),
    );
  });
});
