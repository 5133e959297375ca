import { setTimeout as delay } from 'node:timers/promises';
import type { GPUJobSpecInput } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import { ApiError } from '@gridlease/kube/apiError';
import { toKubeTime } from '@gridlease/kube/conditions';
import type { KubeObject } from '@gridlease/kube/object';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { acceptAndRun, end } from './testing/agentAnswers.ts';
import { image } from './testing/builders.ts';
import { type JobScene, openJobScene } from './testing/jobScene.ts';
import { clientsOf } from './testing/testHub.ts';

jest.setTimeout(180_000);

let scene: JobScene;

beforeEach(async () => {
  scene = await openJobScene();
}, 120_000);
afterEach(async () => {
  await scene?.close();
}, 60_000);

const wanting = (product: string) => ({ gpu: { count: 1, products: [product] } });
const newestLease = (name: string, epochAbove = 0) =>
  scene.until(`a lease of ${name} above epoch ${epochAbove}`, () =>
    scene.leases(name).find(({ spec }) => spec.epoch > epochAbove),
  );
const inNamespace = (...args: readonly string[]) =>
  scene.hub.kubectl('-n', scene.hub.namespace, ...args);

async function running(
  name: string,
  product: string,
  spec: Partial<GPUJobSpecInput> = {},
): Promise<GPULease> {
  await scene.addProvider(name, product, 1);
  await scene.apply(name, { ...wanting(product), ...spec });
  const lease = await newestLease(name);
  await acceptAndRun(scene.hub, scene.agent.address, lease);
  await scene.untilReason(name, 'Succeeded', 'Running');
  return lease;
}

const untilStopped = (name: string) =>
  scene.until(`${name} is stopped`, () =>
    scene.leases(name).every(({ spec }) => spec.desiredState === 'Stopped'),
  );

/** kubectl wait would stop the stages, which run in this process. */
async function namespaceIsGone(): Promise<void> {
  const path = `/api/v1/namespaces/${scene.hub.namespace}`;
  const deadline = Date.now() + 120_000;
  for (;;) {
    try {
      const found = await scene.hub.admin.request<KubeObject>({ method: 'GET', path });
      if (Date.now() > deadline)
        throw new Error(`the namespace is still there: ${JSON.stringify(found)}`);
    } catch (error) {
      if (error instanceof ApiError && error.isNotFound) return;
      throw error;
    }
    await delay(200);
  }
}

/** The provider of this lease was given up, as the recovery stage says it. */
async function lose({ metadata }: GPULease): Promise<void> {
  const { leases } = clientsOf(scene.hub);
  const lease = await leases.get(metadata);
  const lost = {
    ...{ time: toKubeTime(new Date()), reason: 'ProviderLost' as const },
    message: 'nothing was heard for 100 s',
  };
  await leases.replace({ ...lease, spec: { ...lease.spec, lost } });
}

describe('a namespace of a team is deleted', () => {
  test('while the operator is away: jobs that ran, waited and lost their provider let it go', async () => {
    const runs = await running('runs', 'H100');
    const lost = await running('lost', 'A100');
    await scene.apply('waits', wanting('B200'));
    await scene.untilReason('waits', 'Placed', 'UnknownProduct');
    const { hub } = scene;
    await scene.restart(async () => {
      hub.kubectl('delete', 'namespace', hub.namespace, '--wait=false');
      const gone = ['payacct/team', ...['runs', 'lost'].map(recordOf)];
      inNamespace('wait', '--for=delete', ...gone, '--timeout=120s');
    });
    const before = hub.operator.writes.length;
    await untilStopped('runs');
    await untilStopped('lost');
    await scene.until('the waiting job is gone', () => scene.job('waits') === undefined);
    expect(scene.job('runs')?.metadata.finalizers).toHaveLength(1);
    await end(hub, runs, { reason: 'Stopped' });
    await scene.until('the first job is gone', () => scene.job('runs') === undefined);
    expect(scene.job('lost')).toBeDefined();
    await lose(lost);
    await namespaceIsGone();
    // Nothing can be made there any more, and nobody tried.
    const made = hub.operator.writes.slice(before).filter((write) => write.startsWith('POST'));
    expect(made).toEqual([]);
  });

  const recordOf = (name: string) => `plr/${scene.leases(name)[0]?.metadata.name}`;

  test('with the operator at work', async () => {
    const lease = await running('runs', 'L4');
    const { hub } = scene;
    hub.kubectl('delete', 'namespace', hub.namespace, '--wait=false');
    await untilStopped('runs');
    await end(hub, lease, { reason: 'Stopped' });
    await namespaceIsGone();
  });
});

describe('somebody deletes by hand', () => {
  test('a lease: its tasks are placed again, under another name and a higher epoch', async () => {
    const lease = await running('lease', 'H100');
    await scene.until('the epoch on the job', () => scene.job('lease')?.status?.epoch === 1);
    const { namespace, name } = lease.metadata;
    scene.hub.kubectl('delete', 'gl', name, '-n', namespace!);
    const next = await newestLease('lease', 1);
    expect(next.metadata.name).not.toBe(name);
    expect(scene.leases('lease')).toHaveLength(1);
    // Neither now nor after a restart is the old one made again from its record.
    await scene.restart(async () => {});
    await scene.untilReason('lease', 'Placed', 'Placed');
    expect(scene.leases('lease').map(({ metadata }) => metadata.name)).toEqual([
      next.metadata.name,
    ]);
  });

  test('the record and the workload of a lease: it runs on, and the next attempt has its own', async () => {
    // Too long to travel in the lease itself.
    const env = [{ name: 'LONG', value: 'x'.repeat(4_096) }];
    const lease = await running('traces', 'H100', { workload: { image, env } });
    await scene.until('the epoch on the job', () => scene.job('traces')?.status?.epoch === 1);
    const { workloadName } = lease.spec;
    const workload = ['lw', workloadName, '-n', lease.metadata.namespace!];
    scene.hub.kubectl('delete', ...workload);
    inNamespace('delete', 'plr', lease.metadata.name);
    inNamespace('patch', 'gj', 'traces', '--type=merge', '-p', '{"spec":{"suspend":true}}');
    await untilStopped('traces');
    expect(scene.leases('traces')).toHaveLength(1);
    await end(scene.hub, lease, { reason: 'Stopped' });
    await scene.untilReason('traces', 'Succeeded', 'Suspended');
    inNamespace('patch', 'gj', 'traces', '--type=merge', '-p', '{"spec":{"suspend":false}}');
    const next = await newestLease('traces', 1);
    expect(next.spec).toMatchObject({ epoch: 2, workloadName });
    expect(scene.hub.kubectl('get', ...workload)).toContain(workloadName);
  });

  test('the account: what runs goes on, nothing new starts until there is one again', async () => {
    await running('paid', 'H100');
    inNamespace('delete', 'payacct', 'team');
    const told = await scene.untilReason('paid', 'Admitted', 'AccountNotFound');
    expect(told.message).toContain('create it or change budget.accountName');
    expect(scene.leases('paid')[0]?.spec.desiredState).toBe('Running');
    await scene.apply('later', wanting('H100'));
    await scene.untilReason('later', 'Succeeded', 'AccountNotFound');
    await scene.addAccount();
    await scene.untilReason('paid', 'Admitted', 'Admitted');
    await scene.untilReason('later', 'Admitted', 'Admitted');
  });
});

test('a finished job goes when its time is over', async () => {
  await scene.addProvider('brief', 'H100', 1);
  const runtime = { maxDurationSeconds: 600, ttlSecondsAfterFinished: 1 };
  await scene.apply('brief', { ...wanting('H100'), runtime });
  const lease = await newestLease('brief');
  await acceptAndRun(scene.hub, scene.agent.address, lease);
  await end(scene.hub, lease, { completed: '0', reason: 'Completed' });
  await scene.until('no job', () => scene.job('brief') === undefined);
});
