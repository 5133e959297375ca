import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureHelm } from '@gridlease/e2e/cluster/helmAsset';
import { loadManifests } from '@gridlease/e2e/cluster/manifests';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { isScalar, parseAllDocuments, visit } from 'yaml';
import { repository } from '../src/repository.ts';
import { required } from './support/agent.ts';
import { type ChartName, chartPath, helm, ofKind, type Rendered, render } from './support/helm.ts';
import { VALID } from './support/valid.ts';

type Container = {
  readonly image: string;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly resources: { readonly requests: object; readonly limits: object };
};
type PodSpec = {
  readonly containers: readonly Container[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumes: readonly Readonly<Record<string, unknown>>[];
  readonly [key: string]: unknown;
};
type Rule = {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly verbs: string[];
};

const every: { readonly what: string; readonly objects: readonly Rendered[] }[] = [];

beforeAll(async () => {
  await ensureHelm();
  for (const { what, chart, values } of VALID) {
    every.push({ what: `${chart} with ${what}`, objects: await render(chart, values) });
  }
}, 900_000);

const all = (): readonly (Rendered & { readonly from: string })[] =>
  every.flatMap(({ what, objects }) => objects.map((object) => ({ ...object, from: what })));

const podSpecs = (objects: readonly Rendered[]): readonly PodSpec[] =>
  objects
    .filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
    .map(({ spec }) => (spec as { template: { spec: PodSpec } }).template.spec);

describe('every object of every release', () => {
  test('carries the standard labels', () => {
    const standard = ['name', 'instance', 'version', 'part-of', 'managed-by'];
    const bare = all().filter(
      ({ metadata }) =>
        metadata.labels?.['helm.sh/chart'] === undefined ||
        standard.some((name) => metadata.labels?.[`app.kubernetes.io/${name}`] === undefined),
    );
    expect(bare.map(({ from, kind, metadata }) => `${from}: ${kind} ${metadata.name}`)).toEqual([]);
  });

  test('has a name that no other has', () => {
    for (const { objects } of every) {
      const names = objects.map(({ kind, metadata: m }) => `${kind} ${m.namespace}/${m.name}`);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  test('gives no right by a wildcard, and none of cluster-admin', () => {
    const roles = all().filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role');
    expect(roles.length).toBeGreaterThan(0);
    for (const { rules } of roles) {
      for (const { apiGroups, resources, verbs } of rules as readonly Rule[]) {
        expect([...apiGroups, ...resources, ...verbs]).not.toContain('*');
      }
    }
    const bound = all().filter(({ kind }) => kind.endsWith('RoleBinding'));
    const named = bound.map(({ roleRef }) => (roleRef as { readonly name: string }).name);
    expect(named.filter((name) => !name.startsWith('gridlease-'))).toEqual([]);
  });

  test('runs as the restricted profile asks, with resources, without a token that it does not need', () => {
    const specs = podSpecs(all());
    expect(specs.length).toBeGreaterThan(20);
    for (const spec of specs) {
      expect(spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 65_532,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(Object.keys(spec)).toEqual(expect.not.arrayContaining(['hostNetwork', 'hostPID']));
      expect(spec.volumes.filter((volume) => 'hostPath' in volume)).toEqual([]);
      for (const { securityContext, resources } of spec.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(resources).toMatchObject({
          requests: { cpu: expect.anything(), memory: expect.anything() },
          limits: { memory: expect.anything() },
        });
      }
    }
    for (const account of ofKind(all(), 'ServiceAccount')) {
      expect(account['automountServiceAccountToken']).toBe(false);
    }
  });

  test('names each image by a version or a digest', () => {
    const images = podSpecs(all()).flatMap(({ containers }) =>
      containers.map(({ image }) => image),
    );
    expect(images.filter((image) => !/(:[0-9][^:]*|@sha256:[0-9a-f]{64})$/.test(image))).toEqual(
      [],
    );
  });
});

/** Everything of an object that a manifest says, in its own words. */
const withoutLabels = ({ metadata, ...rest }: Rendered) => ({ name: metadata.name, ...rest });

const byName = (objects: readonly Rendered[]) =>
  objects
    .map(withoutLabels)
    .sort((a, b) => `${a.kind}${a.name}`.localeCompare(`${b.kind}${b.name}`));

/** As `npm run up` applies them. */
const committed = (...folders: string[]): readonly Rendered[] =>
  loadManifests(...folders.map((folder) => join(repository, folder))) as unknown as Rendered[];

const isRight = ({ kind }: Rendered) => /Role|Policy/.test(kind) && kind !== 'NetworkPolicy';

describe('what `npm run up` applies and what the charts install is the same', () => {
  test('the rights and policies of a hub', async () => {
    const objects = await render('gridlease-operator', {}, '--namespace', 'gridlease-system');
    const source = committed('operator/rbac', 'provider-agent/rbac/hub', 'crds/manifests/hub');
    expect(byName(objects.filter(isRight))).toEqual(byName(source.filter(isRight)));
  });

  test('the rights and policies of an agent at home', async () => {
    const objects = await render(
      'gridlease-provider-agent',
      required,
      ...['--namespace', 'gridlease-agent'],
    );
    const source = committed('provider-agent/rbac/provider');
    expect(byName(objects.filter(isRight))).toEqual(byName(source.filter(isRight)));
  });

  test.each(['hub', 'provider'])('the kinds of a %s', async (role) => {
    const objects = await render('gridlease-crds', { role });
    const source = committed(`crds/manifests/${role}`);
    const definitions = ofKind(source, 'CustomResourceDefinition');
    expect(byName(objects)).toEqual(byName(definitions));
  });
});

test('nothing says of a release in another namespace that it is in the usual one', async () => {
  const charts: readonly [ChartName, object][] = [
    ['gridlease-operator', {}],
    ['gridlease-provider-agent', required],
  ];
  for (const [chart, values] of charts) {
    const text = JSON.stringify(await render(chart, values, '--namespace', 'elsewhere'));
    const usual = /"namespace":"gridlease-[^"]*|serviceaccount:gridlease-(system|agent)/g;
    expect([...text.matchAll(usual)].map(([found]) => found)).toEqual([]);
    expect(text.includes('system:serviceaccount:elsewhere:gridlease-')).toBe(true);
  }
});

test.each([
  ['gridlease-crds', {}],
  [
    'gridlease-operator',
    {
      serviceMonitor: { enabled: true, renderMode: 'alwaysRender' },
      prometheusRule: { enabled: true, renderMode: 'alwaysRender' },
      dashboards: { enabled: true },
    },
  ],
  ['gridlease-provider-agent', { ...required, credentials: { secretName: '123' } }],
] as const)('%s stays text where names look like numbers', async (chart, values) => {
  const answer = await helm(['template', '12345', chartPath(chart), '--namespace', '1e3'], values);
  expect(answer.stderr).toBe('');
  const numbers: string[] = [];
  for (const document of parseAllDocuments(answer.stdout, { version: '1.1' })) {
    visit(document, {
      Pair(_, { key, value }) {
        const isName = isScalar(key) && /([Nn]ame|namespace|instance)$/.test(String(key.value));
        if (isName && isScalar(value) && typeof value.value === 'number') {
          numbers.push(`${key.value}: ${value.source}`);
        }
      },
    });
  }
  expect(numbers).toEqual([]);
});

test('every kind stays when its release goes, whatever the values say', async () => {
  for (const { chart, values } of VALID.filter((given) => given.chart === 'gridlease-crds')) {
    const definitions = await render(chart, values);
    const policy = 'helm.sh/resource-policy';
    const kept = definitions.map(({ metadata }) => metadata.annotations?.[policy]);
    expect(new Set(kept)).toEqual(new Set(['keep']));
  }
});

test('the configuration in the pod is one that the program takes', async () => {
  const objects = await render('gridlease-operator', { config: { logLevel: 'debug' } });
  const [config] = ofKind(objects, 'ConfigMap');
  const { parseOperatorConfig } = await import('@gridlease/operator/config');
  const { data } = config as unknown as { readonly data: Readonly<Record<string, string>> };
  const parsed = parseOperatorConfig(JSON.parse(data['config.json']!), 'the chart');
  expect(parsed).toMatchObject({
    namespace: 'tested',
    logLevel: 'debug',
    listen: { host: '0.0.0.0', port: 8080 },
    fenceSeconds: 60,
  });
});

test('the agent takes its configuration, and no secret is in it', async () => {
  const objects = await render('gridlease-provider-agent', required);
  const [config] = ofKind(objects, 'ConfigMap');
  const { agentConfigSchema } = await import('@gridlease/provider-agent/configSchema');
  const { data } = config as unknown as { readonly data: Readonly<Record<string, string>> };
  const parsed = agentConfigSchema.parse(JSON.parse(data['config.json']!));
  expect(parsed).toMatchObject({
    providerName: 'alpha',
    hub: { url: required.hub.url, tokenPath: '/etc/gridlease/credentials/token' },
    cluster: { namespace: 'tested' },
    grantPath: '/etc/gridlease/credentials/grant.json',
    offers: required.offers,
  });
  expect(parsed).not.toHaveProperty('grant');
});

test('rules and dashboards arrive as they are in the files', async () => {
  const objects = await render('gridlease-operator', {
    prometheusRule: {
      enabled: true,
      disabled: ['GridleaseProviderFlapping'],
      runbookURLPrefix: 'https://wiki.example.org/r/',
    },
    dashboards: { enabled: true },
  });
  const [rule] = ofKind(objects, 'PrometheusRule');
  type Group = {
    readonly rules: readonly {
      alert?: string;
      expr: string;
      annotations?: Record<string, string>;
    }[];
  };
  const rules = (rule as unknown as { spec: { groups: readonly Group[] } }).spec.groups.flatMap(
    (group) => group.rules,
  );
  const alerts = rules.filter(({ alert }) => alert !== undefined);
  expect(alerts.length).toBeGreaterThan(10);
  expect(alerts.map(({ alert }) => alert)).not.toContain('GridleaseProviderFlapping');
  for (const { annotations } of alerts) {
    expect(annotations?.['runbook_url']).toMatch(/^https:\/\/wiki\.example\.org\/r\/[a-z]+\.md$/);
  }
  expect(alerts.some(({ annotations }) => annotations?.['summary']?.includes('{{ $labels.'))).toBe(
    true,
  );
  const folder = join(repository, 'charts/gridlease-operator/files/dashboards');
  const maps = ofKind(objects, 'ConfigMap').filter(({ metadata }) =>
    metadata.name.includes('-dashboard-'),
  );
  expect(maps.length).toBeGreaterThan(2);
  for (const { data } of maps) {
    const [[file, text]] = Object.entries(data as Record<string, string>) as [[string, string]];
    expect(text).toBe(readFileSync(join(folder, file), 'utf8'));
  }
});

test('the text of a manifest means the same to YAML 1.1 and 1.2', () => {
  for (const object of committed('crds/manifests', 'operator/rbac', 'provider-agent/rbac')) {
    const text = JSON.stringify(object);
    const [again] = parseAllDocuments(text, { version: '1.1' });
    expect(again?.toJS()).toEqual(object);
  }
});
