import { randomBytes } from 'node:crypto';
import { acquireTestCluster } from '@gridlease/e2e/cluster/testCluster';
import { waitFor } from '@gridlease/e2e/cluster/waitFor';
import type { AnyKind } from '../src/defineKind.ts';
import { kinds } from '../src/kinds.ts';
import { API_VERSION, agentUser, OPERATOR_USER } from '../src/labels.ts';
import { customResourceDefinition } from '../src/manifest.ts';
import { type Answer, ApiServer } from './apiServer.ts';
import { transactionName } from './recordSamples.ts';
import { specs } from './samples.ts';

const crdPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

type Condition = { readonly type: string; readonly status: string; readonly message: string };
export type Definition = {
  readonly status?: { readonly conditions?: readonly Condition[] };
};

const isEstablished = (definition: Answer): boolean =>
  ((definition.body as Definition).status?.conditions ?? []).some(
    ({ type, status }) => type === 'Established' && status === 'True',
  );

/** Waits until the API server has taken a kind; the last answer is given back either way. */
async function taken(server: ApiServer, name: string): Promise<Answer> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const answer = await server.call({ method: 'GET', path: `${crdPath}/${name}` });
    if (isEstablished(answer) || Date.now() > deadline) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Established comes before discovery, the published schemas and the handler of the objects. */
async function served(server: ApiServer, established: readonly AnyKind[]): Promise<void> {
  const get = async (path: string) => (await server.call({ method: 'GET', path })).body;
  const unserved = async (): Promise<readonly string[]> => {
    const discovery = await get(`/apis/${API_VERSION}`);
    const openapi = await get(`/openapi/v3/apis/${API_VERSION}`);
    const listed = (discovery['resources'] ?? []) as { readonly name: string }[];
    const { schemas = {} } = (openapi['components'] ?? {}) as { readonly schemas?: object };
    const missing: string[] = [];
    for (const { resource } of established) {
      const { kind, plural, version } = resource;
      const path = `/apis/${API_VERSION}/${plural}?limit=1`;
      const { status } = await server.call({ method: 'GET', path });
      const isListed = listed.some(({ name }) => name === plural);
      const isExplained = `dev.gridlease.${version}.${kind}` in schemas;
      if (!isListed || !isExplained || status !== 200) missing.push(kind);
    }
    return missing;
  };
  const check = async () => {
    const missing = await unserved();
    if (missing.length > 0) throw new Error(`not yet: ${missing.join(', ')}`);
    return true;
  };
  await waitFor(check, { what: 'every kind served' });
}

/** A real API server that serves every kind, with a namespace of this test only. */
export type Hub = AsyncDisposable & {
  readonly server: ApiServer;
  readonly suffix: string;
  /** Namespace of the provider `crds-<suffix>`; it holds all objects of the test. */
  readonly providerNamespace: string;
  /** What the server said to each definition when it was applied, and its state afterwards. */
  readonly applied: ReadonlyMap<string, { readonly answer: Answer; readonly state: Answer }>;
};

/** Applies all definitions and makes a provider's namespace; disposing deletes it. */
export async function startHub(): Promise<Hub> {
  const environment = await acquireTestCluster();
  const server = new ApiServer(environment.hub.kubeconfig);
  const suffix = randomBytes(4).toString('hex');
  const providerNamespace = `gridlease-provider-crds-${suffix}`;
  const applied = new Map<string, { answer: Answer; state: Answer }>();
  for (const kind of kinds) {
    const definition = customResourceDefinition(kind);
    const answer = await server.apply(`${crdPath}/${definition.metadata.name}`, definition);
    const state = await taken(server, definition.metadata.name);
    applied.set(kind.resource.kind, { answer, state });
  }
  const established = kinds.filter(({ resource }) =>
    isEstablished(applied.get(resource.kind)!.state),
  );
  await served(server, established);
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: providerNamespace } };
  await server.call({ method: 'POST', path: '/api/v1/namespaces', body });
  return {
    server,
    suffix,
    providerNamespace,
    applied,
    async [Symbol.asyncDispose]() {
      const path = `/api/v1/namespaces/${providerNamespace}`;
      await server.call({ method: 'DELETE', path });
      await server[Symbol.asyncDispose]();
    },
  };
}

/** The collection of a kind; the namespace is dropped for cluster-wide kinds. */
export function collectionPath({ resource }: AnyKind, namespace: string): string {
  const scope = resource.namespaced ? `/namespaces/${namespace}` : '';
  return `/apis/${resource.group}/${resource.version}${scope}/${resource.plural}`;
}

export type Sample = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
  readonly spec: unknown;
};

/** A valid object of a kind with every field set. */
export function sample(kind: AnyKind, name: string): Sample {
  const { kind: kindName } = kind.resource;
  return { apiVersion: API_VERSION, kind: kindName, metadata: { name }, spec: specs[kindName] };
}

const BY_AGENT = ['GPUOffer', 'GPUInventory'];
const STATUS_BY_AGENT = ['GPULease', 'PaymentChannel'];

/** A valid object in the name that its kind demands. */
export function ownSample(hub: Hub, kind: AnyKind, prefix: string): Sample {
  // The nonce's name is its lock: there is no other.
  if (kind.resource.kind === 'ChainTransaction') return sample(kind, transactionName);
  const inventory = kind.resource.kind === 'GPUInventory';
  return sample(kind, inventory ? `crds-${hub.suffix}` : `${prefix}-${hub.suffix}`);
}

/** Whoever may write a kind's spec or status when the policies are in force. */
export function ownerOf(hub: Hub, kind: AnyKind, part: 'spec' | 'status' = 'spec') {
  const byAgent = part === 'spec' ? BY_AGENT : STATUS_BY_AGENT;
  const agent = byAgent.includes(kind.resource.kind);
  return { as: agent ? agentUser(`crds-${hub.suffix}`) : OPERATOR_USER };
}

/** The sentence of a Status answer. */
export function messageOf(answer: Answer): string {
  const { message } = answer.body;
  return typeof message === 'string' ? message : JSON.stringify(answer.body);
}
