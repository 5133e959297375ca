import { beforeAll, describe, expect, test } from '@jest/globals';
import { aJob, anAccount, type Condition, jobUidOf, type Scene, theScene } from './verbs.ts';

const minutes = (count: number) => count * 60_000;
let scene: Scene;
let namespace: string;

beforeAll(async () => {
  scene = theScene();
  namespace = await scene.namespace();
}, minutes(1));

const job = (name: string) => ({ kind: 'gpujob', name, namespace });

/** The job waits for this reason, everywhere a person looks, and nothing was created or charged for it. */
async function expectWaiting(name: string, reason: string): Promise<Condition> {
  const waiting = await scene.waitForCondition(job(name), {
    type: 'Succeeded',
    status: 'Unknown',
    reason,
  });
  const described = await scene.hub('describe', 'gpujob', name, '-n', namespace);
  expect(described).toContain(reason);
  const columns = await scene.hub('get', 'gj', name, '-n', namespace);
  expect(columns).toContain(reason);
  const { uid } = (await scene.get('gpujob', name, namespace)).metadata;
  const leases = await scene.list('gpuleases');
  expect(leases.filter((lease) => jobUidOf(lease) === uid)).toEqual([]);
  expect(await scene.list('placementrecords', namespace)).not.toContainEqual(
    expect.objectContaining({
      spec: expect.objectContaining({ jobRef: expect.objectContaining({ uid }) }),
    }),
  );
  return waiting;
}

const expectSucceeds = (name: string) =>
  scene.waitForCondition(job(name), { type: 'Succeeded', status: 'True' }, 60);

const patch = (name: string, spec: object) =>
  scene.hub(
    'patch',
    'gpujob',
    name,
    '-n',
    namespace,
    '--type=merge',
    '-p',
    JSON.stringify({ spec }),
  );

describe('a job that cannot start says why, and starts by itself when the cause goes away', () => {
  test(
    'an unknown product lists what is offered',
    async () => {
      await scene.apply(
        aJob(namespace, 'unknown-product', { gpu: { count: 1, products: ['B300'] } }),
      );
      const { message } = await expectWaiting('unknown-product', 'UnknownProduct');
      for (const offered of ['H100', 'L40S', 'A100', 'H200', 'RTX-4090'])
        expect(message).toContain(offered);
    },
    minutes(2),
  );

  test(
    'a price cap below all offers names the cheapest; a higher cap starts the job',
    async () => {
      const budget = { accountName: 'account', maxPricePerGPUHour: '0.10' };
      await scene.apply(aJob(namespace, 'cheap', { budget }));
      const { message } = await expectWaiting('cheap', 'PriceAboveMax');
      expect(message).toMatch(/0\.8/);
      expect(message).toContain('alpha');
      await patch('cheap', { budget: { maxPricePerGPUHour: '0.90' } });
      await expectSucceeds('cheap');
    },
    minutes(2),
  );

  test(
    'too few free GPUs says what is needed and what each provider has',
    async () => {
      const gpu = { count: 16, products: ['H100'] };
      await scene.apply(aJob(namespace, 'wide', { gpu }));
      const { message } = await expectWaiting('wide', 'InsufficientCapacity');
      expect(message).toMatch(/16/);
      expect(message).toMatch(/alpha.*8/);
      expect(message).toMatch(/bravo.*8/);
    },
    minutes(2),
  );

  test(
    'a job that waits for busy GPUs starts when they are given back',
    async () => {
      const workload = { ...aJob(namespace, 'x').spec.workload, command: ['sleep', '600'] };
      const gpu = { count: 4, products: ['H200'] };
      await scene.apply(aJob(namespace, 'busy', { workload, gpu }));
      await scene.waitForCondition(job('busy'), { type: 'Placed', status: 'True' });
      await scene.apply(aJob(namespace, 'patient', { gpu }));
      await expectWaiting('patient', 'InsufficientCapacity');
      await scene.hub('delete', 'gpujob', 'busy', '-n', namespace, '--timeout=60s');
      await expectSucceeds('patient');
    },
    minutes(4),
  );

  test(
    'an excluded region lists the regions there are; placement may be changed',
    async () => {
      await scene.apply(aJob(namespace, 'far', { placement: { regions: ['sa-east'] } }));
      const { message } = await expectWaiting('far', 'RegionExcluded');
      expect(message).toContain('eu-central');
      await patch('far', { placement: { regions: ['eu-central'] } });
      await expectSucceeds('far');
    },
    minutes(2),
  );

  test(
    'an escrow that is too small names amount, token and addresses; a smaller budget starts it',
    async () => {
      const gpu = { count: 4, products: ['L40S'] };
      const runtime = { maxDurationSeconds: 31_536_000 };
      await scene.apply(
        aJob(namespace, 'costly', { gpu, runtime, batch: { completions: 100, parallelism: 1 } }),
      );
      const { message } = await expectWaiting('costly', 'EscrowTooSmall');
      expect(message).toMatch(/needs [\d.]+ tUSD/);
      expect(message).toContain(scene.environment.tenant.address);
      expect(message).toContain(scene.environment.chain.escrow);
      await patch('costly', { budget: { maxTotal: '1.00' } });
      await scene.waitForCondition(job('costly'), { type: 'Admitted', status: 'True' });
      await scene.waitUntil('the first task is placed', async () => {
        const placed = await scene.get('gpujob', 'costly', namespace);
        return Number(placed.status?.['epoch'] ?? 0) > 0;
      });
      await scene.hub('delete', 'gpujob', 'costly', '-n', namespace, '--timeout=90s');
    },
    minutes(4),
  );

  test(
    'a missing account is named; creating it starts the job',
    async () => {
      await scene.apply(aJob(namespace, 'orphan', { budget: { accountName: 'later' } }));
      const { message } = await expectWaiting('orphan', 'AccountNotFound');
      expect(message).toContain('later');
      await scene.apply(anAccount(namespace, scene.environment.tenant.address, 'later'));
      await expectSucceeds('orphan');
    },
    minutes(3),
  );

  const unsupported: readonly [string, string, object][] = [
    [
      'outputs of a service',
      'outputs',
      {
        batch: undefined,
        service: { replicas: 1, ports: [{ name: 'http', port: 8000 }] },
        outputs: [{ path: '/out', uri: 's3://bucket/out' }],
      },
    ],
  ];
  test.each(unsupported)(
    '%s, not supported yet, is named by its field',
    async (_name, field, spec) => {
      const name = `unsupported-${field.toLowerCase().replace('.', '-')}`;
      await scene.apply(aJob(namespace, name, spec as Record<string, object>));
      const { message } = await expectWaiting(name, 'FieldNotSupported');
      expect(message).toContain(field);
    },
    minutes(2),
  );

  test(
    'a suspended job waits until it is resumed',
    async () => {
      await scene.apply(aJob(namespace, 'paused', { suspend: true }));
      await expectWaiting('paused', 'Suspended');
      await patch('paused', { suspend: false });
      await expectSucceeds('paused');
    },
    minutes(2),
  );
});
