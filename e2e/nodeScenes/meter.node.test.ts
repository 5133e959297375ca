import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { deliveredLeases, type NodeList, type PodList } from '../demo/checker/pods.ts';
import { aJob, jobUidOf } from '../scenarios/verbs.ts';
import { describeOnRealNode, type NodeScene, theNodeScene } from './nodeScene.ts';

const minutes = (count: number) => count * 60_000;

describeOnRealNode('what is billed on a real node', () => {
  let world: NodeScene;
  let namespace: string;
  beforeAll(async () => {
    world = await theNodeScene();
    namespace = await world.scene.namespace();
  }, minutes(1));
  afterAll(() => world.cluster.close());

  const leaseOf = async (name: string) => {
    const { uid } = (await world.scene.get('gpujob', name, namespace)).metadata;
    return (await world.scene.list('gpuleases')).find((lease) => jobUidOf(lease) === uid);
  };
  type Pool = {
    readonly capacity: number;
    readonly healthy: number;
    readonly leased: number;
    readonly free: number;
  };
  const pool = async (): Promise<Pool> => {
    const inventories = await world.scene.list('gpuinventories');
    const own = inventories.find(({ metadata }) => metadata.name === 'alpha');
    return (own!.spec!['pools'] as readonly Pool[])[0]!;
  };

  test(
    'a device that is unhealthy for ten seconds is not billed meanwhile, its lease says why, and no count is wrong',
    async () => {
      const { scene, node } = world;
      await scene.apply(
        aJob(namespace, 'sick', {
          batch: { completions: 1, retryLimit: 0 },
          workload: {
            image: world.images.train,
            command: ['node', '-e', 'setTimeout(() => process.exit(0), 50_000)'],
            resources: { cpu: '100m', memory: '128Mi' },
          },
          gpu: { count: 1, products: ['H100'] },
        }),
      );
      await scene.waitUntil('the lease', async () => (await leaseOf('sick')) !== undefined);
      const { name, namespace: where = '' } = (await leaseOf('sick'))!.metadata;
      const lease = { kind: 'gpulease', name, namespace: where };
      const delivered = await scene.waitForCondition(
        lease,
        { type: 'Delivered', status: 'True', reason: 'Delivered' },
        60,
      );
      expect(delivered.message).toBe('the meter counts');
      const { status } = await scene.get('gpulease', name, where);
      const [uuid] = (status as { readonly devices?: readonly string[] }).devices ?? [];
      expect((await node.devices.list()).map((device) => device.uuid)).toContain(uuid);
      await scene.waitUntil('its GPU to be counted', async () => (await pool()).leased === 1);
      const before = await pool();
      expect(before.free).toBe(before.healthy - 1);

      await node.devices.setHealth(uuid!, 'Unhealthy');
      const sickFromMs = Date.now();
      try {
        const withheld = await scene.waitForCondition(
          lease,
          { type: 'Delivered', status: 'False', reason: 'DeviceUnhealthy' },
          30,
        );
        expect(withheld.message).toContain(uuid);
        await scene.waitUntil(
          'one healthy GPU less',
          async () => (await pool()).healthy === before.healthy - 1,
          30,
        );
        // What the node's scheduler would still place: it takes the pod's GPU off the healthy ones.
        const { healthy, leased, free } = await pool();
        expect(free).toBe(Math.max(0, healthy - leased));
        const leftMs = sickFromMs + 10_000 - Date.now();
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, leftMs)));
      } finally {
        await node.devices.setHealth(uuid!, 'Healthy');
      }
      const sickMs = Date.now() - sickFromMs;
      await scene.waitForCondition(lease, { type: 'Delivered', status: 'True' }, 30);
      await scene.waitUntil(
        'all GPUs healthy',
        async () => (await pool()).healthy === before.healthy,
      );

      const job = { kind: 'gpujob', name: 'sick', namespace };
      await scene.waitForCondition(job, { type: 'Succeeded', status: 'True' }, 90);
      await scene.waitForCondition(lease, { type: 'Settled', status: 'True' }, 60);
      const after = (await scene.get('gpulease', name, where)).status ?? {};
      const { gpuMilliseconds } = after['settlement'] as Record<string, string>;
      const { uid } = (await scene.get('gpujob', 'sick', namespace)).metadata;
      const pods = await world.cluster.get<PodList>(
        `/api/v1/pods?labelSelector=gridlease.dev%2Fjob-uid%3D${uid}`,
      );
      const nodes = await world.cluster.get<NodeList>('/api/v1/nodes');
      const ranMs = Number(deliveredLeases('alpha', pods, nodes)[0]!.gpuMs);
      const billedMs = Number(gpuMilliseconds);
      // A kubelet needs some seconds to say that a device is bad, or good again; not always the same.
      expect(billedMs).toBeLessThanOrEqual(ranMs - sickMs + 1_000);
      // Besides, what was not confirmed yet when it turned bad: at most two heartbeats of the node.
      expect(billedMs).toBeGreaterThanOrEqual(ranMs - sickMs - 25_000);
      expect(billedMs).toBeGreaterThan(0);
      expect((await pool()).free).toBeGreaterThanOrEqual(0);
    },
    minutes(4),
  );
});
