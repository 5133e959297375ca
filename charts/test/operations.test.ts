import { ensureHelm } from '@gridlease/e2e/cluster/helmAsset';
import { beforeAll, expect, test } from '@jest/globals';
import { required } from './support/agent.ts';
import { type ChartName, ofKind, type Rendered, render } from './support/helm.ts';

beforeAll(async () => {
  await ensureHelm();
}, 900_000);

const only = <Spec>(objects: readonly Rendered[], kind: string): Spec => {
  const found = ofKind(objects, kind);
  if (found.length !== 1) throw new Error(`${found.length} objects are a ${kind}`);
  return found[0]!.spec as Spec;
};

type Deployment = {
  readonly replicas: number;
  readonly strategy: {
    readonly type: string;
    readonly rollingUpdate: { readonly maxSurge: number; readonly maxUnavailable: number };
  };
};

const claim = (...accessModes: string[]) => ({ persistence: { enabled: true, accessModes } });

const ownClaim = { enabled: true, existingClaim: 'state' };

// A replica that waits for a node or a volume which only its predecessor's end sets free never starts.
test.each<readonly [string, object, number, number]>([
  ['two replicas: one may go before a third node is needed', {}, 1, 1],
  ['one replica: it stays until the next is ready', { replicas: 1 }, 1, 0],
  ['one with a volume of its own', { replicas: 1, ...claim('ReadWriteOnce') }, 0, 1],
  ['one with a volume of one pod', { replicas: 1, ...claim('ReadWriteOncePod') }, 0, 1],
  ["one with a claim of the user's", { replicas: 1, persistence: ownClaim }, 0, 1],
  ['one with a shared volume', { replicas: 1, ...claim('ReadWriteMany') }, 1, 0],
])('an upgrade never waits for itself: %s', async (_, values, maxSurge, maxUnavailable) => {
  const { strategy } = only<Deployment>(await render('gridlease-operator', values), 'Deployment');
  expect(strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } });
});

type Egress = {
  readonly ports: readonly { readonly protocol?: string; readonly port: number }[];
  readonly to?: readonly { readonly ipBlock?: { readonly cidr: string } }[];
};

/** Ports of TCP with where they lead to; `any` is any address. */
async function egress(chart: ChartName, values: object): Promise<readonly string[]> {
  const policy = only<{ readonly egress: readonly Egress[] }>(
    await render(chart, values),
    'NetworkPolicy',
  );
  const lines = policy.egress.flatMap(({ ports, to }) =>
    ports
      .filter(({ protocol }) => protocol !== 'UDP')
      .flatMap(({ port }) =>
        (to ?? [undefined]).map((peer) =>
          peer === undefined ? `${port} any` : `${port} ${peer.ipBlock?.cidr ?? 'pods'}`,
        ),
      ),
  );
  return [...new Set(lines)].sort();
}

const closed = {
  apiServer: { cidrs: ['10.0.0.5/32'], ports: [6443] },
  chain: { cidrs: ['203.0.113.0/24'], ports: [443] },
};

test('an operator with address ranges reaches nothing else', async () => {
  expect(await egress('gridlease-operator', { networkPolicy: closed })).toEqual([
    '443 203.0.113.0/24',
    '53 pods',
    '6443 10.0.0.5/32',
  ]);
});

test('an agent with address ranges reaches nothing else', async () => {
  const values = {
    ...required,
    hub: { url: 'https://[2001:db8::10]:8443' },
    networkPolicy: { ...closed, hub: { cidrs: ['2001:db8::10/128'] } },
    config: { metering: { discoverExporters: false } },
  };
  expect(await egress('gridlease-provider-agent', values)).toEqual([
    '443 203.0.113.0/24',
    '53 pods',
    '6443 10.0.0.5/32',
    '8443 2001:db8::10/128',
  ]);
});

test('whatever URL is given, its port is open', async () => {
  const values = {
    ...required,
    hub: { url: 'https://hub.example.org' },
    chain: { ...required.chain, rpcURL: 'http://rpc.example.org:9933' },
    tracing: { endpoint: 'http://collector.example.org:4318' },
    config: { metering: { exporterURLs: ['http://10.0.0.7:9500/metrics'] } },
    networkPolicy: { apiServer: { ports: [6443] }, chain: { ports: [] } },
  };
  expect(await egress('gridlease-provider-agent', values)).toEqual(
    ['443 any', '4318 any', '53 pods', '6443 any', '9400 any', '9500 any', '9933 any'].sort(),
  );
});

test('a check ends, is taken away when it was right, and a day later whatever it was', async () => {
  const objects = await render('gridlease-operator', { check: { timeoutSeconds: 30 } });
  const [job] = ofKind(objects, 'Job');
  expect(job?.metadata.annotations).toMatchObject({
    'helm.sh/hook': 'post-install,post-upgrade',
    'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
  });
  expect(job?.spec).toMatchObject({
    activeDeadlineSeconds: 90,
    backoffLimit: 0,
    ttlSecondsAfterFinished: 86_400,
  });
});

/** What a ClusterRole lets its holder take away in every namespace; a name where the right is limited to it. */
async function takenAway(chart: ChartName, values: object, name: string) {
  const role = ofKind(await render(chart, values), 'ClusterRole').find(
    ({ metadata }) => metadata.name === name,
  );
  const rules = role!['rules'] as readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
    readonly resourceNames?: readonly string[];
  }[];
  return rules
    .filter(({ verbs }) => verbs.some((verb) => verb.startsWith('delete')))
    .flatMap(({ resources, resourceNames }) =>
      resources.flatMap((resource) =>
        (resourceNames ?? [undefined]).map((one) =>
          one === undefined ? resource : `${resource}/${one}`,
        ),
      ),
    );
}

test('a program that is stopped is not checked', async () => {
  const objects = await render('gridlease-operator', { replicas: 0 });
  expect(ofKind(objects, 'Job')).toEqual([]);
  expect(only<Deployment>(objects, 'Deployment').replicas).toBe(0);
});

test('the operator takes nothing away but what is its own', async () => {
  expect(await takenAway('gridlease-operator', {}, 'gridlease-operator')).toEqual([
    ...['gpujobs', 'gpuleases', 'leaseworkloads', 'placementrecords'],
    'rolebindings/gridlease-provider-agent',
  ]);
});

test('the agent deletes no namespace, and no binding', async () => {
  const name = 'gridlease-provider-agent-cluster';
  expect(await takenAway('gridlease-provider-agent', required, name)).toEqual([
    ...['pods', 'jobs', 'deployments', 'replicasets', 'services', 'networkpolicies'],
  ]);
});
