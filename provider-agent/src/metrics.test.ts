import { expect, test } from '@jest/globals';
import { planCapacity } from './capacity.ts';
import { gpusOfNode } from './gpuNodes.ts';
import { unhealthyGpus } from './metrics.ts';
import { aNode } from './testing/clusterBuilders.ts';

const taint = (key: string) => ({ spec: { taints: [{ key, effect: 'NoSchedule' as const }] } });

test.each([
  ['none of a healthy node', aNode(), 0],
  ['what the device plugin took out', aNode({ healthy: 7 }), 1],
  ['all of a node that is not ready', aNode({ ready: 'Unknown' }), 8],
  [
    'all of a node that Kubernetes tainted for it',
    aNode({ ready: 'Unknown', ...taint('node.kubernetes.io/unreachable') }),
    8,
  ],
  ['none of a node that is drained', aNode({ spec: { unschedulable: true } }), 0],
  [
    'none of a drained node that restarts',
    aNode({ ready: 'False', spec: { unschedulable: true } }),
    0,
  ],
  ['none of a node that is kept for others', aNode(taint('dedicated')), 0],
])('unhealthy are %s', (_, node, expected) => {
  const nodes = gpusOfNode(node).groups;
  const capacity = planCapacity({ nodes, unusable: [], holds: [], reservations: [] });
  expect(unhealthyGpus(capacity)).toBe(expected);
});
