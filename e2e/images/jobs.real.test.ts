import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { gpuJobFor, JOBS } from '../../examples/real/jobs.ts';
import { ROOT } from '../cluster/paths.ts';
import { acquireTestCluster } from '../cluster/testCluster.ts';
import { waitFor } from '../cluster/waitFor.ts';
import type { JobManifest } from './fillJob.ts';
import { unseenWorkloads } from './unseenJobs.ts';

/** What later runs on a real node is taken by a real hub as it is written, and as it is filled in. */

const env = await acquireTestCluster();
const namespace = `team-${randomBytes(3).toString('hex')}`;
const reference = `gridlease.test/any@sha256:${'ab'.repeat(32)}`;

const kubectl = (args: readonly string[], input?: string): string =>
  execFileSync(env.assets.kubectl, ['--kubeconfig', env.hub.kubeconfig, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    ...(input === undefined ? {} : { input }),
  });

beforeAll(async () => {
  const manifests = join(ROOT, 'crds/manifests/hub');
  kubectl(['apply', '--server-side', '--force-conflicts', '-f', manifests]);
  kubectl(['create', 'namespace', namespace]);
  // Kinds are served a moment after they were made.
  await waitFor(() => kubectl(['get', 'gpujobs', '-n', namespace, '-o', 'name']) === '', {
    what: 'GPUJobs served',
    timeoutMilliseconds: 60_000,
  });
}, 120_000);
afterAll(() => void kubectl(['delete', 'namespace', namespace, '--wait=false']));

const examples = JOBS.map((name) => gpuJobFor(name, { reference, namespace }));
const filled = JOBS.map((name) =>
  gpuJobFor(name, {
    reference,
    namespace,
    name: `${name}-filled`,
    accountName: 'other',
    products: ['RTX-4090'],
    store: { url: 'http://10.1.2.3:9000', accessKey: 'key', secretKey: 'secret', bucket: 'b' },
    checkpointURI: 's3://b/checkpoints',
    outputURI: 's3://b/outputs',
    env: { STEPS: '30' },
    spec: { runtime: { maxDurationSeconds: 60 } },
  }),
);
const unseen = unseenWorkloads({
  reference,
  namespace,
  accountName: 'team-a',
  products: ['H100'],
}).map(({ job }) => job);

test('the hub takes them all, and drops no field that is written', () => {
  const items = [...examples, ...filled, ...unseen];
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const answer = kubectl(
    ['create', '--dry-run=server', '--validate=strict', '-o', 'yaml', '-f', '-'],
    list,
  );
  const stored = parseAllDocuments(answer).map((document) => document.toJS() as JobManifest);
  expect(stored).toHaveLength(items.length);
  for (const [index, { metadata, spec }] of items.entries()) {
    expect(stored[index]).toMatchObject({ metadata, spec });
  }
}, 120_000);

test('what is filled in replaces what is written, and nothing else', () => {
  const [written, changed] = [examples[0]!, filled[0]!];
  const envOf = ({ spec }: JobManifest) =>
    Object.fromEntries((spec.workload.env ?? []).map(({ name, value }) => [name, value]));
  expect(envOf(changed)).toEqual({
    ...envOf(written),
    STEPS: '30',
    AWS_ENDPOINT_URL: 'http://10.1.2.3:9000',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  expect(changed.spec.failover).toEqual({ graceSeconds: 15, checkpointURI: 's3://b/checkpoints' });
  expect(changed.spec.budget).toEqual({ ...written.spec.budget, accountName: 'other' });
  expect(changed.spec.gpu).toEqual({ count: 1, products: ['RTX-4090'] });
  expect(changed.spec.batch).toEqual(written.spec.batch);
  expect(filled[1]!.spec.outputs).toEqual([{ path: '/outputs', uri: 's3://b/outputs' }]);
  expect(filled[1]!.spec.workload.resources).toEqual(examples[1]!.spec.workload.resources);
});
