import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { end } from './testing/agentAnswers.ts';
import { type JobScene, openJobScene, sayReady, serve } from './testing/jobScene.ts';

jest.setTimeout(180_000);

let scene: JobScene;

beforeAll(async () => {
  scene = await openJobScene();
}, 120_000);
afterAll(async () => {
  await scene?.close();
}, 60_000);

const ports = [{ name: 'http', port: 8_000, probe: { path: '/health' } }];
const kubectl = (...args: readonly string[]) =>
  scene.hub.kubectl('-n', scene.hub.namespace, ...args);
const indexesOf = (name: string, state: GPULease['spec']['desiredState'] = 'Running') =>
  scene
    .leases(name)
    .filter(({ spec }) => spec.desiredState === state)
    .map(({ spec }) => spec.tasks.indexes)
    .sort();
const replica = (name: string, index: number, epochAbove = 0) =>
  scene.until(`replica ${index} of ${name}`, () =>
    scene
      .leases(name)
      .find(({ spec }) => spec.tasks.indexes === String(index) && spec.epoch > epochAbove),
  );
const service = (product: string, replicas: number) => ({
  service: { replicas, ports },
  gpu: { count: 1, products: [product] },
});

/** A service whose replicas all pass their check. */
async function serving(name: string, product: string, replicas: number): Promise<GPUJob> {
  await scene.addProvider(name, product, replicas + 2);
  await scene.apply(name, service(product, replicas));
  for (let index = 0; index < replicas; index += 1) await serve(scene, await replica(name, index));
  await scene.untilReason(name, 'Succeeded', 'Serving');
  return scene.job(name)!;
}

describe('a service on a real API server', () => {
  test('gets a lease for each replica, and serves when all pass their check', async () => {
    await scene.addProvider('grow', 'H100', 4);
    await scene.apply('grow', service('H100', 2));
    const [first, second] = [await replica('grow', 0), await replica('grow', 1)];
    expect(first.spec).toMatchObject({
      tasks: { parallelism: 1, gpusPerTask: 1 },
      terms: { maxSeconds: 0, fenceSeconds: 0, gpuCount: 1 },
    });
    expect(second.spec.workloadName).toBe(first.spec.workloadName);
    await serve(scene, first);
    await scene.untilReason('grow', 'Succeeded', 'PartlyServing');
    await serve(scene, second);
    const { message } = await scene.untilReason('grow', 'Succeeded', 'Serving');
    expect(message).toMatch(/^2 of 2 replicas ready with grow-/);
    expect(kubectl('get', 'gj', 'grow')).toMatch(/Serving .* 2\/2 /);
    await sayReady(scene.hub, second, 'False');
    await scene.untilReason('grow', 'Succeeded', 'PartlyServing');
    await sayReady(scene.hub, second, 'True');
    await scene.untilReason('grow', 'Succeeded', 'Serving');
  });

  test('is scaled up and down by kubectl scale, down from the highest replica', async () => {
    await serving('scale', 'A100', 2);
    kubectl('scale', 'gj', 'scale', '--replicas=3');
    const third = await replica('scale', 2);
    await scene.untilReason('scale', 'Succeeded', 'PartlyServing');
    await serve(scene, third);
    await scene.until('three ready', () => scene.job('scale')?.status?.readyReplicas === 3);
    const path = `/apis/gridlease.dev/v1alpha1/namespaces/${scene.hub.namespace}/gpujobs/scale/scale`;
    expect(JSON.parse(kubectl('get', '--raw', path))).toMatchObject({
      spec: { replicas: 3 },
      status: {
        replicas: 3,
        selector: `gridlease.dev/job-uid=${scene.job('scale')?.metadata.uid}`,
      },
    });

    kubectl('scale', 'gj', 'scale', '--replicas=1');
    await scene.until('two stopped', () => indexesOf('scale', 'Stopped').length === 2);
    expect(indexesOf('scale', 'Stopped')).toEqual(['1', '2']);
    for (const lease of scene.leases('scale').filter(({ spec }) => spec.tasks.indexes !== '0')) {
      await end(scene.hub, lease, { reason: 'Stopped' });
    }
    await scene.until('one replica', () => scene.job('scale')?.status?.replicas === 1);
    await scene.untilReason('scale', 'Succeeded', 'Serving');
    expect(indexesOf('scale')).toEqual(['0']);

    kubectl('scale', 'gj', 'scale', '--replicas=0');
    await scene.until('none is wanted', () => indexesOf('scale').length === 0);
    await end(scene.hub, await replica('scale', 0), { reason: 'Stopped' });
    await scene.untilReason('scale', 'Succeeded', 'ScaledToZero');
    kubectl('scale', 'gj', 'scale', '--replicas=1');
    // All three names were used: the next one is above them.
    await replica('scale', 0, 3);
  });

  test('replaces a replica that failed, and leaves the others as they are', async () => {
    await serving('fails', 'L40S', 2);
    const first = await replica('fails', 0);
    await end(scene.hub, first, { reason: 'NodeLost' });
    await scene.untilReason('fails', 'Succeeded', 'PartlyServing');
    const next = await replica('fails', 0, first.spec.epoch);
    expect(indexesOf('fails')).toEqual(['0', '0', '1']);
    await serve(scene, next);
    await scene.untilReason('fails', 'Succeeded', 'Serving');
    expect(next.metadata.name).not.toBe(first.metadata.name);
  });

  test('stops while it is suspended, and goes on with other leases', async () => {
    await serving('pause', 'L4', 1);
    const first = await replica('pause', 0);
    kubectl('patch', 'gj', 'pause', '--type=merge', '-p', '{"spec":{"suspend":true}}');
    await scene.untilReason('pause', 'Succeeded', 'Stopping');
    await end(scene.hub, first, { reason: 'Stopped' });
    await scene.untilReason('pause', 'Succeeded', 'Suspended');
    expect(scene.leases('pause')).toHaveLength(1);
    kubectl('patch', 'gj', 'pause', '--type=merge', '-p', '{"spec":{"suspend":false}}');
    await serve(scene, await replica('pause', 0, first.spec.epoch));
    await scene.untilReason('pause', 'Succeeded', 'Serving');
  });

  test('keeps its image, and says what to do instead of changing it', async () => {
    await serving('image', 'T4', 1);
    const image = `registry.example/serve@sha256:${'b'.repeat(64)}`;
    const patch = JSON.stringify({ spec: { workload: { image } } });
    let said = '';
    try {
      kubectl('patch', 'gj', 'image', '--type=merge', '-p', patch);
    } catch (error) {
      said = String((error as { readonly stderr: string }).stderr);
    }
    expect(said).toContain("spec.workload.image can't change from");
    expect(said).toContain(
      'create another GPUJob with it; in front of a service wait until the new one is Serving, then delete this one',
    );
  });

  test('is gone when its pods are', async () => {
    const job = await serving('gone', 'P100', 1);
    const lease = await replica('gone', 0);
    await scene.jobs.delete(job.metadata, { uid: job.metadata.uid! });
    await scene.until('a stopped lease', () => indexesOf('gone', 'Stopped').length === 1);
    await end(scene.hub, lease, { reason: 'Stopped' });
    await scene.until('no job', () => scene.job('gone') === undefined);
  });
});

test('tasks that end may be told to run on without the hub', async () => {
  await scene.addProvider('keep', 'V100', 1);
  await scene.apply('keep', {
    ...{ gpu: { count: 1, products: ['V100'] }, runtime: { maxDurationSeconds: 600 } },
    failover: { onDisconnect: 'KeepRunning' },
  });
  expect((await replica('keep', 0)).spec.terms).toMatchObject({
    fenceSeconds: 0,
    maxSeconds: 1_500,
  });
});
