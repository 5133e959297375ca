import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OPERATOR_NAMESPACE } from '@gridlease/crds/labels';
import { DEFAULT_PROVIDERS } from '../cluster/defaultProviders.ts';
import { type Federation, startFederation } from '../cluster/federation.ts';
import { ensureHelm } from '../cluster/helmAsset.ts';
import { ROOT } from '../cluster/paths.ts';
import { silentProgress } from '../cluster/progress.ts';
import { AGENT_NAMESPACE } from '../cluster/providerCluster.ts';
import { waitUntilInService } from '../cluster/readiness.ts';
import type { BuiltImage } from '../images/buildImage.ts';
import { buildProgram, PROGRAM_NAMES, type ProgramName } from '../images/programs.ts';
import { provideImages, type SceneImages } from '../nodeScenes/images.ts';
import { hubCredentials, ownCredentials } from './credentials.ts';
import { type Helm, type HelmRelease, helmFor } from './helm.ts';

/** The charts as they are in this repository. */
export const CHARTS = join(ROOT, 'charts');
const CREDENTIALS = 'gridlease-credentials';

/** A hub and a provider with a real node each, on which nothing of Gridlease runs that Helm didn't install. */
export type ChartScene = AsyncDisposable & {
  readonly federation: Federation;
  readonly images: SceneImages;
  readonly hub: Helm;
  readonly provider: Helm;
  /** Releases of the charts in a folder that has them all. Default: the repository's own. */
  releases(options?: ReleaseOptions): Releases;
  /** The way of the tutorials: kinds, operator, the admin's objects, credentials, agent. Returns once work can be placed. */
  installAll(options?: ReleaseOptions): Promise<void>;
  /** UIDs of the pods of operator and agent that run. */
  programPods(): Promise<readonly string[]>;
};

export type ReleaseOptions = {
  /** Folder of the charts. */
  readonly charts?: string;
  /** Default true. Whether a release waits until a pod of its own has tried everything out. */
  readonly check?: boolean;
};

export type Releases = Readonly<
  Record<'hubKinds' | 'providerKinds' | 'operator' | 'agent', HelmRelease>
>;

type PodList = {
  readonly items: readonly {
    readonly metadata: { readonly uid: string; readonly deletionTimestamp?: string };
    readonly status: { readonly phase: string };
  }[];
};

const namespaceOf = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
});

/** On one machine nobody waits a minute for a voucher. */
const VOUCHERS = { voucherIntervalSeconds: 5, anchorSeconds: 5 };
/** While everything is away nothing is fenced, however slow the machine is: a lease is to outlive that. */
const FENCE = { fenceSeconds: 600, replaceSeconds: 660 };
const OPERATOR_CONFIG = { ...VOUCHERS, ...FENCE };
const AGENT_CONFIG = { redeem: { minAmount: '0', maxDelaySeconds: 5 } };

const imageValue = ({ digest }: BuiltImage, program: ProgramName) => ({
  registry: 'gridlease.test',
  repository: program,
  digest,
});

/** Starts the clusters, builds the images and imports them into the nodes that will run them. */
export const startChartScene = async (dir: string, signal?: AbortSignal): Promise<ChartScene> => {
  const progress = silentProgress;
  const helm = await ensureHelm({ progress, signal });
  const [spec] = DEFAULT_PROVIDERS;
  const federation = await startFederation({
    ...{ dir, progress, signal },
    providers: [spec!],
    realNodes: 1,
    hubRealNodes: 1,
    programs: 'none',
  });
  try {
    return await prepare(federation, helm, dir, signal);
  } catch (error) {
    await federation.stop();
    throw error;
  }
};

const prepare = async (
  federation: Federation,
  helm: string,
  dir: string,
  signal: AbortSignal | undefined,
): Promise<ChartScene> => {
  const { chain, money, environment } = federation;
  const provider = federation.providers[0]!;
  const outDir = join(dir, 'program-images');
  const [operatorImage, agentImage] = (await Promise.all(
    PROGRAM_NAMES.map((program) => buildProgram({ program, outDir })),
  )) as [BuiltImage, BuiltImage];
  const importInto = (nodes: Federation['hubRealNodes'], { archivePath, reference }: BuiltImage) =>
    Promise.all(nodes.map((node) => node.importImage(archivePath, reference)));
  const [images] = await Promise.all([
    provideImages(dir, provider.realNodes),
    importInto(federation.hubRealNodes, operatorImage),
    importInto(provider.realNodes, agentImage),
  ]);
  rmSync(outDir, { recursive: true });
  // As they are now: whoever generates them anew meanwhile changes nothing here.
  const charts = join(dir, 'charts');
  cpSync(CHARTS, charts, { recursive: true, filter: (path) => !path.includes('node_modules') });

  const releases = (options: ReleaseOptions = {}): Releases => {
    const { charts: folder = charts, check = true } = options;
    const kinds = { name: 'gridlease-crds', chart: join(folder, 'gridlease-crds') };
    return {
      hubKinds: { ...kinds, namespace: OPERATOR_NAMESPACE, values: { role: 'hub' } },
      providerKinds: { ...kinds, namespace: AGENT_NAMESPACE, values: { role: 'provider' } },
      operator: {
        name: 'gridlease-operator',
        namespace: OPERATOR_NAMESPACE,
        chart: join(folder, 'gridlease-operator'),
        values: {
          image: imageValue(operatorImage, 'operator'),
          config: OPERATOR_CONFIG,
          check: { enabled: check },
        },
      },
      agent: {
        name: 'gridlease-provider-agent',
        namespace: AGENT_NAMESPACE,
        chart: join(folder, 'gridlease-provider-agent'),
        values: {
          image: imageValue(agentImage, 'provider-agent'),
          provider: { name: provider.spec.name },
          hub: { url: federation.hub.apiServer.server },
          credentials: { secretName: CREDENTIALS },
          chain: { rpcURL: chain.rpcURL, escrow: money.escrow },
          offers: provider.spec.offers,
          config: AGENT_CONFIG,
          check: { enabled: check },
        },
      },
    };
  };

  const hubHelm = helmFor(helm, environment.hub.kubeconfig, dir);
  const providerHelm = helmFor(helm, environment.providers[0]!.kubeconfig, dir);
  const installAll = async (options: ReleaseOptions = {}): Promise<void> => {
    const { hubKinds, providerKinds, operator, agent } = releases(options);
    await Promise.all([
      federation.hub.client.apply(namespaceOf(OPERATOR_NAMESPACE)),
      provider.client.apply(namespaceOf(AGENT_NAMESPACE)),
    ]);
    await Promise.all([hubHelm.upgrade(hubKinds), providerHelm.upgrade(providerKinds)]);
    await hubHelm.upgrade(operator);
    await federation.admit();
    const stringData = {
      ...(await hubCredentials(federation, provider.spec.name, signal)),
      ...(await ownCredentials(federation, 0)),
    };
    const metadata = { namespace: AGENT_NAMESPACE, name: CREDENTIALS };
    await provider.client.apply({ apiVersion: 'v1', kind: 'Secret', metadata, stringData });
    await providerHelm.upgrade(agent);
    await waitUntilInService(federation.hub.client, [provider], signal);
  };
  const programPods = async (): Promise<readonly string[]> => {
    const places = [
      [federation.hub.client, OPERATOR_NAMESPACE],
      [provider.client, AGENT_NAMESPACE],
    ] as const;
    const lists = places.map(([client, namespace]) =>
      client.get<PodList>(`/api/v1/namespaces/${namespace}/pods`),
    );
    return (await Promise.all(lists)).flatMap(({ items }) =>
      items
        .filter(({ metadata, status }) => !metadata.deletionTimestamp && status.phase === 'Running')
        .map(({ metadata }) => metadata.uid),
    );
  };
  return {
    ...{ federation, images, hub: hubHelm, provider: providerHelm },
    ...{ releases, installAll, programPods },
    [Symbol.asyncDispose]: () => federation.stop(),
  };
};
