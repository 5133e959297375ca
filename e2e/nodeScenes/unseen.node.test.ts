import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { waitFor } from '../cluster/waitFor.ts';
import { buildUnseenImage, unseenWorkloads } from '../images/unseenJobs.ts';
import type { BatchWorkload, ServiceWorkload, UnseenWorkload } from '../images/unseenWorkload.ts';
import { jobUidOf } from '../scenarios/verbs.ts';
import { deliveredTo, describeOnRealNode, type NodeScene, theNodeScene } from './nodeScene.ts';

const minutes = (count: number) => count * 60_000;
const written = {
  accountName: 'account',
  products: ['H100'],
  failAfterSeconds: 20,
  slowStartSeconds: 6,
};
/** Names and kinds; the image and the namespace are known later. */
const table = unseenWorkloads({ ...written, reference: '', namespace: '' });
const isBatch = (one: UnseenWorkload): one is BatchWorkload => 'end' in one;
const isService = (one: UnseenWorkload): one is ServiceWorkload => 'life' in one;
const named = <T extends UnseenWorkload>(list: readonly T[]) =>
  list.map((one) => [one.name, one] as const);

type Pod = {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly podIP?: string;
    readonly containerStatuses?: readonly {
      readonly state?: { readonly running?: { readonly startedAt: string } };
    }[];
  };
};

describeOnRealNode('containers that nobody has foreseen', () => {
  let world: NodeScene;
  let namespace: string;
  let manifests: ReadonlyMap<string, object> = new Map();

  beforeAll(async () => {
    world = await theNodeScene();
    namespace = await world.scene.namespace();
    const dir = mkdtempSync(join(tmpdir(), 'gridlease-unseen-'));
    try {
      const { archivePath, reference } = await buildUnseenImage(dir);
      await world.node.importImage(archivePath, reference);
      const jobs = unseenWorkloads({ ...written, reference, namespace });
      // They take turns on the node's GPUs; services would keep theirs.
      for (const { job } of jobs.filter(isBatch)) await world.scene.apply(job);
      manifests = new Map(jobs.map((one) => [one.name, one.job]));
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }, minutes(3));
  afterAll(() => world.cluster.close());

  const job = (name: string) => ({ kind: 'gpujob', name, namespace });
  const leaseOf = async (uid: string) =>
    (await world.scene.list('gpuleases')).find((lease) => jobUidOf(lease) === uid)!;
  const uidOf = async (name: string) =>
    (await world.scene.get('gpujob', name, namespace)).metadata.uid;

  /** Seconds of one task that the provider was paid for. */
  const billedSeconds = async (uid: string): Promise<number> => {
    const { metadata } = await leaseOf(uid);
    const target = { kind: 'gpulease', name: metadata.name, namespace: metadata.namespace! };
    await world.scene.waitForCondition(target, { type: 'Settled', status: 'True' }, 120);
    const settled = await world.scene.get('gpulease', target.name, target.namespace);
    const settlement = settled.status?.['settlement'] as Record<string, string> | undefined;
    return Number(settlement?.['gpuMilliseconds'] ?? '0') / 1000;
  };

  /** GPU-milliseconds that the job's pods say. */
  const recordedMs = async (uid: string): Promise<number> => {
    const [delivered] = await deliveredTo(uid, world);
    return Number(delivered?.gpuMs ?? 0n);
  };

  /** What the provider has kept of the task's log. */
  const keptLog = async (leaseUid: string): Promise<Buffer | undefined> => {
    const found = await world.cluster.find<{ readonly binaryData?: Record<string, string> }>(
      `/api/v1/namespaces/gridlease-agent/configmaps/task-log-${leaseUid}-0`,
    );
    const zipped = found?.binaryData?.['log.gz'];
    return zipped === undefined ? undefined : gunzipSync(Buffer.from(zipped, 'base64'));
  };

  describe('tasks', () => {
    test.each(named(table.filter(isBatch)))(
      '%s',
      async (name, { end, billedSeconds: [least, most] }) => {
        const [status, reason] = end.succeeded;
        const condition = await world.scene.waitForCondition(
          job(name),
          { type: 'Succeeded', status },
          240,
        );
        expect(condition.reason).toBe(reason);
        expect(condition.message).toMatch(end.message);
        const uid = await uidOf(name);
        const lease = await leaseOf(uid);
        if (end.exitCode !== undefined && status === 'False') {
          expect(lease.status?.['tasks']).toMatchObject([{ index: 0, exitCode: end.exitCode }]);
        }
        if (end.log instanceof RegExp) {
          let kept: Buffer | undefined;
          await world.scene.waitUntil('its log is kept', async () => {
            kept = await keptLog(lease.metadata.uid);
            return kept !== undefined;
          });
          expect(String(kept)).toMatch(end.log);
        } else if (end.log !== undefined) {
          const isKept = async () => (await keptLog(lease.metadata.uid)) !== undefined;
          if (end.log.length > 0) await world.scene.waitUntil('its log is kept', isKept);
          // Of no output nothing need be kept.
          expect((await keptLog(lease.metadata.uid)) ?? Buffer.alloc(0)).toEqual(end.log);
        }
        const billed = await billedSeconds(uid);
        expect(billed).toBeGreaterThanOrEqual(least);
        expect(billed).toBeLessThanOrEqual(most);
        const ranMs = await recordedMs(uid);
        // Of a pod that was evicted its kubelet may record nothing.
        if (ranMs > 0) expect(billed * 1_000).toBeLessThanOrEqual(ranMs);
      },
      minutes(7),
    );
  });

  const podOf = async (uid: string): Promise<Pod | undefined> => {
    const path = `/api/v1/pods?labelSelector=gridlease.dev%2Fjob-uid%3D${uid}`;
    return (await world.cluster.get<{ readonly items: readonly Pod[] }>(path)).items[0];
  };
  const startedMs = (pod: Pod | undefined): number =>
    Date.parse(pod?.status?.containerStatuses?.[0]?.state?.running?.startedAt ?? '');
  const readyReplicas = async (name: string): Promise<number> =>
    Number((await world.scene.get('gpujob', name, namespace)).status?.['readyReplicas'] ?? 0);
  const answer = async (address: string, port: number) => {
    const got = await fetch(`http://${address}:${port}/`, { signal: AbortSignal.timeout(5_000) });
    return { status: got.status, text: await got.text() };
  };

  describe('services', () => {
    test.each(named(table.filter(isService)))(
      '%s',
      async (name, { life, billedSeconds: [least, most] }) => {
        await world.scene.apply(manifests.get(name)!);
        const uid = await uidOf(name);
        let pod: Pod | undefined;
        await world.scene.waitUntil(
          `${name} runs`,
          async () => {
            pod = await podOf(uid);
            return !Number.isNaN(startedMs(pod));
          },
          120,
        );
        const sinceStart = () => (Date.now() - startedMs(pod)) / 1000;
        const address = pod!.status!.podIP!;
        for (const [port, expected] of Object.entries(life.answers)) {
          const got = await waitFor(() => answer(address, Number(port)), {
            what: `an answer at port ${port}`,
            timeoutMilliseconds: minutes(1),
          });
          expect(got).toEqual(expected);
        }
        // Whole seconds: it may have started up to one earlier than it says.
        if (life.notReadyBefore !== undefined) {
          expect(sinceStart()).toBeGreaterThan(life.notReadyBefore - 1);
        }
        if (life.readyReplicas === 1) {
          await world.scene.waitUntil(
            `${name} is ready`,
            async () => (await readyReplicas(name)) === 1,
          );
        } else {
          await world.scene.waitUntil('it had its chance', async () => sinceStart() > 10);
          expect(await readyReplicas(name)).toBe(0);
        }
        const ran = sinceStart();
        await world.scene.hub('delete', 'gpujob', name, '-n', namespace, '--timeout=90s');
        const billed = await billedSeconds(uid);
        // Whatever it said of itself, all the time in which it ran is paid.
        expect(billed).toBeGreaterThanOrEqual(Math.max(least, ran - 2));
        expect(billed).toBeLessThanOrEqual(most);
      },
      minutes(5),
    );
  });
});
