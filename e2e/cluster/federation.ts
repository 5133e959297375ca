import { join } from 'node:path';
import { type FederationAccounts, federationAccounts } from './accounts.ts';
import { startAgent } from './agentProgram.ts';
import { type AssetPaths, ensureAssets, ensureNodeAssets } from './assets.ts';
import { type LocalChain, startChain } from './chain.ts';
import { type ControlPlane, startControlPlane } from './controlPlane.ts';
import { type ProviderSpec, withRealNodes } from './defaultProviders.ts';
import { describeFederation } from './describeFederation.ts';
import { type FederationEnvironment, writeEnvironment } from './environment.ts';
import { createHubObjects, hubUid, installHub, TENANT } from './hub.ts';
import { type Money, setUpMoney } from './money.ts';
import { startOperator } from './operatorProgram.ts';
import { Processes } from './processes.ts';
import type { FederationPrograms } from './program.ts';
import { type Progress, terminalProgress } from './progress.ts';
import { type ProviderCluster, startProviderCluster } from './providerCluster.ts';
import { waitUntilInService } from './readiness.ts';
import { startClusterNodes } from './realNode/clusterNodes.ts';
import { openNodeNetwork } from './realNode/network.ts';
import { prepareServices } from './realNode/prepareServices.ts';
import type { RealNode } from './realNode/realNode.ts';
import { clearNodesOf } from './realNode/register.ts';
import { type S3Store, startS3 } from './s3.ts';
import { ensureS3Asset } from './s3Asset.ts';
import { startWallet } from './walletProgram.ts';

export type FederationOptions = {
  readonly providers: readonly ProviderSpec[];
  /** The first provider has so many nodes with a kubelet and containers, instead of simulated ones. Default 0. */
  readonly realNodes?: number;
  /** Default 2. They are simulated, and cost nothing. */
  readonly gpusPerRealNode?: number;
  /** The hub has so many nodes with a kubelet and containers, without GPUs. Default 0. */
  readonly hubRealNodes?: number;
  /** Default false: what real nodes have made is cleared by a later start where this program ends without stop(). */
  readonly outlivesStarter?: boolean;
  /** Folder for everything of this federation; it must be its own. */
  readonly dir: string;
  /** Default 'all'. 'clusters' leaves out the operator, the agents and the wallet. */
  readonly components?: 'clusters' | 'all';
  /**
   * Default 'processes'. With 'none' the clusters are as an admin finds them who is about to install the charts: no kinds, no
   * accounts and rights of the programs, no programs; see Federation.admit for what comes after.
   */
  readonly programs?: 'processes' | 'none';
  /** Replicas of the operator, of which one leads. Default 1. */
  readonly operators?: number;
  /** Replicas of each provider's agent, of which one leads. Default 1. */
  readonly agentReplicas?: number;
  /** Default false. Audit logs of all API servers, see Federation.auditFiles. */
  readonly audit?: boolean;
  /** Gets the chain's URL and returns the one that the programs use: a proxy of the caller's. Default: the same. */
  readonly chainRoute?: (rpcURL: string) => Promise<string>;
  /** Other programs in the place of agents, by provider name. */
  readonly agentPrograms?: Readonly<Record<string, string>>;
  /** Merged over the operator's and each agent's configuration. */
  readonly operatorSettings?: Readonly<Record<string, unknown>>;
  readonly agentSettings?: Readonly<Record<string, unknown>>;
  /** The URL under which operator and agents reach this API server: a proxy in between. Default: its own. */
  readonly programServer?: (plane: ControlPlane) => Promise<string>;
  readonly progress?: Progress;
  readonly signal?: AbortSignal | undefined;
};

export type Federation = AsyncDisposable & {
  readonly environment: FederationEnvironment;
  readonly assets: AssetPaths;
  readonly hub: ControlPlane;
  readonly hubRealNodes: readonly RealNode[];
  /** Why addresses and names of Services don't work in pods of real nodes; null where they do. */
  readonly noServices: string | null;
  readonly providers: readonly ProviderCluster[];
  readonly chain: LocalChain;
  readonly money: Money;
  readonly accounts: FederationAccounts;
  /** For checkpoints and outputs, where there are real nodes: their pods reach it, and so does this machine. */
  readonly store: S3Store | undefined;
  readonly programs: FederationPrograms | undefined;
  readonly processes: Processes;
  readonly auditFiles: readonly string[];
  /**
   * What the platform team's admin does once the kinds are installed: names the chain, the tenant's account and the
   * providers; and the tenant's wallet, which lets the operator spend. Done already unless `programs` is 'none'.
   */
  admit(): Promise<void>;
  /** Ends every process. The folder stays, with its logs. */
  stop(): Promise<void>;
};

type Clusters = Pick<
  Federation,
  | 'assets'
  | 'hub'
  | 'hubRealNodes'
  | 'noServices'
  | 'providers'
  | 'chain'
  | 'money'
  | 'accounts'
  | 'store'
>;

/** What real nodes need besides their control planes; nothing where there are none. */
const prepareNodes = async (options: FederationOptions, progress: Progress) => {
  const { dir, signal } = options;
  const none = { nodeAssets: undefined, services: undefined, noServices: null, network: undefined };
  if ((options.realNodes ?? 0) + (options.hubRealNodes ?? 0) === 0) return none;
  const nodeAssets = await ensureNodeAssets({ progress, signal });
  const support = await prepareServices({ progress, signal });
  if (!support.supported) {
    progress.line(`In pods, addresses and names of Services lead nowhere: ${support.reason}`);
  }
  const network = await openNodeNetwork({ dir, outlivesOwner: options.outlivesStarter ?? false });
  const services = support.supported ? support.services : undefined;
  const noServices = support.supported ? null : support.reason;
  return { nodeAssets, services, noServices, network };
};

const startClusters = async (
  options: FederationOptions,
  processes: Processes,
): Promise<Clusters> => {
  const { dir, signal } = options;
  const progress = options.progress ?? terminalProgress();
  const assets = await ensureAssets({ progress, signal });
  const { realNodes = 0, hubRealNodes = 0 } = options;
  const { noServices, ...nodes } = await prepareNodes(options, progress);
  const address = nodes.network?.machineAddress;
  const installed = options.programs !== 'none';
  const common = { dir, assets, processes, signal, audit: options.audit ?? false, ...nodes };
  const chainWithMoney = async () => {
    const chain = await startChain({ processes, address, signal });
    const accounts = federationAccounts(chain);
    return { chain, accounts, money: await setUpMoney(chain, accounts) };
  };
  const hubWithKinds = async () => {
    const hub = await startControlPlane({
      ...common,
      dir: join(dir, 'hub'),
      name: 'hub',
      role: 'hub',
      nodeNames: Array.from({ length: hubRealNodes }, (_, index) => `hub-real-${index}`),
    });
    const [started] = await Promise.all([
      startClusterNodes(hub, common),
      installed ? installHub(hub.client, signal) : undefined,
    ]);
    return { hub, hubRealNodes: started };
  };
  const [hub, money, ...providers] = await Promise.all([
    hubWithKinds(),
    chainWithMoney(),
    ...withRealNodes(options.providers, realNodes, options.gpusPerRealNode).map((spec) =>
      startProviderCluster(spec, { ...common, installed }),
    ),
  ]);
  const store =
    address === undefined
      ? undefined
      : await startS3({
          ...{ processes, address, signal },
          dir: join(dir, 's3'),
          assets: await ensureS3Asset({ progress, signal }),
        });
  return { assets, ...hub, noServices, ...money, providers, store };
};

/** The chain as the programs reach it. */
const routedChain = async (
  options: FederationOptions,
  direct: LocalChain,
): Promise<LocalChain> => ({
  ...direct,
  rpcURL: (await options.chainRoute?.(direct.rpcURL)) ?? direct.rpcURL,
});

/** See Federation.admit. The wallet serves the operator's delegates as they appear. */
const admitTo = async (
  { hub, money, accounts, providers }: Clusters,
  chain: LocalChain,
): Promise<void> =>
  createHubObjects(hub.client, {
    chain,
    money,
    anchorKey: accounts.anchor.privateKey,
    tenantAddress: accounts.tenant.address,
    providers: providers.map(({ spec }, index) => ({
      spec,
      address: accounts.provider(index).owner.address,
    })),
  });

const startPrograms = async (
  options: FederationOptions,
  processes: Processes,
  clusters: Clusters,
): Promise<FederationPrograms> => {
  const { hub, money, accounts, providers } = clusters;
  const chain = await routedChain(options, clusters.chain);
  const common = { hub, chain, money, processes, signal: options.signal };
  await admitTo(clusters, chain);
  const uid = await hubUid(hub.client);
  const hubDir = join(options.dir, 'hub');
  const serverOf = async (plane: ControlPlane) =>
    (await options.programServer?.(plane)) ?? plane.apiServer.server;
  const hubServer = await serverOf(hub);
  const agentsOf = async (provider: ProviderCluster, index: number) => {
    const clusterServer = await serverOf(provider);
    const starting = replicas(options.agentReplicas).map((replica) =>
      startAgent({
        ...common,
        hubServer,
        clusterServer,
        provider,
        hubUid: uid,
        accounts: accounts.provider(index),
        replica,
        main: options.agentPrograms?.[provider.spec.name],
        settings: options.agentSettings,
      }),
    );
    return Promise.all(starting);
  };
  const [operators, wallet, ...agentReplicas] = await Promise.all([
    Promise.all(
      replicas(options.operators).map((replica) =>
        startOperator({
          ...common,
          hubServer,
          dir: hubDir,
          replica,
          settings: options.operatorSettings,
        }),
      ),
    ),
    startWallet({ ...common, dir: hubDir, tenant: accounts.tenant }),
    ...providers.map(agentsOf),
  ]);
  await waitUntilInService(hub.client, providers, options.signal);
  const agents = agentReplicas.map(([first]) => first!);
  return { operator: operators[0]!, operators, agents, agentReplicas, wallet };
};

/** For a federation that was started without programs, see Federation.admit. */
const admitLater = async (
  options: FederationOptions,
  processes: Processes,
  clusters: Clusters,
): Promise<void> => {
  const { hub, money, accounts } = clusters;
  if (options.programs !== 'none') return;
  const chain = await routedChain(options, clusters.chain);
  await hub.client.apply({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: TENANT.namespace },
  });
  await admitTo(clusters, chain);
  const dir = join(options.dir, 'hub');
  const { signal } = options;
  await startWallet({ hub, chain, money, processes, signal, dir, tenant: accounts.tenant });
};

/** Their numbers, from 1. */
const replicas = (count = 1): readonly number[] =>
  Array.from({ length: count }, (_, index) => index + 1);

const whenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

/**
 * Starts a whole federation: a hub, the providers' clusters with simulated GPU nodes, a chain with escrow and token,
 * the operator, the agents and a development wallet, each program with its own identity. Resolves when every provider is
 * Ready at the hub and the tenant's account can pay. Whatever was started is ended when it fails or `signal` aborts.
 */
export const startFederation = async (options: FederationOptions): Promise<Federation> => {
  const processes = new Processes(options.dir);
  const stop = async () => {
    await processes.stop();
    await clearNodesOf(options.dir);
  };
  // What goes on beside a part that failed is told to end as well, not only what listens to the caller's signal.
  const failed = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
  const start = async () => {
    const clusters = await startClusters({ ...options, signal }, processes);
    const programs =
      options.components === 'clusters' || options.programs === 'none'
        ? undefined
        : await startPrograms({ ...options, signal }, processes, clusters);
    return { clusters, programs };
  };
  try {
    const { clusters, programs } = await Promise.race([start(), whenAborted(signal)]);
    const environment = describeFederation({ ...clusters, programs, processes });
    writeEnvironment(options.dir, environment);
    const auditFiles = [clusters.hub, ...clusters.providers]
      .map((plane) => plane.apiServer.auditFile)
      .filter((file): file is string => file !== undefined);
    return {
      ...clusters,
      environment,
      programs,
      processes,
      auditFiles,
      admit: () => admitLater({ ...options, signal }, processes, clusters),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    failed.abort(error);
    await stop();
    throw error;
  }
};
