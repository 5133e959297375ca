import { randomBytes } from 'node:crypto';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import * as resources from '@gridlease/crds/resources';
import * as builtins from '@gridlease/kube/builtins';
import { connectCluster } from '@gridlease/kube/cluster';
import { Informer } from '@gridlease/kube/informer';
import type { KubeObject, ResourceDefinition } from '@gridlease/kube/object';
import { resourceClient } from '@gridlease/kube/resources';
import { until } from '@gridlease/kube/testing/until';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Job, Node, Pod, RuntimeClass } from './clusterObjects.ts';
import { createClusterView, leaseUidIndex } from './clusterView.ts';
import type { NodeSettings } from './gpuNodes.ts';
import type { Manifest } from './run/manifests.ts';
import { renderTask } from './run/render.ts';
import { aWorkloadDocument, testHub } from './testing/builders.ts';
import { apply, createNode, kubectl, root, testEnvironment } from './testing/environment.ts';

/** A node as many clusters have it: GPUs, no GPU Feature Discovery, and a taint of the provider's own. */
const env = testEnvironment();
const suffix = randomBytes(3).toString('hex');
const nodeName = `bare-${suffix}`;
const namespace = `bare-${suffix}`;
const product = `Bare-${suffix}`;
const { kubeconfig } = env.provider;
const own = connectCluster({ name: 'own', kubeconfigPath: kubeconfig, userAgent: 'view-test/0' });
const stop = new AbortController();
const follow = <T extends KubeObject>(definition: ResourceDefinition) => {
  const informer = new Informer<T>({ cluster: own, definition, indexes: leaseUidIndex });
  informer.start(stop.signal);
  return informer;
};
const informers = {
  nodes: follow<Node>(builtins.nodes),
  pods: follow<Pod>(builtins.pods),
  jobs: follow<Job>(builtins.jobs),
  runtimeClasses: follow<RuntimeClass>(builtins.runtimeClasses),
  records: follow<LeaseRecord>(resources.leaseRecords),
};
const settings = (more: Partial<NodeSettings> = {}): NodeSettings => ({
  products: [],
  toleratedTaints: [],
  ...more,
});

beforeAll(async () => {
  apply(kubeconfig, `${root}/crds/manifests/provider`);
  createNode(kubeconfig, nodeName, product);
  kubectl(kubeconfig, ['label', 'node', nodeName, 'nvidia.com/gpu.product-', 'pool=bare']);
  kubectl(kubeconfig, ['taint', 'node', nodeName, `bare-${suffix}=:NoSchedule`]);
  apply(kubeconfig, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespace,
      labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
    },
  });
  await Promise.all(Object.values(informers).map((informer) => informer.synced(stop.signal)));
  // Its taint is written last.
  await until('the node', () =>
    informers.nodes.get(nodeName)?.spec?.taints?.some(({ key }) => key === `bare-${suffix}`),
  );
}, 60_000);

afterAll(async () => {
  kubectl(kubeconfig, ['delete', 'namespace', namespace, '--wait=false']);
  kubectl(kubeconfig, ['delete', 'node', nodeName]);
  stop.abort();
  await own.close();
}, 30_000);

describe('a node with GPUs and no product label', () => {
  test('is named with every way to have its GPUs offered, and offers nothing', async () => {
    const view = createClusterView(informers, testHub, settings());
    const unusable = view.capacity()?.unusable.find(({ name }) => name === nodeName);
    expect(unusable).toMatchObject({ gpus: 8 });
    for (const remedy of ['GPU Feature Discovery', 'kubectl label node', 'inventory.products']) {
      expect(unusable?.message).toContain(remedy);
    }
    expect(view.products()).not.toContain(product);
  });

  test('that is stated offers nothing while a taint keeps tenants off', () => {
    const products = [{ nodeName, product, memoryMiB: 24_564 }];
    const view = createClusterView(informers, testHub, settings({ products }));
    expect(view.room({ product, gpusPerTask: 1, tasks: 4 })).toMatchObject({ tasksThatFit: 0 });
  });

  test('that is stated, and its taint tolerated, runs a task: the scheduler finds it', async () => {
    const products = [{ nodeSelector: { pool: 'bare' }, product, memoryMiB: 24_564 }];
    const toleratedTaints = [`bare-${suffix}`];
    const view = createClusterView(informers, testHub, settings({ products, toleratedTaints }));
    expect(view.room({ product, gpusPerTask: 1, tasks: 4 })).toMatchObject({
      tasksThatFit: 4,
      freeGPUs: 8,
    });
    expect(view.productOn(nodeName, 'nvidia.com/gpu')).toBe(product);
    const job = renderTask({
      identity: {
        providerName: 'alpha',
        hub: 'hub',
        managedBy: 'view-test',
        leaseUid: 'lease',
        epoch: 1,
        job: { namespace: 'team-a', name: 'bare', uid: 'job' },
      },
      namespace,
      index: 0,
      document: aWorkloadDocument({ gpu: { count: 2, memoryMiB: 24_000 } }),
      gpus: view.selection(product)!,
      runtimeClassName: undefined,
    });
    await resourceClient<Manifest>(own, builtins.jobs).create(job);
    const pod = await until('the pod on its node', () =>
      informers.pods.list(namespace).find(({ spec }) => spec?.nodeName !== undefined),
    );
    expect(pod.spec?.nodeName).toBe(nodeName);
    await until('its GPUs to be held', () =>
      view.capacity()?.nodes.some((node) => node.nodeName === nodeName && node.used === 2),
    );
    expect(view.room({ product, gpusPerTask: 1, tasks: 8 })).toMatchObject({ freeGPUs: 6 });
  }, 60_000);
});
