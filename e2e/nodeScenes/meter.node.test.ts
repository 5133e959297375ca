import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aJob, jobUidOf } from '../scenarios/verbs.ts';
import {
  deliveredTo,
  describeOnRealNode,
  mostUnbilledMs,
  type NodeScene,
  readyOf,
  theNodeScene,
} from './nodeScene.ts';

const minutes = (count: number) => count * 60_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

describeOnRealNode('what is billed on a real node', () => {
  let world: NodeScene;
  let namespace: string;
  beforeAll(async () => {
    world = await theNodeScene();
    namespace = await world.scene.namespace();
  }, minutes(1));
  afterAll(() => world.cluster.close());

  /** A job of one task on one GPU that runs for so long, once its meter runs. */
  const started = async (name: string, seconds: number) => {
    const { scene } = world;
    await scene.apply(
      aJob(namespace, name, {
        batch: { completions: 1, retryLimit: 0 },
        workload: {
          image: world.images.train,
          command: ['node', '-e', `setTimeout(() => process.exit(0), ${seconds * 1000})`],
          resources: { cpu: '100m', memory: '128Mi' },
        },
        gpu: { count: 1, products: ['H100'] },
      }),
    );
    const { uid } = (await scene.get('gpujob', name, namespace)).metadata;
    const find = async () =>
      (await scene.list('gpuleases')).find((lease) => jobUidOf(lease) === uid);
    await scene.waitUntil('the lease', async () => (await find()) !== undefined);
    const { metadata } = (await find())!;
    const lease = { kind: 'gpulease', name: metadata.name, namespace: metadata.namespace ?? '' };
    const running = { type: 'Delivered', status: 'True', reason: 'Delivered' };
    await scene.waitForCondition(lease, running, 60);
    const status = async () => (await scene.get('gpulease', lease.name, lease.namespace)).status!;
    return { uid, lease, status, job: { kind: 'gpujob', name, namespace } };
  };
  type Started = Awaited<ReturnType<typeof started>>;

  /** GPU-milliseconds that the chain has paid for, and those that the kubelet's pod says. */
  const settled = async ({ uid, lease, status, job }: Started) => {
    const { scene } = world;
    await scene.waitForCondition(job, { type: 'Succeeded', status: 'True' }, 150);
    await scene.waitForCondition(lease, { type: 'Settled', status: 'True' }, 60);
    const settlement = (await status())['settlement'] as Record<string, string>;
    const [delivered] = await deliveredTo(uid, world);
    return { billedMs: Number(settlement['gpuMilliseconds']), ranMs: Number(delivered!.gpuMs) };
  };

  type Pool = { readonly healthy: number; readonly leased: number; readonly free: number };
  const pool = async (): Promise<Pool> => {
    const inventories = await world.scene.list('gpuinventories');
    const own = inventories.find(({ metadata }) => metadata.name === 'alpha');
    return (own!.spec!['pools'] as readonly Pool[])[0]!;
  };

  test(
    'a device that is unhealthy for ten seconds is not billed meanwhile, its lease says why, and no count is wrong',
    async () => {
      const { scene, node } = world;
      const sick = await started('sick', 75);
      const [uuid] = (await sick.status())['devices'] as readonly string[];
      expect((await node.devices.list()).map((device) => device.uuid)).toContain(uuid);
      await scene.waitUntil('its GPU to be counted', async () => (await pool()).leased === 1);
      const before = await pool();
      expect(before.free).toBe(before.healthy - 1);

      await node.devices.setHealth(uuid!, 'Unhealthy');
      const sickFromMs = Date.now();
      let sickMs = 0;
      try {
        const why = { type: 'Delivered', status: 'False', reason: 'DeviceUnhealthy' };
        const withheld = await scene.waitForCondition(sick.lease, why, 30);
        expect(withheld.message).toContain(uuid);
        const isOneLess = async () => (await pool()).healthy === before.healthy - 1;
        await scene.waitUntil('one healthy GPU less', isOneLess, 30);
        // What the node's scheduler would still place: it takes the pod's GPU off the healthy ones.
        const { healthy, leased, free } = await pool();
        expect(free).toBe(Math.max(0, healthy - leased));
        await pause(sickFromMs + 10_000 - Date.now());
        sickMs = Date.now() - sickFromMs;
      } finally {
        await node.devices.setHealth(uuid!, 'Healthy');
      }
      const saidMs = Date.now() - sickFromMs;
      await scene.waitForCondition(sick.lease, { type: 'Delivered', status: 'True' }, 30);
      const isWhole = async () => (await pool()).healthy === before.healthy;
      await scene.waitUntil('all GPUs healthy', isWhole);

      const { billedMs, ranMs } = await settled(sick);
      // A kubelet needs some seconds to say that a device is bad, or good again; not always the same.
      expect(billedMs).toBeLessThanOrEqual(ranMs - sickMs + 1_000);
      // Besides, what was not confirmed yet when it turned bad: at most two heartbeats of the node.
      expect(billedMs).toBeGreaterThanOrEqual(ranMs - saidMs - 25_000);
      expect(billedMs).toBeGreaterThan(0);
    },
    minutes(6),
  );

  test(
    'a kubelet that is killed and comes back changes nothing of what the runtime has recorded, unless its node says that it was not Ready',
    async () => {
      const away = await started('away', 25);
      const before = await readyOf(world);
      await world.node.kill('kubelet');
      const downFromMs = Date.now();
      await pause(5_000);
      await world.node.restart('kubelet');
      const { billedMs, ranMs } = await settled(away);
      const after = await readyOf(world);
      expect(after.status).toBe('True');
      expect(billedMs).toBeLessThanOrEqual(ranMs + 1_000);
      const most = mostUnbilledMs(before, after, downFromMs);
      expect(billedMs).toBeGreaterThanOrEqual(ranMs - most);
    },
    minutes(3),
  );

  test(
    'while a node is lost nothing is billed, though its containers run on, and its lease says why',
    async () => {
      const lost = await started('lost', 140);
      await world.node.kill('kubelet');
      const downFromMs = Date.now();
      let downMs = 0;
      try {
        const why = { type: 'Delivered', status: 'False', reason: 'NodeLost' };
        await world.scene.waitForCondition(lost.lease, why, 90);
        downMs = Date.now() - downFromMs;
      } finally {
        await world.node.restart('kubelet');
      }
      const backMs = Date.now() - downFromMs;
      await world.scene.waitForCondition(lost.lease, { type: 'Delivered', status: 'True' }, 40);
      const { billedMs, ranMs } = await settled(lost);
      expect(billedMs).toBeLessThanOrEqual(ranMs - downMs + 1_000);
      // Besides, what no heartbeat had confirmed yet, and until the first one afterwards.
      expect(billedMs).toBeGreaterThanOrEqual(ranMs - backMs - 25_000);
    },
    minutes(5),
  );
});
