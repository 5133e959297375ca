import { agentUser, OPERATOR_USER } from '@gridlease/crds/labels';
import type { ApiClient, Manifest } from '../cluster/apiClient.ts';
import type { AssetPaths } from '../cluster/assets.ts';
import { startControlPlane } from '../cluster/controlPlane.ts';
import { applyManifests, loadManifests } from '../cluster/manifests.ts';
import { MANIFESTS } from '../cluster/paths.ts';
import { Processes } from '../cluster/processes.ts';
import { usageOf } from './processUsage.ts';

/** CPU milliseconds of the API server for one request. Status writes where the kind has a status. */
export type WriteCost = {
  readonly kind: string;
  /** Of the object as JSON, with its status and without managed fields. */
  readonly bytes: number;
  readonly create: number;
  readonly update: number;
  readonly mergePatch: number;
  readonly apply: number;
};

/** Objects of the run that are written again and again: real sizes, real conditions. */
export type Samples = readonly { readonly plural: string; readonly object: Manifest }[];

const group = '/apis/gridlease.dev/v1alpha1';

/** Admission policies ask who writes: each request comes as the program that would send it. */
const as = (user: string) => ({
  'Impersonate-User': user,
  'Impersonate-Group': 'system:masters',
});
const hotAtHub = ['gpujobs', 'gpuleases', 'placementrecords', 'leaseworkloads', 'paymentchannels'];
const requestsEach = 200;
const atOnce = 8;
const json = 'application/json';

/** One object of each hot kind as the run left it. */
export async function takeSamples(hub: ApiClient, provider: ApiClient): Promise<Samples> {
  const newest = async (client: ApiClient, plural: string) => {
    const { items } = await client.get<{ items: Manifest[] }>(`${group}/${plural}`);
    const object = items.at(-1);
    return object === undefined ? [] : [{ plural, object: asStated(object) }];
  };
  const hot = await Promise.all(hotAtHub.map((plural) => newest(hub, plural)));
  return [...hot.flat(), ...(await newest(provider, 'leaserecords'))];
}

/** A lease as its agent leaves it: what the operator adds to it at last only the operator may write. */
function asStated(object: Manifest): Manifest {
  if (object.kind !== 'GPULease') return object;
  const { settlement: _, ...status } = object['status'] as LeaseStatus;
  const conditions = status.conditions?.filter(({ type }) => type !== 'Settled');
  return { ...object, status: { ...status, conditions } };
}

type LeaseStatus = {
  readonly settlement?: unknown;
  readonly conditions?: readonly { readonly type: string }[];
};

/**
 * Writes copies of the samples to a fresh API server that has nobody else to serve, and reads its CPU
 * time before and after: 200 requests a figure, 8 at once.
 */
export async function writeCosts(
  samples: Samples,
  options: {
    readonly dir: string;
    readonly assets: AssetPaths;
    readonly say: (text: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<readonly WriteCost[]> {
  const { dir, assets, signal } = options;
  const processes = new Processes(dir);
  try {
    const plane = await startControlPlane({
      ...{ dir, assets, processes, signal },
      name: 'idle',
      role: 'hub',
    });
    const { client } = plane;
    const namespaces = new Set(samples.map(({ object }) => object.metadata.namespace ?? 'default'));
    for (const name of ['gridlease-system', 'gridlease-agent', ...namespaces]) {
      await client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    }
    await applyManifests(client, loadManifests(...MANIFESTS.hub, ...MANIFESTS.provider), signal);
    const apiServer = processes.records().filter(({ name }) => name === 'idle-apiserver');
    const cpuMs = () => (usageOf(apiServer)['idle-apiserver']?.cpuSeconds ?? 0) * 1_000;
    const costs: WriteCost[] = [];
    for (const { plural, object } of samples) {
      costs.push(await costOf(client, plural, object, cpuMs));
      options.say(`  ${object.kind}`);
    }
    client.close();
    return costs;
  } finally {
    await processes.stop();
  }
}

async function costOf(
  client: ApiClient,
  plural: string,
  sample: Manifest,
  cpuMs: () => number,
): Promise<WriteCost> {
  const { namespace = 'default', labels = {} } = sample.metadata;
  const isStatedByAgent = plural === 'gpuleases' || plural === 'paymentchannels';
  const creator = plural === 'gpujobs' ? {} : as(OPERATOR_USER);
  const writer = isStatedByAgent
    ? as(agentUser(namespace.replace(/^gridlease-provider-/, '')))
    : as(OPERATOR_USER);
  const hasStatus = sample['status'] !== undefined;
  const collection = `${group}/namespaces/${namespace}/${plural}`;
  const copies = Array.from({ length: requestsEach }, (_, index) => ({
    ...sample,
    metadata: { name: `copy-${index}`, namespace, labels },
  }));
  const pathOf = ({ metadata }: Manifest) =>
    `${collection}/${metadata.name}${hasStatus ? '/status' : ''}`;
  const timed = async <T>(
    things: readonly T[],
    act: (thing: T, index: number) => Promise<unknown>,
  ) => {
    const before = cpuMs();
    await spread(things, act);
    return Math.round(((cpuMs() - before) / things.length) * 100) / 100;
  };
  // The first write of a kind compiles its schema and rules; that happens once in a server's life.
  const first = { ...sample, metadata: { name: 'first', namespace, labels } };
  await client.request('POST', collection, first, json, creator);

  const made: Manifest[] = [];
  const create = await timed(copies, async (copy) => {
    made.push(await client.request<Manifest>('POST', collection, copy, json, creator));
  });
  const written: Manifest[] = [];
  const update = await timed(made, async (object) => {
    const changed = hasStatus
      ? { ...object, status: sample['status'] }
      : { ...object, metadata: { ...object.metadata, labels: { ...labels, changed: 'once' } } };
    written.push(await client.request<Manifest>('PUT', pathOf(object), changed, json, writer));
  });
  const mergePatch = await timed(written, (object) =>
    client.request(
      'PATCH',
      pathOf(object),
      hasStatus ? statusPatch(sample, 'patched') : { metadata: { labels: { changed: 'twice' } } },
      'application/merge-patch+json',
      writer,
    ),
  );
  const apply = await timed(written, (object) => {
    const { apiVersion, kind, metadata } = object;
    const own = { apiVersion, kind, metadata: { name: metadata.name, namespace } };
    const { metadata: _, status: __, ...rest } = object;
    const body = hasStatus
      ? { ...own, ...statusPatch(sample, 'applied') }
      : { ...rest, ...own, metadata: { ...own.metadata, labels: { changed: 'thrice' } } };
    return client.request(
      'PATCH',
      `${pathOf(object)}?fieldManager=bench&force=true`,
      body,
      'application/apply-patch+yaml',
      writer,
    );
  });
  const { managedFields: _, ...metadata } = sample.metadata as Manifest['metadata'] & {
    managedFields?: unknown;
  };
  const bytes = Buffer.byteLength(JSON.stringify({ ...sample, metadata }));
  return { kind: sample.kind, bytes, create, update, mergePatch, apply };
}

/** The whole status with one sentence changed: what a status write usually is. */
function statusPatch(sample: Manifest, message: string): { readonly status: unknown } {
  const status = sample['status'] as { conditions?: readonly { message: string }[] };
  const [head, ...rest] = status.conditions ?? [];
  if (head === undefined) return { status };
  return { status: { ...status, conditions: [{ ...head, message }, ...rest] } };
}

async function spread<T>(
  things: readonly T[],
  act: (thing: T, index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < things.length) {
      const index = next++;
      await act(things[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
