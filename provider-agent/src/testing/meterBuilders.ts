import type { NodeView } from '../meter/node.ts';
import type { PodObject } from '../meter/pod.ts';
import type { ContainerRun, Segment } from '../meter/segment.ts';

/** What the meter reads, in whole seconds; a test states only what it is about. */

export const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
export const running = (startedAt: number) => ({ running: { startedAt: at(startedAt) } });
export const terminated = (startedAt: number, finishedAt: number) => ({
  terminated: { startedAt: at(startedAt), finishedAt: at(finishedAt) },
});
export const waiting = (reason: string) => ({ waiting: { reason } });

export type Status = NonNullable<NonNullable<PodObject['status']>['containerStatuses']>[number];

/** What a kubelet says of a container's GPUs: `{ 'GPU-a': 'Healthy' }`. */
export function allocated(
  health: Readonly<Record<string, string>>,
): NonNullable<Status['allocatedResourcesStatus']> {
  const resources = Object.entries(health).map(([resourceID, state]) => ({
    resourceID,
    health: state,
  }));
  return [{ name: 'nvidia.com/gpu', resources }];
}

/** A pod with a task on `gpus` GPUs and a helper without any; `undefined`: no container has a status yet. */
export function aMeteredPod(
  status: Partial<Status> | undefined,
  options: { readonly gpus?: number; readonly uid?: string; readonly version?: number } = {},
): PodObject {
  const { gpus = 2, uid = 'pod-1', version } = options;
  return {
    metadata: {
      uid,
      name: uid,
      namespace: 'tenant',
      ...(version === undefined ? {} : { resourceVersion: String(version) }),
    },
    spec: {
      nodeName: 'node-1',
      containers: [
        { name: 'task', resources: { limits: { cpu: '4', 'nvidia.com/gpu': String(gpus) } } },
        { name: 'helper', resources: { limits: { cpu: '1' } } },
      ],
    },
    status: {
      containerStatuses:
        status === undefined
          ? []
          : [
              { name: 'task', ...status },
              { name: 'helper', state: running(1) },
            ],
    },
  };
}

/** A node that was alive until `confirmed`, and Ready, or not, since `since`. */
export function aNodeView(
  confirmed: number,
  node: { readonly ready?: boolean; readonly since?: number } = {},
): NodeView {
  return {
    name: 'node-1',
    ready: node.ready ?? true,
    notReadyMessage: 'Kubelet stopped posting node status.',
    transitionMs: (node.since ?? 0) * 1000,
    aliveMs: confirmed * 1000,
    confirmedMs: confirmed * 1000,
  };
}

/** A run as the meter keeps it; `devices` and `closed` are what most tests are about. */
export function aContainerRun(
  run: Partial<ContainerRun> & { readonly segments: readonly Segment[] },
): ContainerRun {
  return {
    source: 'pod/task/0',
    startMs: run.segments[0]?.startMs ?? 0,
    devices: run.segments[0]?.devices ?? [],
    unbilled: [],
    isBilled: false,
    problem: undefined,
    closed: run.closed ?? true,
    isEndKnown: run.closed ?? true,
    ...run,
  };
}
