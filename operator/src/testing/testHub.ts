import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hubId } from '@gridlease/contracts/ids';
import {
  agentUser,
  LABEL_JOB_NAMESPACE,
  OPERATOR_USER,
  providerNamespace,
} from '@gridlease/crds/labels';
import * as kinds from '@gridlease/crds/resources';
import { type Cluster, connectCluster } from '@gridlease/kube/cluster';
import { Informer } from '@gridlease/kube/informer';
import type { KubeObject, ResourceDefinition } from '@gridlease/kube/object';
import type { Hex } from 'viem';
import { byJob, informerIndexes, operatorClients } from '../clients.ts';

type Environment = {
  readonly hub: { readonly kubeconfig: string };
  readonly chain: { readonly accounts: readonly { readonly privateKey: Hex }[] };
  readonly assets: { readonly kubectl: string };
};

/** Label by which a test sees its own objects only: the API server is shared. */
const testLabel = 'gridlease.dev/test';

export type CountedCluster = Cluster & {
  /** Writes sent, as "POST gpuleases", in order. */
  readonly writes: readonly string[];
  /** Called before each request; may throw instead of it. */
  fail: ((method: string, path: string) => void) | undefined;
};

/** A real API server with the kinds, policies and the operator's rights, seen through one test's glasses. */
export type TestHub = {
  readonly admin: Cluster;
  readonly operator: CountedCluster;
  readonly hub: Hex;
  readonly id: string;
  /** Tenant namespace of this test. */
  readonly namespace: string;
  readonly stateDir: string;
  readonly accounts: readonly Hex[];
  agent(providerName: string): Cluster;
  kubectl(...args: readonly string[]): string;
  labels: Readonly<Record<string, string>>;
  close(): Promise<void>;
};

/** Finds the shared environment; throws, saying how to start one, when there is none. */
export async function openTestHub(): Promise<TestHub> {
  const file = process.env['GRIDLEASE_TEST_ENV'] ?? join(tmpdir(), 'gridlease-test-env-0/env.json');
  const env = JSON.parse(readFileSync(file, 'utf8')) as Environment;
  const { kubeconfig } = env.hub;
  const kubectl = (...args: readonly string[]) =>
    execFileSync(env.assets.kubectl, ['--kubeconfig', kubeconfig, ...args], {
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  for (const folder of ['crds/manifests/hub', 'operator/rbac', 'provider-agent/rbac/hub']) {
    kubectl('apply', '--server-side', '--force-conflicts', '-f', join(root, folder));
  }
  kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s');
  const admin = connectCluster({
    name: 'hub',
    kubeconfigPath: kubeconfig,
    userAgent: 'operator-test/0',
  });
  const id = randomBytes(3).toString('hex');
  const namespace = `team-${id}`;
  await createNamespace(admin, namespace, {});
  const kubeSystem = await admin.request<KubeObject>({
    method: 'GET',
    path: '/api/v1/namespaces/kube-system',
  });
  // Last, so that a hub that can't be had leaves no folder behind.
  const stateDir = mkdtempSync(join(tmpdir(), 'gridlease-operator-'));
  return {
    admin,
    operator: counted(impersonating(admin, OPERATOR_USER)),
    hub: hubId(kubeSystem.metadata.uid!),
    id,
    namespace,
    stateDir,
    accounts: env.chain.accounts.map(({ privateKey }) => privateKey),
    agent: (providerName) => impersonating(admin, agentUser(providerName)),
    kubectl,
    labels: { [testLabel]: id },
    async close() {
      rmSync(stateDir, { recursive: true, force: true });
      await admin.close();
    },
  };
}

/** Makes a namespace and, for a provider's, lets its agent write there. */
export async function createNamespace(
  admin: Cluster,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
  await admin.request({ method: 'POST', path: '/api/v1/namespaces', body });
}

/** Binds the agents' role in a provider's namespace, as the federation stage does. */
export async function letAgentIn(admin: Cluster, providerName: string): Promise<void> {
  const namespace = providerNamespace(providerName);
  const group = 'rbac.authorization.k8s.io';
  await admin.request({
    method: 'POST',
    path: `/apis/${group}/v1/namespaces/${namespace}/rolebindings`,
    body: {
      apiVersion: `${group}/v1`,
      kind: 'RoleBinding',
      metadata: { name: 'gridlease-provider-agent', namespace },
      roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'gridlease-provider-agent' },
      subjects: [{ kind: 'ServiceAccount', name: 'agent', namespace }],
    },
  });
}

/** The clients of the operator, under its own identity and rights. */
export function clientsOf(hub: TestHub) {
  return operatorClients(hub.operator);
}

/** Informers over the objects of this test alone. */
export function informersOf({ admin, namespace, id }: TestHub) {
  const mine = { labelSelector: `${testLabel}=${id}` };
  const here = { namespace };
  const informer = <T extends KubeObject>(
    definition: ResourceDefinition,
    options: Partial<ConstructorParameters<typeof Informer<T>>[0]>,
  ) => new Informer<T>({ cluster: admin, definition, ...options });
  type Clients = ReturnType<typeof operatorClients>;
  type ObjectIn<Name extends keyof Clients> = Clients[Name] extends {
    get(...args: never[]): Promise<infer T>;
  }
    ? T & KubeObject
    : never;
  return {
    jobs: informer<ObjectIn<'jobs'>>(kinds.gpuJobs, { ...here, indexes: informerIndexes.jobs }),
    leases: informer<ObjectIn<'leases'>>(kinds.gpuLeases, {
      labelSelector: `${LABEL_JOB_NAMESPACE}=${namespace}`,
      indexes: byJob,
    }),
    records: informer<ObjectIn<'records'>>(kinds.placementRecords, { ...here, indexes: byJob }),
    channels: informer<ObjectIn<'channels'>>(kinds.paymentChannels, {
      ...mine,
      indexes: informerIndexes.channels,
    }),
    accounts: informer<ObjectIn<'accounts'>>(kinds.paymentAccounts, here),
    chains: informer<ObjectIn<'chains'>>(kinds.settlementChains, mine),
    providers: informer<ObjectIn<'providers'>>(kinds.gpuProviders, mine),
    offers: informer<import('@gridlease/crds/gpuoffer').GPUOffer>(kinds.gpuOffers, mine),
    inventories: informer<import('@gridlease/crds/gpuinventory').GPUInventory>(
      kinds.gpuInventories,
      mine,
    ),
  };
}

function impersonating(cluster: Cluster, user: string): Cluster {
  const [, , namespace] = user.split(':');
  return {
    ...cluster,
    request: (request) =>
      cluster.request({
        ...request,
        headers: {
          ...request.headers,
          'Impersonate-User': user,
          'Impersonate-Group': `system:serviceaccounts:${namespace}`,
        },
      }),
  };
}

function counted(cluster: Cluster): CountedCluster {
  const writes: string[] = [];
  const wrapped: CountedCluster = {
    ...cluster,
    writes,
    fail: undefined,
    request: async (request) => {
      wrapped.fail?.(request.method, request.path);
      if (request.method !== 'GET') {
        const [, , , ...rest] = request.path.split('/');
        const names = rest.filter((_, at) => at > 0);
        writes.push(`${request.method} ${names.join('/')}`);
      }
      return cluster.request(request);
    },
  };
  return wrapped;
}
