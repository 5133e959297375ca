import { beforeAll, describe, expect, test } from '@jest/globals';
import { tokenBalance } from './tokenBalance.ts';
import { aJob, aWorkload, jobUidOf, type KubernetesObject, type Scene, theScene } from './verbs.ts';

const minutes = (count: number) => count * 60_000;
let scene: Scene;
let namespace: string;

beforeAll(async () => {
  scene = theScene();
  namespace = await scene.namespace();
}, minutes(1));

const job = (name: string) => ({ kind: 'gpujob', name, namespace });

/** Those that a provider has taken: one that was too slow to answer is asked again. */
async function leasesOf(name: string): Promise<readonly KubernetesObject[]> {
  const { uid } = (await scene.get('gpujob', name, namespace)).metadata;
  const leases = await scene.list('gpuleases');
  return leases.filter((lease) => jobUidOf(lease) === uid && lease.status?.['acceptance']);
}

describe('a job lives as a Kubernetes user expects', () => {
  test(
    'kubectl apply, wait and get tell where, what state, why and how much',
    async () => {
      await scene.apply(aJob(namespace, 'plain'));
      await scene.hub(
        'wait',
        '--for=condition=Succeeded',
        'gpujob/plain',
        '-n',
        namespace,
        '--timeout=60s',
      );
      const [heading, row] = (await scene.hub('get', 'gj', 'plain', '-n', namespace)).split('\n');
      for (const column of ['STATE', 'PROVIDER', 'PRODUCT', 'DONE', 'COST'])
        expect(heading).toContain(column);
      for (const cell of ['Completed', 'alpha', 'L40S', '1/1']) expect(row).toContain(cell);
      for (const kinds of ['gp', 'go', 'gl', 'ginv', 'pch', 'payacct', 'schain', 'plr']) {
        expect((await scene.hub('get', kinds, '-A')).split('\n').length).toBeGreaterThan(2);
      }
    },
    minutes(2),
  );

  test(
    'a task that fails is retried as often as it may, then the job says so',
    async () => {
      const batch = { completions: 1, retryLimit: 1 };
      await scene.apply(
        aJob(namespace, 'failing', { batch, workload: aWorkload('sleep 1; exit 3') }),
      );
      const end = await scene.waitForCondition(
        job('failing'),
        { type: 'Succeeded', status: 'False' },
        90,
      );
      expect(end.reason).toBe('RetryLimitExceeded');
      const leases = await leasesOf('failing');
      expect(leases).toHaveLength(2);
      expect(new Set(leases.map((lease) => lease.spec?.['epoch'])).size).toBe(2);
    },
    minutes(3),
  );

  test(
    'a job that is deleted while it runs leaves no pod and is paid for what it ran',
    async () => {
      await scene.apply(aJob(namespace, 'deleted', { workload: aWorkload('sleep 600') }));
      await scene.waitForCondition(job('deleted'), { type: 'Succeeded', reason: 'Running' });
      const [lease] = await leasesOf('deleted');
      await scene.hub('delete', 'gpujob', 'deleted', '-n', namespace, '--timeout=90s');
      const pods = await scene.provider('alpha')(
        ...[
          'get',
          'pods',
          '-A',
          '-l',
          `gridlease.dev/lease-uid=${lease?.metadata.uid}`,
          '-o',
          'name',
        ],
      );
      expect(pods.trim()).toBe('');
      const { name, namespace: where } = lease!.metadata;
      await scene.waitForCondition(
        { kind: 'gpulease', name, namespace: where! },
        { type: 'Settled', status: 'True' },
      );
    },
    minutes(4),
  );

  test(
    'an array larger than all free GPUs runs in parts, each index exactly once',
    async () => {
      await scene.apply(
        aJob(namespace, 'parts', {
          batch: { completions: 20, parallelism: 20 },
          gpu: { count: 1, products: ['A100'] },
        }),
      );
      await scene.waitForCondition(job('parts'), { type: 'Succeeded', status: 'True' }, 120);
      const { status } = await scene.get('gpujob', 'parts', namespace);
      expect(status?.['completedIndexes']).toBe('0-19');
      const providers = new Set(
        (await leasesOf('parts')).map((lease) => lease.spec?.['providerName']),
      );
      expect(providers).toEqual(new Set(['bravo', 'charlie']));
    },
    minutes(4),
  );

  test(
    'earnings are paid out to the provider',
    async () => {
      await scene.apply(aJob(namespace, 'paid'));
      await scene.waitForCondition(job('paid'), { type: 'Succeeded', status: 'True' });
      const { address } = scene.environment.providers.find(({ name }) => name === 'alpha')!;
      const earned = () => tokenBalance(scene.environment, address);
      await scene.waitUntil('tokens at the payout address', async () => (await earned()) > 0n, 90);
    },
    minutes(3),
  );

  test(
    'a finished job goes when its time to live is over',
    async () => {
      const runtime = { maxDurationSeconds: 600, ttlSecondsAfterFinished: 1 };
      await scene.apply(aJob(namespace, 'brief', { runtime }));
      await scene.hub('wait', '--for=delete', 'gj/brief', '-n', namespace, '--timeout=55s');
    },
    minutes(2),
  );

  test(
    'a namespace with jobs that run, serve and wait can be deleted, and nothing stays at the provider',
    async () => {
      const doomed = await scene.namespace();
      await scene.apply(aJob(doomed, 'waiting', { gpu: { count: 1, products: ['B300'] } }));
      await scene.apply(
        aJob(doomed, 'serving', {
          ...{ batch: undefined, runtime: undefined, workload: aWorkload('sleep infinity') },
          service: { replicas: 1, ports: [{ name: 'http', port: 8000 }] },
        }),
      );
      await scene.waitForCondition(
        { kind: 'gpujob', name: 'serving', namespace: doomed },
        { type: 'Succeeded', reason: 'Serving' },
      );
      await scene.apply(aJob(doomed, 'doomed', { workload: aWorkload('sleep 600') }));
      await scene.waitForCondition(
        { kind: 'gpujob', name: 'doomed', namespace: doomed },
        { type: 'Succeeded', reason: 'Running' },
      );
      await scene.hub('delete', 'namespace', doomed, '--wait=false');
      await scene.waitUntil(
        `namespace ${doomed} is gone`,
        async () => !(await scene.hub('get', 'namespaces', '-o', 'name')).includes(doomed),
        120,
      );
      const label = `gridlease.dev/job-namespace=${doomed}`;
      const pods = await scene.provider('alpha')('get', 'pods', '-A', '-l', label, '-o', 'name');
      expect(pods.trim()).toBe('');
    },
    minutes(4),
  );
});
