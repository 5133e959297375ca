import type { Informer } from '@gridlease/kube/informer';
import { objectKey } from '@gridlease/kube/object';
import { describe, expect, test } from '@jest/globals';
import type { Node, Pod } from './clusterObjects.ts';
import { type ClusterInformers, createClusterView } from './clusterView.ts';
import type { NodeSettings } from './gpuNodes.ts';
import { runtimeClassFor } from './runtimeClass.ts';
import { testHub } from './testing/builders.ts';
import { aNode, aPod } from './testing/clusterBuilders.ts';

/** What is in the cluster, as full caches. */
function viewOf(
  objects: { readonly nodes: readonly Node[]; readonly pods?: readonly Pod[] },
  settings?: NodeSettings,
) {
  const cache = (list: readonly (Node | Pod)[]) => ({
    hasSynced: true,
    list: () => list,
    get: (key: string) => list.find((object) => objectKey(object) === key),
    byIndex: () => [],
    onChange: () => () => undefined,
  });
  const none = cache([]);
  const informers = {
    nodes: cache(objects.nodes),
    pods: cache(objects.pods ?? []),
    jobs: none,
    runtimeClasses: none,
    records: none,
  } as unknown as { [K in keyof ClusterInformers]: Informer<never> };
  return createClusterView(informers as unknown as ClusterInformers, testHub, settings);
}

const controlPlane = [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }];
const wish = { product: 'H100-80GB-HBM3', gpusPerTask: 1, tasks: 8 };

describe('a cluster of one node', () => {
  test('is offered although it is the control plane, and tasks tolerate that', () => {
    const view = viewOf({ nodes: [aNode({ spec: { taints: controlPlane } })] });
    expect(view.room(wish)?.tasksThatFit).toBe(8);
    expect(view.selection(wish.product)?.toleratedTaints).toContain(controlPlane[0]!.key);
  });

  test('is no reason to use the control plane of a larger one', () => {
    const view = viewOf({
      nodes: [aNode({ spec: { taints: controlPlane } }), aNode({ name: 'node-b', gpus: 4 })],
    });
    expect(view.room(wish)?.tasksThatFit).toBe(4);
    expect(view.selection(wish.product)?.toleratedTaints).toEqual([]);
  });
});

describe('the nodes behind a product', () => {
  const bare = aNode({ name: 'node-b', labels: { 'nvidia.com/gpu.product': undefined } });
  const settings = {
    products: [{ nodeName: 'node-b', product: 'NVIDIA-H100-80GB-HBM3', memoryMiB: 81_559 }],
    toleratedTaints: [],
  };

  test('are those with a label and those that are stated', () => {
    const view = viewOf({ nodes: [aNode(), bare] }, settings);
    expect(view.room({ ...wish, tasks: 16 })?.tasksThatFit).toBe(16);
    expect(view.selection(wish.product)).toMatchObject({
      rawProducts: ['NVIDIA-H100-80GB-HBM3'],
      statedNodes: [{ nodeName: 'node-b', memoryMiB: 81_559 }],
    });
    expect(view.productOn('node-b', 'nvidia.com/gpu')).toBe(wish.product);
    expect(view.productOn('node-c', 'nvidia.com/gpu')).toBeUndefined();
  });
});

describe('free GPUs while devices are unhealthy', () => {
  // The scheduler takes the GPU of a pod off the healthy ones, be it healthy or not.
  test.each([
    ['one of four that a pod holds', 3, 1, 2],
    ['all four, two of them held', 0, 2, 0],
    ['none', 4, 2, 2],
    ['one of four, all held', 3, 4, 0],
  ])('%s: what the scheduler would still place', (_name, healthy, held, free) => {
    const view = viewOf({ nodes: [aNode({ gpus: 4, healthy })], pods: [aPod({ gpus: held })] });
    expect(view.room(wish)?.freeGPUs).toBe(free);
    expect(view.capacity()?.nodes[0]).toMatchObject({ capacity: 4, allocatable: healthy, free });
  });
});

describe('what is read of pods that are not the agent’s', () => {
  test('the exporter’s pages, by NVIDIA’s labels', () => {
    const exporter = (
      labels: Record<string, string>,
      podIP: string,
      namespace = 'gpu-operator',
      leaseUid?: string,
    ) => {
      const pod = aPod({ labels, gpus: 0, ...(leaseUid === undefined ? {} : { leaseUid }) });
      const metadata = { ...pod.metadata, namespace };
      return { ...pod, metadata, status: { ...pod.status, podIP } };
    };
    const pods = [
      exporter({ app: 'nvidia-dcgm-exporter' }, '10.0.0.7'),
      exporter({ 'app.kubernetes.io/name': 'dcgm-exporter' }, 'fd00::7'),
      exporter({ app: 'other' }, '10.0.0.8'),
      // Anybody may label a pod of his own.
      exporter({ app: 'nvidia-dcgm-exporter' }, '10.0.0.9', 'dev'),
      exporter({ app: 'nvidia-dcgm-exporter' }, '10.0.0.10', 'gpu-operator', 'lease-1'),
    ];
    expect(viewOf({ nodes: [], pods }).exporterPages(['gpu-operator'])).toEqual([
      { url: 'http://10.0.0.7:9400/metrics', nodeName: 'node-a' },
      { url: 'http://[fd00::7]:9400/metrics', nodeName: 'node-a' },
    ]);
  });

  test('who keeps NetworkPolicies on the nodes with GPUs', () => {
    const calico = aPod({ labels: { 'k8s-app': 'calico-node' }, gpus: 0, node: 'node-a' });
    const nodes = [aNode(), aNode({ name: 'node-b' }), aNode({ name: 'node-c', gpus: 0 })];
    expect(viewOf({ nodes, pods: [calico] }).networkEnforcers()).toEqual([
      { name: 'node-a', enforcer: 'Calico' },
      { name: 'node-b', enforcer: undefined },
    ]);
  });
});

test.each([
  ['runc', ['nvidia', 'runc'], 'nvidia'],
  ['runc', [], undefined],
  ['gvisor', ['nvidia', 'runsc'], 'runsc'],
  ['kata', ['nvidia'], undefined],
] as const)(
  'isolation %s with the RuntimeClasses %j runs with %s',
  (isolation, names, expected) => {
    const classes = names.map((name) => ({ name, handler: name }));
    expect(runtimeClassFor(classes, isolation)).toBe(expected);
  },
);
