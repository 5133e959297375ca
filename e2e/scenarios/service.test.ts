import { beforeAll, describe, expect, test } from '@jest/globals';
import { aJob, aWorkload, jobUidOf, type KubernetesObject, type Scene, theScene } from './verbs.ts';

const minutes = (count: number) => count * 60_000;
let scene: Scene;
let namespace: string;

beforeAll(async () => {
  scene = theScene();
  namespace = await scene.namespace();
}, minutes(1));

const ports = [{ name: 'http', port: 8000, probe: { path: '/health', periodSeconds: 1 } }];
const aService = (name: string, replicas: number) =>
  aJob(namespace, name, {
    ...{ batch: undefined, runtime: undefined, service: { replicas, ports } },
    ...{ workload: aWorkload('sleep infinity'), failover: { graceSeconds: 1 } },
  });
const job = (name: string) => ({ kind: 'gpujob', name, namespace });
const says = (name: string, reason: string) =>
  scene.waitForCondition(job(name), { type: 'Succeeded', reason }, 90);

/** Those that a provider has taken: one that was too slow to answer is asked again. */
async function leasesOf(uid: string): Promise<readonly KubernetesObject[]> {
  const leases = await scene.list('gpuleases');
  return leases.filter((lease) => jobUidOf(lease) === uid && lease.status?.['acceptance']);
}

/** Pods of the job at the only provider of its product. */
async function podsOf(uid: string): Promise<number> {
  const label = `gridlease.dev/job-uid=${uid}`;
  const names = await scene.provider('alpha')('get', 'pods', '-A', '-l', label, '-o', 'name');
  return names.trim() === '' ? 0 : names.trim().split('\n').length;
}

describe('a service', () => {
  test(
    'serves, is scaled by kubectl scale, keeps its image, takes a break, and is paid when it goes',
    async () => {
      await scene.apply(aService('chat', 2));
      const { uid } = (await scene.get('gpujob', 'chat', namespace)).metadata;
      const { message } = await says('chat', 'Serving');
      expect(message).toBe('2 of 2 replicas ready with alpha');
      expect(await scene.hub('get', 'gj', 'chat', '-n', namespace)).toMatch(/Serving .* 2\/2 /);
      const services = await scene.provider('alpha')(
        ...['get', 'services', '-A', '-l', `gridlease.dev/job-uid=${uid}`, '-o', 'name'],
      );
      expect(services.trim().split('\n')).toHaveLength(1);

      await scene.hub('scale', 'gj', 'chat', '--replicas=3', '-n', namespace);
      const ready = (count: number) =>
        scene.waitUntil(`${count} replicas ready and no more`, async () => {
          const { status } = await scene.get('gpujob', 'chat', namespace);
          return status?.['readyReplicas'] === count && status?.['replicas'] === count;
        });
      await ready(3);
      expect(await podsOf(uid)).toBe(3);
      await scene.hub('scale', 'gj', 'chat', '--replicas=1', '-n', namespace);
      await ready(1);
      await scene.waitUntil('one pod', async () => (await podsOf(uid)) === 1);
      const kept = (await leasesOf(uid)).filter(({ spec }) => spec?.['desiredState'] === 'Running');
      expect(kept.map(({ spec }) => spec?.['tasks'])).toMatchObject([{ indexes: '0' }]);

      const image = `registry.example/tool@sha256:${'cd'.repeat(32)}`;
      const change = JSON.stringify({ spec: { workload: { image } } });
      await expect(
        scene.hub('patch', 'gj', 'chat', '-n', namespace, '--type=merge', '-p', change),
      ).rejects.toThrow(/spec\.workload\.image can't change.*create another GPUJob with it/s);

      const suspend = (value: boolean) =>
        scene.hub(
          ...['patch', 'gj', 'chat', '-n', namespace, '--type=merge'],
          ...['-p', JSON.stringify({ spec: { suspend: value } })],
        );
      await suspend(true);
      await says('chat', 'Suspended');
      expect(await podsOf(uid)).toBe(0);
      await suspend(false);
      await says('chat', 'Serving');
      const epochs = (await leasesOf(uid)).map((lease) => lease.spec?.['epoch']);
      expect(new Set(epochs).size).toBe(4);

      await scene.hub('delete', 'gpujob', 'chat', '-n', namespace, '--timeout=90s');
      expect(await podsOf(uid)).toBe(0);
      await scene.waitUntil('every replica is paid', async () =>
        (await leasesOf(uid)).every(({ status }) =>
          status?.conditions?.some(({ type, status: is }) => type === 'Settled' && is === 'True'),
        ),
      );
    },
    minutes(6),
  );
});
