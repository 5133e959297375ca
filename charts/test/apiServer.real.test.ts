import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureHelm } from '@gridlease/e2e/cluster/helmAsset';
import { readTestEnvironment } from '@gridlease/e2e/cluster/testEnvironment';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { required } from './support/agent.ts';
import {
  type ChartName,
  chartPath,
  helm,
  type Rendered,
  render,
  runProgram,
} from './support/helm.ts';
import { VALID } from './support/valid.ts';

const file = process.env['GRIDLEASE_TEST_ENV'];
if (file === undefined) {
  throw new Error('GRIDLEASE_TEST_ENV is not set: see e2e/cluster/testEnv.ts, or use npm test');
}
const { hub, provider, assets } = readTestEnvironment(file);
const dir = mkdtempSync(join(tmpdir(), 'gridlease-charts-api-'));
const namespace = `charts-${process.pid}`;

const kubectl = (kubeconfig: string, ...args: string[]) =>
  runProgram(assets.kubectl, [...args, '--kubeconfig', kubeconfig]);

beforeAll(async () => {
  await ensureHelm();
  const text = stringify({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  });
  writeFileSync(join(dir, 'namespace.yaml'), text);
  for (const { kubeconfig } of [hub, provider]) {
    const { code, stderr } = await kubectl(kubeconfig, 'apply', '-f', join(dir, 'namespace.yaml'));
    if (code !== 0) throw new Error(stderr);
  }
}, 900_000);

afterAll(async () => {
  for (const { kubeconfig } of [hub, provider]) {
    await kubectl(kubeconfig, 'delete', 'namespace', namespace, '--wait=false');
  }
  rmSync(dir, { recursive: true, force: true });
}, 60_000);

/** Kinds of Prometheus Operator, which no test environment has. */
const isServed = ({ apiVersion }: Rendered) => !apiVersion.startsWith('monitoring.coreos.com/');

type Template = { readonly metadata: object; readonly spec: object };

/** A controller makes pods later; admission is asked about them now. */
const podsOf = (objects: readonly Rendered[]): readonly object[] =>
  objects
    .filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
    .map(({ metadata, spec }) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      ...(spec as { readonly template: Template }).template,
      metadata: { name: metadata.name, namespace },
    }));

const write = (name: string, objects: readonly object[]): string => {
  const path = join(dir, name);
  writeFileSync(path, objects.map((object) => stringify(object, { version: '1.1' })).join('---\n'));
  return path;
};

const CLUSTERS: readonly (readonly [string, string, (chart: ChartName) => boolean])[] = [
  ['a hub', hub.kubeconfig, (chart) => chart !== 'gridlease-provider-agent'],
  ['a provider', provider.kubeconfig, (chart) => chart === 'gridlease-provider-agent'],
];

// All in one call: kubectl reads everything that a server serves at each start.
test.each(CLUSTERS)(
  'the API server of %s takes every object of every release, without a warning',
  async (name, kubeconfig, isHere) => {
    const objects: Rendered[] = [];
    for (const { chart, values } of VALID.filter((given) => isHere(given.chart))) {
      objects.push(...(await render(chart, values, '--namespace', namespace)));
    }
    const path = write(`${name.replace(' ', '-')}.yaml`, objects.filter(isServed));
    const answer = await kubectl(
      kubeconfig,
      ...['apply', '--server-side', '--force-conflicts', '--dry-run=server', '--validate=strict'],
      ...['-f', path],
    );
    expect(answer.stdout.trim().split('\n').length).toBe(objects.filter(isServed).length);
    expect(answer).toMatchObject({ code: 0, stderr: '' });
  },
  120_000,
);

test('a namespace that enforces the restricted profile takes every pod, without a warning', async () => {
  const given = VALID.filter(({ what }) => /no values|required/.test(what));
  for (const { chart, values } of given) {
    if (chart === 'gridlease-crds') continue;
    const kubeconfig = (chart === 'gridlease-provider-agent' ? provider : hub).kubeconfig;
    const objects = await render(chart, values, '--namespace', namespace);
    // Asked before the ServiceAccount exists.
    const pods = podsOf(objects).map((pod) => ({
      ...pod,
      spec: { ...(pod as Template).spec, serviceAccountName: 'default' },
    }));
    expect(pods).toHaveLength(2);
    const path = write('pods.yaml', pods);
    const answer = await kubectl(kubeconfig, 'create', '--dry-run=server', '-f', path);
    expect(answer).toMatchObject({ code: 0, stderr: '' });
  }
}, 60_000);

const install = (chart: ChartName, values: object, ...more: string[]) =>
  helm(['install', chart, chartPath(chart), '--namespace', namespace, ...more], values, {
    KUBECONFIG: hub.kubeconfig,
  });

const monitored = (renderMode: string) => ({ serviceMonitor: { enabled: true, renderMode } });

test('a cluster without Prometheus Operator is told so', async () => {
  const values = monitored('failIfMissing');
  const { code, stderr } = await install('gridlease-operator', values, '--dry-run=server');
  expect(code).not.toBe(0);
  expect(stderr).toContain('serviceMonitor.enabled: this cluster serves no ServiceMonitor');
}, 60_000);

test.each([
  ['failIfMissing', ['monitoring.coreos.com/v1/ServiceMonitor'], true],
  ['skipIfMissing', ['monitoring.coreos.com/v1/ServiceMonitor'], true],
  ['skipIfMissing', [], false],
  ['alwaysRender', [], true],
] as const)(
  '%s, where %j is served beside what all servers have',
  async (mode, served, isThere) => {
    const versions = ['apiregistration.k8s.io/v1', ...served].flatMap((v) => ['--api-versions', v]);
    const objects = await render('gridlease-operator', monitored(mode), ...versions);
    expect(objects.some(({ kind }) => kind === 'ServiceMonitor')).toBe(isThere);
  },
);

test.each([
  ['gridlease-crds', {}, 'helm install gridlease-operator charts/gridlease-operator'],
  ['gridlease-operator', {}, 'kubectl get settlementchains,gpuproviders'],
  ['gridlease-provider-agent', required, 'kubectl get gpuproviders alpha'],
] as const)('after an install of %s one reads the next command', async (chart, values, next) => {
  const { code, stdout } = await install(chart, values, '--dry-run=client');
  expect(code).toBe(0);
  const notes = stdout.slice(stdout.indexOf('NOTES:'));
  expect(notes).toContain(next);
  if (chart === 'gridlease-crds') return;
  expect(notes).toContain('serviceMonitor.labels.release=');
});

test('who forgets the label by which Prometheus selects is reminded of it', async () => {
  const values = { serviceMonitor: { enabled: true } };
  const { stdout } = await install('gridlease-operator', values, '--dry-run=client');
  expect(stdout).toContain('--set serviceMonitor.labels.release=');
  const labelled = { serviceMonitor: { enabled: true, labels: { release: 'monitoring' } } };
  const quiet = await install('gridlease-operator', labelled, '--dry-run=client');
  expect(quiet.stdout).not.toContain('serviceMonitor.labels.release=');
});
