import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { gpuJobFor } from '../../examples/real/jobs.ts';
import { waitFor } from '../cluster/waitFor.ts';
import { readChain } from '../demo/checker/chain.ts';
import { deliveredLeases, type NodeList } from '../demo/checker/pods.ts';
import { smallestUnits } from '../demo/receipts.ts';
import { describeOnRealNode } from '../nodeScenes/nodeScene.ts';
import { aJob, type Scene, theScene } from '../scenarios/verbs.ts';
import { type ChartScene, startChartScene } from './chartScene.ts';
import { withEvidence } from './evidence.ts';
import { type Gate, openableGate } from './gate.ts';
import { jobView } from './jobView.ts';
import { objectsOfReleases } from './remains.ts';

const minutes = (count: number) => count * 60_000;
const FIRST_VERSION = { charts: join(import.meta.dirname, 'fixtures/v0.1.0') };
const PRICE = smallestUnits('2.10', 6);

/**
 * One story in the order of its tests: installed in its first version, upgraded and rolled back while the same lease
 * runs, taken away while another does, and installed again.
 */
describeOnRealNode('Gridlease from its charts', () => {
  const dir = mkdtempSync(join(tmpdir(), 'gridlease-charts-'));
  const federationBefore = process.env['GRIDLEASE_FEDERATION'];
  let charts: ChartScene;
  let scene: Scene;
  let gate: Gate;
  let namespace: string;
  const left = () => jobView(charts.federation, scene, { name: 'left', namespace });
  const again = () => jobView(charts.federation, scene, { name: 'again', namespace });
  const held = () => jobView(charts.federation, scene, { name: 'held', namespace });
  const train = () => jobView(charts.federation, scene, { name: 'train', namespace });
  /** What runs when the story begins to change its surroundings. */
  let running: Awaited<ReturnType<ReturnType<typeof jobView>['running']>>;

  beforeAll(async () => {
    charts = await startChartScene(dir);
    process.env['GRIDLEASE_FEDERATION'] = dir;
    scene = theScene();
    gate = await openableGate(charts.federation.hubRealNodes[0]!.machineAddress);
  }, minutes(6));
  afterAll(async () => {
    if (federationBefore === undefined) delete process.env['GRIDLEASE_FEDERATION'];
    else process.env['GRIDLEASE_FEDERATION'] = federationBefore;
    await gate?.[Symbol.asyncDispose]();
    await charts?.[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true, force: true });
  }, minutes(3));

  const expectBillingGoesOn = async (): Promise<void> => {
    const before = await held().promised();
    await scene.waitUntil('another voucher', async () => (await held().promised()) > before, 120);
    expect(await held().running()).toEqual(running);
  };
  /** Runs until the gate is opened. */
  const heldJob = (name: string) =>
    aJob(namespace, name, {
      batch: { completions: 1, retryLimit: 0 },
      workload: {
        image: charts.images.train,
        command: ['node', '-e', gate.script],
        resources: { cpu: '100m', memory: '128Mi' },
        egress: 'Public',
      },
      gpu: { count: 1, products: ['H100'] },
      runtime: { maxDurationSeconds: 3_600 },
    });
  const upgradeAll = async (): Promise<void> => {
    const { hubKinds, providerKinds, operator, agent } = charts.releases();
    await Promise.all([charts.hub.upgrade(hubKinds), charts.provider.upgrade(providerKinds)]);
    await Promise.all([charts.hub.upgrade(operator), charts.provider.upgrade(agent)]);
  };

  const chapter = (says: string, act: () => Promise<void>, milliseconds: number): void =>
    test(says, () => withEvidence(() => scene, act), milliseconds);

  chapter(
    'the first version installs, and a lease runs',
    async () => {
      await charts.installAll(FIRST_VERSION);
      namespace = await scene.namespace();
      await scene.apply(heldJob('held'));
      await held().delivering();
      running = await held().running();
      await expectBillingGoesOn();
    },
    minutes(8),
  );

  chapter(
    'an upgrade drops no lease, and billing goes on',
    async () => {
      const before = await charts.programPods();
      await upgradeAll();
      const after = await charts.programPods();
      expect(after).toHaveLength(4);
      expect(after.filter((uid) => before.includes(uid))).toEqual([]);
      await expectBillingGoesOn();
    },
    minutes(8),
  );

  chapter(
    'the main job runs and is settled',
    async () => {
      const store = charts.federation.store!;
      await scene.apply(
        gpuJobFor('train', {
          ...{ reference: charts.images.train, namespace, accountName: 'account', store },
          checkpointURI: `s3://gridlease/${namespace}`,
          env: { STEPS: '60', CHECKPOINT_EVERY: '20', STEP_MILLISECONDS: '50' },
        }),
      );
      await train().settled(240);
    },
    minutes(6),
  );

  chapter(
    'a rollback drops no lease either',
    async () => {
      const wait = ['--wait', '--timeout=180s'];
      await Promise.all([
        charts.hub.run('rollback', 'gridlease-operator', '-n', 'gridlease-system', ...wait),
        charts.provider.run(
          'rollback',
          'gridlease-provider-agent',
          '-n',
          'gridlease-agent',
          ...wait,
        ),
      ]);
      await expectBillingGoesOn();
    },
    minutes(6),
  );

  chapter(
    'all that ran is paid to the last unit',
    async () => {
      gate.open();
      await held().settled(240);
      expect((await held().running()).pods).toEqual(
        running.pods.map((pod) => ({ ...pod, phase: 'Succeeded' })),
      );
      const { chain, money, providers } = charts.federation;
      const items = [...(await held().pods()).items, ...(await train().pods()).items];
      const nodes = await providers[0]!.client.get<NodeList>('/api/v1/nodes');
      const owed = deliveredLeases('alpha', { items }, nodes).map(
        ({ gpuMs }) => (PRICE * gpuMs) / 3_600_000n,
      );
      expect(owed).toHaveLength(2);
      // Nobody is asked who was paid or who paid: pods at the provider, and raw calls to the chain.
      const { payments } = await readChain({ rpcURL: chain.rpcURL, ...money });
      expect(payments.map(({ claimed }) => claimed)).toEqual([
        owed.reduce((sum, one) => sum + one),
      ]);
    },
    minutes(6),
  );

  chapter(
    'uninstalling does not wait for a lease, and leaves kinds, objects, keys and tasks',
    async () => {
      gate.close();
      await scene.apply(heldJob('left'));
      await left().delivering();
      const before = await left().running();
      const { hubKinds, providerKinds, operator, agent } = charts.releases();
      await charts.provider.uninstall(agent);
      await charts.hub.uninstall(operator);
      await Promise.all([charts.hub.uninstall(hubKinds), charts.provider.uninstall(providerKinds)]);
      const { hub, providers } = charts.federation;
      const kept = /^CustomResourceDefinition /;
      for (const { client } of [hub, providers[0]!]) {
        // Helm waits for what it made, not for the pods that a Deployment made of it.
        const found = await waitFor(
          async () => {
            const objects = await objectsOfReleases(client);
            return objects.some((object) => object.startsWith('Pod ')) ? undefined : objects;
          },
          { what: 'the end of the last pod', timeoutMilliseconds: 60_000 },
        );
        expect(found.filter((object) => !kept.test(object))).toEqual([]);
        expect(found).not.toEqual([]);
      }
      expect(await left().running()).toEqual(before);
      // Whoever deletes it deletes what can spend the team's money.
      expect(await hub.client.get('/api/v1/namespaces/gridlease-system/secrets')).toMatchObject({
        items: expect.arrayContaining([
          expect.objectContaining({ type: 'gridlease.dev/delegate-key' }),
        ]),
      });
    },
    minutes(6),
  );

  chapter(
    'installed again it takes the lease up with the same pod, and serves',
    async () => {
      const before = await left().running();
      const promised = await left().promised();
      await charts.installAll({ check: false });
      const isPaidFor = async () => (await left().promised()) > promised;
      await scene.waitUntil('a voucher of the lease from before', isPaidFor, 120);
      expect(await left().running()).toEqual(before);
      gate.open();
      await left().settled(240);
      await scene.apply(heldJob('again'));
      await again().settled(240);
    },
    minutes(8),
  );
});
