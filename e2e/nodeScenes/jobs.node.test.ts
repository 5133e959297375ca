import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { gpuJobFor } from '../../examples/real/jobs.ts';
import { readObject } from '../cluster/s3.ts';
import { waitFor } from '../cluster/waitFor.ts';
import type { PodList } from '../demo/checker/pods.ts';
import { smallestUnits } from '../demo/receipts.ts';
import { aJob, jobUidOf } from '../scenarios/verbs.ts';
import {
  deliveredTo,
  describeOnRealNode,
  mostUnbilledMs,
  type NodeScene,
  readyOf,
  theNodeScene,
} from './nodeScene.ts';

const TRAIN = fileURLToPath(new URL('../../examples/real/train/main.mjs', import.meta.url));
const minutes = (count: number) => count * 60_000;

describeOnRealNode('jobs in real containers', () => {
  let world: NodeScene;
  let namespace: string;
  beforeAll(async () => {
    world = await theNodeScene();
    namespace = await world.scene.namespace();
  }, minutes(1));
  afterAll(() => world.cluster.close());

  const job = (name: string) => ({ kind: 'gpujob', name, namespace });
  const aScript = (name: string, script: string, spec: object = {}) =>
    aJob(namespace, name, {
      batch: { completions: 1, retryLimit: 0 },
      workload: {
        image: world.images.train,
        command: ['node', '-e', script],
        resources: { cpu: '100m', memory: '128Mi' },
      },
      gpu: { count: 1, products: ['H100'] },
      ...spec,
    });
  const leasesOf = async (name: string) => {
    const { uid } = (await world.scene.get('gpujob', name, namespace)).metadata;
    return (await world.scene.list('gpuleases')).filter((lease) => jobUidOf(lease) === uid);
  };
  /** The task's pods at the provider, as they are now. */
  const podsOf = async (name: string): Promise<PodList> => {
    const { uid } = (await world.scene.get('gpujob', name, namespace)).metadata;
    return world.cluster.get(`/api/v1/pods?labelSelector=gridlease.dev%2Fjob-uid%3D${uid}`);
  };
  type PodPlace = {
    readonly metadata: {
      readonly name: string;
      readonly namespace: string;
      readonly creationTimestamp: string;
    };
  };
  /** Of its latest pod. */
  const logOf = async (name: string): Promise<string> => {
    const { items } = (await podsOf(name)) as unknown as { readonly items: readonly PodPlace[] };
    const latest = items.toSorted((a, b) =>
      a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp),
    );
    const { name: pod, namespace: where } = latest.at(-1)!.metadata;
    return world.cluster.get<string>(`/api/v1/namespaces/${where}/pods/${pod}/log`);
  };

  /** What was paid for the job is what its pod objects say, to the last unit unless some may be missing. */
  const expectPaid = async (
    jobName: string,
    withinMs = 0,
    mostUnbilled = withinMs,
  ): Promise<void> => {
    const paid = { gpuMs: 0n, amount: 0n };
    for (const { metadata } of await leasesOf(jobName)) {
      const { name, namespace: where = '' } = metadata;
      const target = { kind: 'gpulease', name, namespace: where };
      await world.scene.waitForCondition(target, { type: 'Settled', status: 'True' }, 60);
      const { status } = await world.scene.get('gpulease', name, where);
      const settlement = status?.['settlement'] as Record<string, string>;
      const gpuMs = BigInt(settlement['gpuMilliseconds']!);
      const owed = (smallestUnits('2.10', 6) * gpuMs) / 3_600_000n;
      expect(settlement['amount']).toBe(String(owed));
      paid.gpuMs += gpuMs;
      paid.amount += owed;
    }
    expect(paid.amount).toBeGreaterThan(0n);
    const { uid } = (await world.scene.get('gpujob', jobName, namespace)).metadata;
    const delivered = await deliveredTo(uid, world);
    const ranMs = delivered.reduce((sum, lease) => sum + lease.gpuMs, 0n);
    expect(Number(paid.gpuMs - ranMs)).toBeLessThanOrEqual(withinMs);
    expect(Number(ranMs - paid.gpuMs)).toBeLessThanOrEqual(mostUnbilled);
  };
  /** Process id of the replica that leads. */
  const leadingAgent = (): Promise<number> => {
    const { metrics, pids } = world.scene.environment;
    const look = async () => {
      const pages = await Promise.all(
        metrics.agentReplicas[0]!.map(async (url) =>
          (await fetch(url, { signal: AbortSignal.timeout(10_000) })).text(),
        ),
      );
      const index = pages.findIndex((page) => /^leader_election_master_status\S* 1$/m.test(page));
      return pids.agentReplicas[0]![index];
    };
    return waitFor(look, { what: 'an agent that leads' });
  };

  test(
    'a container runs unprivileged with its own GPU, and what it ran is paid to the second',
    async () => {
      const script = `
        const status = require('fs').readFileSync('/proc/self/status', 'utf8');
        console.log(JSON.stringify({
          gpus: process.env.NVIDIA_VISIBLE_DEVICES,
          uid: process.getuid(),
          capabilities: /CapBnd:\\s*(\\w+)/.exec(status)[1],
          seccomp: /Seccomp:\\s*(\\d)/.exec(status)[1],
        }));
        setTimeout(() => process.exit(0), 3000);
      `;
      await world.scene.apply(aScript('seen', script));
      await world.scene.waitForCondition(job('seen'), { type: 'Succeeded', status: 'True' }, 90);
      const seen = JSON.parse(await logOf('seen'));
      expect(seen).toMatchObject({ capabilities: '0000000000000000', seccomp: '2' });
      expect(seen.uid).toBeGreaterThan(0);
      expect((await world.node.devices.list()).map(({ uuid }) => uuid)).toContain(seen.gpus);

      await expectPaid('seen');
    },
    minutes(3),
  );

  test(
    'an agent that is killed while a task runs is followed by its other replica, and what ran is paid to the second',
    async () => {
      const script = 'console.log("up"); setTimeout(() => process.exit(0), 20_000)';
      await world.scene.apply(aScript('followed', script));
      const isUp = async () => /up/.test(await logOf('followed').catch(() => ''));
      await world.scene.waitUntil('the task runs', isUp, 90);
      process.kill(await leadingAgent(), 'SIGKILL');
      const wanted = { type: 'Succeeded', status: 'True' };
      await world.scene.waitForCondition(job('followed'), wanted, 120);
      expect((await podsOf('followed')).items).toHaveLength(1);
      await expectPaid('followed');
    },
    minutes(4),
  );

  test(
    'a container that ends with 3 fails its job, which says so',
    async () => {
      await world.scene.apply(aScript('three', 'process.exit(3)'));
      const wanted = { type: 'Succeeded', status: 'False' };
      const end = await world.scene.waitForCondition(job('three'), wanted, 90);
      expect(end.message).toMatch(/\b3\b/);
    },
    minutes(2),
  );

  test(
    'training goes on from its checkpoint when its container is killed, from where it is when the kubelet and containerd are, and what ran is paid',
    async () => {
      const { store } = world.scene.environment;
      const manifest = gpuJobFor('train', {
        reference: world.images.train,
        namespace,
        accountName: 'account',
        store: store!,
        checkpointURI: `s3://gridlease/${namespace}`,
        env: { STEPS: '300', CHECKPOINT_EVERY: '20', STEP_MILLISECONDS: '60' },
      });
      await world.scene.apply(manifest);
      const model = `s3://gridlease/${namespace}/model-0.json`;
      const says = (line: RegExp) => async () =>
        line.test(await logOf('train').catch(() => 'not started'));
      await world.scene.waitUntil('a checkpoint', says(/^checkpoint step=40/m), 90);
      expect(world.node.killContainers(/main\.mjs/)).toBe(1);
      await world.scene.waitUntil('it resumes', says(/^resumed step=\d+/m), 90);
      const before = await readyOf(world);
      await world.node.kill('kubelet');
      const downFromMs = Date.now();
      await world.node.kill('containerd');
      await world.node.restart('containerd');
      await world.node.restart('kubelet');
      await world.scene.waitForCondition(job('train'), { type: 'Succeeded', status: 'True' }, 120);
      const log = await logOf('train');
      // The very numbers of a training that nobody disturbed.
      const undisturbed = execFileSync(process.execPath, [TRAIN], {
        env: { STEPS: '300', STEP_MILLISECONDS: '0' },
        encoding: 'utf8',
      });
      const final = /^final step=300 loss=\S+ accuracy=\S+ weights=\S+/m;
      expect(final.exec(log)?.[0]).toBe(final.exec(undisturbed)?.[0]);
      expect(await readObject(store!, model)).toBeDefined();
      // The time between the killed container and the next one is not in it.
      await expectPaid('train', 1_000, mostUnbilledMs(before, await readyOf(world), downFromMs));
    },
    minutes(5),
  );
});
