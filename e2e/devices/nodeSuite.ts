import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiClient } from '../cluster/apiClient.ts';
import { waitFor } from '../cluster/waitFor.ts';
import { type Device, type DeviceControl, type Health, pageOf } from './control.ts';

/** A real node with at least two GPUs that nobody else uses while the suite runs. */
export type DeviceSuiteWorld = {
  /** Of the node's cluster, with all rights. */
  readonly client: ApiClient;
  readonly node: {
    readonly name: string;
    readonly devices: DeviceControl;
    /** Ends it as a power cut does, until it is restarted. */
    kill(program: 'kubelet'): Promise<void>;
    restart(program: 'kubelet' | 'devices'): Promise<void>;
  };
  /** An image on the node whose `node` is in PATH, as name@sha256:…. */
  readonly image: string;
};

type ContainerStatus = {
  readonly containerID?: string;
  readonly allocatedResourcesStatus?: readonly {
    readonly name: string;
    readonly resources: readonly { readonly resourceID: string; readonly health: string }[];
  }[];
};
type Pod = {
  readonly status?: {
    readonly phase?: string;
    readonly containerStatuses?: readonly ContainerStatus[];
  };
};
type Node = {
  readonly status: {
    readonly allocatable: Readonly<Record<string, string>>;
    readonly conditions: readonly { readonly type: string; readonly lastHeartbeatTime: string }[];
  };
};

const NAMESPACE = 'gridlease-devices';
/** Says what it was given, then stays until it is told to go. */
const SCRIPT = `
  console.log(process.env.NVIDIA_VISIBLE_DEVICES);
  process.on('SIGTERM', () => process.exit(0));
  setInterval(() => undefined, 60_000);
`;

/**
 * What a kubelet, a container runtime and an API server make of the simulated GPUs: the proof that they stand in for
 * NVIDIA's. Declares its tests; `world` is asked when they run.
 */
export function deviceSuite(world: () => DeviceSuiteWorld): void {
  const pods = `/api/v1/namespaces/${NAMESPACE}/pods`;
  const read = (name: string) => world().client.get<Pod>(`${pods}/${name}`);
  /** Device ids with their health, as the pod's status has them. */
  const assigned = async (name: string): Promise<readonly (readonly [string, string])[]> => {
    const statuses = (await read(name)).status?.containerStatuses ?? [];
    return statuses
      .flatMap(({ allocatedResourcesStatus }) => allocatedResourcesStatus ?? [])
      .flatMap(({ resources }) => resources.map((one) => [one.resourceID, one.health] as const));
  };
  const run = async (name: string, gpus: number) => {
    const { client, node, image } = world();
    await client.request('POST', pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: NAMESPACE },
      spec: {
        nodeName: node.name,
        enableServiceLinks: false,
        automountServiceAccountToken: false,
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 5,
        containers: [
          {
            name: 'task',
            image,
            imagePullPolicy: 'IfNotPresent',
            command: ['node', '-e', SCRIPT],
            resources: { limits: { 'nvidia.com/gpu': String(gpus) } },
          },
        ],
      },
    });
    await becomes(`${name} runs`, async () => (await read(name)).status?.phase === 'Running');
  };
  const end = async (name: string) => {
    await world().client.request('DELETE', `${pods}/${name}`);
    const gone = async () => (await world().client.find(`${pods}/${name}`)) === undefined;
    await becomes(`${name} is gone`, gone);
  };
  const report = async () => {
    const { client, node } = world();
    return (await client.get<Node>(`/api/v1/nodes/${node.name}`)).status;
  };
  const allocatable = async () => Number((await report()).allocatable['nvidia.com/gpu']);
  /** Ids on the exporter's page that carry a pod's name. */
  const exported = async (pod: string) => {
    const page = await pageOf(world().node.devices);
    const lines = page.split('\n').filter((line) => line.includes(`pod="${pod}"`));
    const place = `container="task",namespace="${NAMESPACE}",pod="${pod}"}`;
    expect(lines.filter((line) => !line.includes(place))).toEqual([]);
    return [...new Set(lines.map((line) => /UUID="([^"]+)"/.exec(line)?.[1]))].sort();
  };
  const healthOf = async (uuid: string): Promise<Health | undefined> =>
    (await world().node.devices.list()).find((device) => device.uuid === uuid)?.health;

  describe('simulated GPUs with a real kubelet', () => {
    let all: readonly Device[];
    let mine: string;

    beforeAll(async () => {
      const { client, node } = world();
      await client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
      const account = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/default`;
      await becomes(
        'the namespace’s account',
        async () => (await client.find(account)) !== undefined,
      );
      all = await node.devices.list();
      await run('first', 1);
      mine = (await assigned('first'))[0]?.[0] ?? 'none';
    }, 120_000);

    afterAll(async () => {
      const { client, node } = world();
      for (const { uuid } of all) await node.devices.setHealth(uuid, 'Healthy');
      await client.request('DELETE', `/api/v1/namespaces/${NAMESPACE}`);
      // What comes after this suite finds the GPUs free.
      const left = async () => (await client.get<{ items: unknown[] }>(pods)).items.length;
      await becomes('the end of its pods', async () => (await left()) === 0);
    }, 120_000);

    test('a container gets the device that its pod’s status names', async () => {
      expect(all.map(({ uuid }) => uuid)).toContain(mine);
      expect(await assigned('first')).toEqual([[mine, 'Healthy']]);
      const log = () => world().client.get<string>(`${pods}/first/log`);
      await becomes('its first line', async () => (await log()) === `${mine}\n`);
    }, 60_000);

    test('the exporter names the container on its device, and on no other', async () => {
      expect(await exported('first')).toEqual([mine]);
    });

    test('a device that fails is unhealthy in the pod’s status and gone from allocatable, until it recovers', async () => {
      const { devices } = world().node;
      await devices.setHealth(mine, 'Unhealthy');
      const failedAt = performance.now();
      await becomes(
        'the pod’s status',
        async () => (await assigned('first'))[0]?.[1] === 'Unhealthy',
      );
      await becomes('one GPU less', async () => (await allocatable()) === all.length - 1);
      // "Within seconds": a meter that learns of it much later bills a dead device.
      expect(performance.now() - failedAt).toBeLessThan(30_000);
      expect((await read('first')).status?.phase).toBe('Running');
      await devices.setHealth(mine, 'Healthy');
      await becomes(
        'the pod’s status',
        async () => (await assigned('first'))[0]?.[1] === 'Healthy',
      );
      await becomes('all GPUs', async () => (await allocatable()) === all.length);
    }, 120_000);

    test('survives a kubelet that is killed and started again: the pod keeps its device, and another gets another', async () => {
      const container = async () =>
        (await read('first')).status?.containerStatuses?.[0]?.containerID;
      const before = await container();
      await world().node.kill('kubelet');
      const killedMs = Date.now();
      await world().node.restart('kubelet');
      // The node still says what the killed one said of it; a pod that comes before the plugin fails for good.
      await becomes('all GPUs, by the new kubelet', async () => {
        const { conditions, allocatable } = await report();
        const ready = conditions.find(({ type }) => type === 'Ready');
        const isNew = Date.parse(ready?.lastHeartbeatTime ?? '') > killedMs;
        return isNew && Number(allocatable['nvidia.com/gpu']) === all.length;
      });
      await run('second', 1);
      const other = all.find(({ uuid }) => uuid !== mine)?.uuid;
      const has = (pod: string, id: string | undefined) => async () =>
        isDeepStrictEqual(await assigned(pod), [[id, 'Healthy']]);
      await becomes('another GPU for the other', has('second', other));
      expect(await exported('second')).toEqual([other]);
      await becomes('the GPU that it had', has('first', mine));
      expect(await container()).toBe(before);
    }, 120_000);

    test('survives its own restart, and tells the kubelet of failures again', async () => {
      await world().node.restart('devices');
      expect(await healthOf(mine)).toBe('Healthy');
      await becomes('all GPUs', async () => (await allocatable()) === all.length);
      await world().node.devices.setHealth(mine, 'Unhealthy');
      await becomes(
        'the pod’s status',
        async () => (await assigned('first'))[0]?.[1] === 'Unhealthy',
      );
      await world().node.devices.setHealth(mine, 'Healthy');
      await becomes(
        'the pod’s status',
        async () => (await assigned('first'))[0]?.[1] === 'Healthy',
      );
    }, 120_000);

    test('devices of pods that have gone are free: one pod gets them all', async () => {
      await end('first');
      await end('second');
      expect(await exported('first')).toEqual([]);
      await run('third', all.length);
      const ids = (await assigned('third')).map(([id]) => id).sort();
      expect(ids).toEqual(all.map(({ uuid }) => uuid).sort());
      await end('third');
    }, 120_000);
  });
}

/** Waits up to a minute, which a kubelet on a busy machine may need. */
function becomes(what: string, check: () => Promise<boolean>): Promise<unknown> {
  return waitFor(check, { what, timeoutMilliseconds: 60_000, intervalMilliseconds: 250 });
}
