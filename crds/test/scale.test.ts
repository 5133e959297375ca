import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { gpuJob } from '../src/gpujob.ts';
import { OPERATOR_USER } from '../src/labels.ts';
import type { Answer } from './apiServer.ts';
import { collectionPath, messageOf } from './cluster.ts';
import { PolicyHub } from './policyHub.ts';

let hub: PolicyHub;
let service: string;
let batch: string;

beforeAll(async () => {
  hub = await PolicyHub.start();
  const jobs = collectionPath(gpuJob, hub.hub.providerNamespace);
  [service, batch] = [`${jobs}/service`, `${jobs}/job`];
}, 120_000);
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]();
}, 120_000);

const call = (method: string, path: string, body?: unknown, contentType?: string) =>
  hub.hub.server.call({
    method,
    path,
    ...(body === undefined ? {} : { body }),
    ...(contentType === undefined ? {} : { contentType }),
  });
/** What `kubectl scale` sends. */
const scaleTo = (path: string, replicas: number): Promise<Answer> =>
  call('PATCH', `${path}/scale`, { spec: { replicas } }, 'application/merge-patch+json');

describe('the scale of a service', () => {
  test('is read and written without the rest of the job', async () => {
    const { body: job } = await call('GET', service);
    const status = { replicas: 1, readyReplicas: 1, selector: 'gridlease.dev/job-uid=1' };
    const path = `${service}/status`;
    const written = await hub.hub.server.call({
      ...{ method: 'PUT', path, body: { ...job, status }, as: OPERATOR_USER },
    });
    expect([messageOf(written), written.status]).toEqual([expect.any(String), 200]);
    const { body: scale } = await call('GET', `${service}/scale`);
    expect(scale).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 1 },
      status: { replicas: 1, selector: status.selector },
    });

    const scaled = await scaleTo(service, 3);
    expect([messageOf(scaled), scaled.status]).toEqual([expect.any(String), 200]);
    const { body: after } = await call('GET', service);
    expect(after['spec']).toMatchObject({ service: { replicas: 3, ports: [{ port: 8000 }] } });
    const generation = (one: Answer['body']) =>
      (one['metadata'] as { generation: number }).generation;
    expect(generation(after)).toBe(generation(job) + 1);
  });

  test('belongs to whoever scales: an apply that leaves replicas out leaves them as they are', async () => {
    const { body: job } = await call('GET', service);
    const { service: served, ...rest } = job['spec'] as { service: { ports: unknown } };
    const { apiVersion, kind, metadata } = job as unknown as {
      readonly apiVersion: string;
      readonly kind: string;
      readonly metadata: { readonly name: string; readonly labels: object };
    };
    await scaleTo(service, 5);
    const { name, labels } = metadata;
    const applied = await call(
      'PATCH',
      `${service}?fieldManager=gitops&force=true`,
      {
        apiVersion,
        kind,
        metadata: { name, labels },
        spec: { ...rest, service: { ports: served.ports } },
      },
      'application/apply-patch+yaml',
    );
    expect([messageOf(applied), applied.status]).toEqual([expect.any(String), 200]);
    expect(applied.body['spec']).toMatchObject({ service: { replicas: 5 } });
  });

  test.each([-1, 257])('is refused beyond the bounds: %i', async (replicas) => {
    const answer = await scaleTo(service, replicas);
    expect([messageOf(answer), answer.status]).toEqual([
      expect.stringMatching(/write 0 to 256 replicas|must be greater than or equal to 0/),
      422,
    ]);
  });

  test('does not exist for tasks that end', async () => {
    const answer = await scaleTo(batch, 3);
    expect([messageOf(answer), answer.status >= 400]).toEqual([
      expect.stringContaining('spec.service'),
      true,
    ]);
  });
});
