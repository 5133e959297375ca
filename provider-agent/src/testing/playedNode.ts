import { LABEL_LEASE_UID } from '@gridlease/crds/labels';
import * as builtins from '@gridlease/kube/builtins';
import type { Cluster } from '@gridlease/kube/cluster';
import { toKubeTime, toMicroTime } from '@gridlease/kube/conditions';
import type { KubeObject } from '@gridlease/kube/object';
import { resourceClient } from '@gridlease/kube/resources';

/**
 * A node whose kubelet is the test: no simulator touches it, and a test writes pod and node statuses as a
 * kubelet would, through a real API server.
 */
export async function aPlayedNode(
  cluster: Cluster,
  options: { readonly name: string; readonly namespace: string; readonly product: string },
) {
  const { name, namespace } = options;
  const nodes = resourceClient<KubeObject>(cluster, builtins.nodes);
  const pods = resourceClient<KubeObject>(cluster, builtins.pods);
  const leases = resourceClient<KubeObject>(cluster, builtins.leases);
  const nodeLease = { name, namespace: 'kube-node-lease' };
  await nodes.create({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'nvidia.com/gpu.product': options.product } },
  });
  await leases.create({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: nodeLease,
    spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: toMicroTime(new Date()) },
  } as KubeObject);

  let isAlive = true;
  const beat = async (): Promise<void> => {
    if (!isAlive) return;
    const spec = { renewTime: toMicroTime(new Date()) };
    await leases.mergePatch(nodeLease, { spec }).catch(() => undefined);
  };
  const timer = setInterval(() => void beat(), 500);

  /** Gives the time that is written, in milliseconds. */
  const say = async (status: 'True' | 'Unknown', message: string): Promise<number> => {
    const now = toKubeTime(new Date());
    const ready = {
      type: 'Ready',
      status,
      reason: status === 'True' ? 'KubeletReady' : 'NodeStatusUnknown',
      message,
      lastHeartbeatTime: now,
      lastTransitionTime: now,
    };
    await nodes.mergePatchStatus({ name }, { status: { conditions: [ready] } });
    return Date.parse(now);
  };
  await say('True', 'kubelet is posting ready status');

  return {
    name,
    /** A pod of a lease with two GPUs, bound to this node. Nothing of it runs yet. */
    async bind(pod: string, leaseUid: string): Promise<void> {
      await pods.create({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: pod, namespace, labels: { [LABEL_LEASE_UID]: leaseUid } },
        spec: {
          nodeName: name,
          containers: [
            {
              name: 'task',
              image: 'example.com/task',
              resources: { limits: { 'nvidia.com/gpu': '2' } },
            },
          ],
        },
      } as KubeObject);
    },
    /** What the kubelet says of the pod's container. */
    async report(pod: string, container: object, phase = 'Running'): Promise<void> {
      const status = {
        phase,
        containerStatuses: [
          {
            name: 'task',
            image: 'example.com/task',
            imageID: '',
            ready: false,
            restartCount: 0,
            ...container,
          },
        ],
      };
      await pods.mergePatchStatus({ name: pod, namespace }, { status });
    },
    /** The kubelet says nothing any more, and the control plane gives the node up: from when on. */
    async lose(): Promise<number> {
      isAlive = false;
      return await say('Unknown', 'Kubelet stopped posting node status.');
    },
    /** From when on the node is well again. */
    async comeBack(): Promise<number> {
      isAlive = true;
      await beat();
      return await say('True', 'kubelet is posting ready status');
    },
    async [Symbol.asyncDispose](): Promise<void> {
      clearInterval(timer);
      const { items } = await pods.list({ namespace, fieldSelector: `spec.nodeName=${name}` });
      for (const { metadata } of items) {
        await pods.delete(metadata, { uid: metadata.uid ?? '', gracePeriodSeconds: 0 });
      }
      for (const [client, ref] of [
        [leases, nodeLease],
        [nodes, { name }],
      ] as const) {
        const found = await client.find(ref);
        if (found !== undefined) await client.delete(ref, { uid: found.metadata.uid ?? '' });
      }
    },
  };
}
