import { acquireTestCluster } from '@gridlease/e2e/cluster/testCluster';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { roleBindings, roles, serviceAccounts } from './builtins.ts';
import { type Cluster, connectCluster } from './cluster.ts';
import type { KubeObject } from './object.ts';
import { resourceClient } from './resources.ts';
import {
  aNamespace,
  eventually,
  kubeConfigVia,
  type TestNamespace,
} from './testing/testNamespace.ts';
import { type RenewingToken, renewingToken } from './tokenSource.ts';

const serviceAccountName = 'agent';
let kubeconfigPath: string;
let namespace: TestNamespace;

/** An account that may do one thing: ask for its own next token. */
beforeAll(async () => {
  kubeconfigPath = (await acquireTestCluster()).hub.kubeconfig;
  namespace = await aNamespace(kubeconfigPath);
  const { cluster } = namespace;
  const metadata = { name: serviceAccountName, namespace: namespace.name };
  await resourceClient<KubeObject>(cluster, serviceAccounts).create({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata,
  });
  const rule = {
    apiGroups: [''],
    resources: ['serviceaccounts/token'],
    resourceNames: [serviceAccountName],
    verbs: ['create'],
  };
  const rbac = 'rbac.authorization.k8s.io';
  const role: KubeObject = { apiVersion: `${rbac}/v1`, kind: 'Role', metadata };
  await resourceClient<KubeObject>(cluster, roles).create({ ...role, rules: [rule] } as KubeObject);
  await resourceClient<KubeObject>(cluster, roleBindings).create({
    ...role,
    kind: 'RoleBinding',
    roleRef: { apiGroup: rbac, kind: 'Role', name: serviceAccountName },
    subjects: [{ kind: 'ServiceAccount', ...metadata }],
  } as KubeObject);
});

afterAll(async () => {
  await namespace?.[Symbol.asyncDispose]();
});

async function firstToken(): Promise<string> {
  const answer = await namespace.cluster.request<{ status: { token: string } }>({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace.name}/serviceaccounts/${serviceAccountName}/token`,
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 600 },
    },
  });
  return answer.status.token;
}

function asAgent(tokens: RenewingToken): Cluster {
  const config = kubeConfigVia(kubeconfigPath, namespace.cluster.server);
  config.users = config.users.map(({ name }) => ({ name }));
  return connectCluster({
    name: 'hub',
    kubeConfig: config,
    userAgent: 'gridlease-kube-test',
    tokenSource: tokens,
  });
}

async function whoAmI(cluster: Cluster): Promise<string> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const answer = await cluster.request<{ status: { userInfo: { username: string } } }>({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: review,
  });
  return answer.status.userInfo.username;
}

test('a token past 70 % of its life gets its successor, keeps it and goes on with it', async () => {
  const initialToken = await firstToken();
  const kept: string[] = [];
  const inEightMinutes = {
    now: () => new Date(Date.now() + 480_000),
    monotonicMs: () => performance.now(),
  };
  const tokens = renewingToken({
    namespace: namespace.name,
    serviceAccountName,
    initialToken,
    persist: async (token) => void kept.push(token),
    clock: inEightMinutes,
  });
  await using hub = asAgent(tokens);
  expect(await whoAmI(hub)).toBe(`system:serviceaccount:${namespace.name}:${serviceAccountName}`);
  const before = tokens.expiresAt!;
  const stop = new AbortController();
  tokens.start(hub, stop.signal);
  await eventually('the token was renewed', () => kept.length === 1);
  expect(tokens.token()).toBe(kept[0]);
  expect(tokens.token()).not.toBe(initialToken);
  expect(tokens.expiresAt!.getTime()).toBeGreaterThan(before.getTime());
  expect(await whoAmI(hub)).toContain(serviceAccountName);
  const metric = hub.registry.getSingleMetric('gridlease_token_expiry_timestamp_seconds')!;
  expect((await metric.get()).values[0]?.value).toBe(tokens.expiresAt!.getTime() / 1000);
  stop.abort();
  await tokens.stopped;
});

test('a token that is refused is replaced by the one that was kept meanwhile', async () => {
  let kept: string | undefined;
  const tokens = renewingToken({
    namespace: namespace.name,
    serviceAccountName,
    initialToken: 'worthless',
    load: async () => {
      kept = await firstToken();
      return kept;
    },
    persist: () => Promise.reject(new Error('disk full')),
  });
  await using hub = asAgent(tokens);
  const stop = new AbortController();
  tokens.start(hub, stop.signal);
  await eventually('a token with a life was taken', () => tokens.expiresAt !== undefined);
  expect(await whoAmI(hub)).toContain(serviceAccountName);
  await eventually('it was renewed though keeping it failed', () => tokens.token() !== kept);
  stop.abort();
  await tokens.stopped;
});
