import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GPUJob } from '@gridlease/crds/gpujob';
import { productMatches } from '@gridlease/crds/product';
import { buildWorkloadDocument } from '@gridlease/crds/workloadDocument';
import { policies } from '@gridlease/operator/queue/policies';
import { closedRanges } from '@gridlease/provider-agent/run/egress';
import type { Manifest } from '@gridlease/provider-agent/run/manifests';
import { tenantNamespace } from '@gridlease/provider-agent/run/names';
import { renderTask } from '@gridlease/provider-agent/run/render';
import { renderReplica, renderService } from '@gridlease/provider-agent/run/service';
import { renderFlows, renderTenant } from '@gridlease/provider-agent/run/tenant';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GPU_PRODUCTS } from '../cluster/gpuProducts.ts';
import { acquireTestCluster } from '../cluster/testCluster.ts';
import { waitFor } from '../cluster/waitFor.ts';

/**
 * examples/gpu as a user meets it: a real hub takes each file, the operator's own policies find nothing in it to
 * change, and what an agent makes of it is admitted by a real provider's API server under the restricted profile.
 * No GPU, no image and no network are needed for that; nor does it show that the images do what they should.
 */

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'examples/gpu');
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
const env = await acquireTestCluster();
const suffix = randomBytes(3).toString('hex');
const team = `team-${suffix}`;
const tenant = tenantNamespace('0xhub', team);
const scratch = mkdtempSync(join(tmpdir(), 'gridlease-examples-'));

type Side = 'hub' | 'provider';
/** Rejects with what kubectl printed. */
const kubectl = (side: Side, ...args: readonly string[]) =>
  execFileSync(env.assets.kubectl, ['--kubeconfig', env[side].kubeconfig, ...args], {
    encoding: 'utf8',
    stdio: 'pipe',
    timeout: 60_000,
  });
/** A file that kubectl reads. */
const asFile = (name: string, content: string) => {
  const path = join(scratch, name);
  writeFileSync(path, content);
  return path;
};
/** The names that the API server would have stored, such as job.batch/… */
const dryRun = (side: Side, name: string, objects: readonly unknown[]): readonly string[] => {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  const file = asFile(`${name}.json`, JSON.stringify(list));
  return kubectl(side, 'create', '--dry-run=server', '-o', 'name', '-f', file).trim().split('\n');
};

/** As `kubectl apply` sends it, but in a namespace of this test; the answer has the server's defaults. */
const appliedToHub = (file: string): GPUJob => {
  const text = readFileSync(join(folder, file), 'utf8');
  const mine = asFile(file, text.replace('namespace: team-a\n', `namespace: ${team}\n`));
  return JSON.parse(
    kubectl('hub', 'apply', '--dry-run=server', '-o', 'json', '-f', mine),
  ) as GPUJob;
};

const identityOf = (job: GPUJob) => ({
  providerName: 'alpha',
  hub: '0123456789abcdef',
  managedBy: 'gridlease-provider-agent',
  leaseUid: 'lease-uid',
  epoch: 1,
  job: { namespace: team, name: job.metadata.name, uid: job.metadata.uid! },
});

/** What an agent would create for the first task or replica of a job. */
const rendered = (job: GPUJob) => {
  const document = buildWorkloadDocument(job);
  const identity = identityOf(job);
  const gpus = {
    resourceName: 'nvidia.com/gpu',
    productLabel: 'nvidia.com/gpu.product',
    rawProducts: Object.values(GPU_PRODUCTS).map(({ product }) => product),
  };
  const input = {
    identity,
    namespace: tenant,
    index: 0,
    document,
    gpus,
    runtimeClassName: undefined,
  };
  const closed = closedRanges([]);
  const { service } = document;
  if (service === undefined) {
    const task = renderTask(input);
    return { workload: task, beside: renderFlows(identity, tenant, document, closed) };
  }
  const inbound = { ports: service.ports.map(({ port }) => port), namespace: 'gridlease-agent' };
  const flows = renderFlows(identity, tenant, { ...document, inbound }, closed);
  return {
    workload: renderReplica(input, service.ports),
    beside: [...flows, renderService(identity, tenant, service.ports)],
  };
};

/** The pod that the provider's controllers would make of a Job or a Deployment. */
const podOf = (workload: Manifest, change: object = {}) => {
  const { template } = workload.spec as { readonly template: { readonly spec: object } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    ...template,
    metadata: { name: 'probe', namespace: tenant },
    spec: { ...template.spec, ...change },
  };
};

beforeAll(async () => {
  kubectl(
    'hub',
    'apply',
    '--server-side',
    '--force-conflicts',
    '-f',
    join(root, 'crds/manifests/hub'),
  );
  kubectl('hub', 'create', 'namespace', team);
  const identity = { ...identityOf({ metadata: { name: 'any', uid: 'any' } } as GPUJob) };
  const walls = renderTenant(identity, tenant, { gpus: { 'nvidia.com/gpu': 16 } });
  for (const [position, wall] of walls.entries()) {
    kubectl('provider', 'create', '-f', asFile(`wall-${position}.json`, JSON.stringify(wall)));
  }
  // New kinds are not served for a moment.
  const first = await waitFor(() => appliedToHub(files[0]!), {
    what: 'the hub’s GPUJobs served',
    timeoutMilliseconds: 60_000,
  });
  // A new namespace has no default account and no counted quota for a moment.
  const pause = podOf(rendered(first).workload);
  await waitFor(() => dryRun('provider', 'first', [pause]), {
    what: 'the account and the quota of the tenant’s namespace',
  });
}, 180_000);

afterAll(() => {
  const gone = ['--wait=false', '--ignore-not-found'];
  kubectl('hub', 'delete', 'namespace', team, ...gone);
  kubectl('provider', 'delete', 'namespace', tenant, ...gone);
  rmSync(scratch, { recursive: true, force: true });
}, 60_000);

test('there is one for each kind of work that the README lists', () => {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const listed = [...readme.matchAll(/^\| \[([\w-]+\.yaml)\]/gm)].map(([, file]) => file);
  expect(listed.sort()).toEqual([...files].sort());
  expect(files.length).toBeGreaterThanOrEqual(6);
});

describe.each(files)('%s', (file) => {
  test('says that its digest is a placeholder', () => {
    const text = readFileSync(join(folder, file), 'utf8');
    expect(text.match(/@sha256:/g)).toHaveLength(1);
    expect(text).toMatch(/digest below is a PLACEHOLDER/);
  });

  test('is taken by the hub, and nothing in it is left to change', () => {
    const job = appliedToHub(file);
    const refusals = policies.flatMap((policy) => policy({ job, account: undefined }) ?? []);
    // The account is the team's own to create.
    expect([...new Set(refusals.map(({ reason }) => reason))]).toEqual([
      'AccountNotFound',
      'AccountNotReady',
    ]);
  });

  test('asks for GPUs that exist', () => {
    const { products = [] } = appliedToHub(file).spec.gpu;
    const known = Object.values(GPU_PRODUCTS).map(({ product }) => product);
    const unknown = products.filter((wish) => !known.some((each) => productMatches(wish, each)));
    expect([products.length > 0, unknown]).toEqual([true, []]);
  });

  test('becomes a pod that a restricted namespace admits, with all that stands beside it', () => {
    const { workload, beside } = rendered(appliedToHub(file));
    const stored = dryRun('provider', file, [workload, ...beside, podOf(workload)]);
    const kinds = [workload, ...beside, { kind: 'pod' }].map(({ kind }) => kind.toLowerCase());
    expect(stored.map((name) => name.split(/[./]/)[0])).toEqual(kinds);
  });

  test('would not be admitted with the network of the node', () => {
    const { workload } = rendered(appliedToHub(file));
    const pod = podOf(workload, { hostNetwork: true });
    expect(() => dryRun('provider', file, [pod])).toThrow(/PodSecurity "restricted/);
  });
});
