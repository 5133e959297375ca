import { join } from 'node:path';
import { type FederationAccounts, federationAccounts } from './accounts.ts';
import { startAgent } from './agentProgram.ts';
import { type AssetPaths, ensureAssets, ensureNodeAssets } from './assets.ts';
import { type LocalChain, startChain } from './chain.ts';
import { type ControlPlane, startControlPlane } from './controlPlane.ts';
import { type ProviderSpec, withRealNodes } from './defaultProviders.ts';
import { describeFederation } from './describeFederation.ts';
import { type FederationEnvironment, writeEnvironment } from './environment.ts';
import { createHubObjects, hubUid, installHub } from './hub.ts';
import { type Money, setUpMoney } from './money.ts';
import { startOperator } from './operatorProgram.ts';
import { Processes } from './processes.ts';
import type { FederationPrograms } from './program.ts';
import { type Progress, terminalProgress } from './progress.ts';
import { type ProviderCluster, startProviderCluster } from './providerCluster.ts';
import { waitUntilInService } from './readiness.ts';
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
  /** Default false: what real nodes have made is cleared by a later start where this program ends without stop(). */
  readonly outlivesStarter?: boolean;
  /** Folder for everything of this federation; it must be its own. */
  readonly dir: string;
  /** Default 'all'. 'clusters' leaves out the operator, the agents and the wallet. */
  readonly components?: 'clusters' | 'all';
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
  readonly providers: readonly ProviderCluster[];
  readonly chain: LocalChain;
  readonly money: Money;
  readonly accounts: FederationAccounts;
  /** For checkpoints and outputs, where there are real nodes: their pods reach it, and so does this machine. */
  readonly store: S3Store | undefined;
  readonly programs: FederationPrograms | undefined;
  readonly processes: Processes;
  readonly auditFiles: readonly string[];
  /** Ends every process. The folder stays, with its logs. */
  stop(): Promise<void>;
};

type Clusters = Pick<
  Federation,
  'assets' | 'hub' | 'providers' | 'chain' | 'money' | 'accounts' | 'store'
>;

const startClusters = async (
  options: FederationOptions,
  processes: Processes,
): Promise<Clusters> => {
  const { dir, signal } = options;
  const progress = options.progress ?? terminalProgress();
  const assets = await ensureAssets({ progress, signal });
  const realNodes = options.realNodes ?? 0;
  const nodeAssets = realNodes > 0 ? await ensureNodeAssets({ progress, signal }) : undefined;
  const outlivesOwner = options.outlivesStarter ?? false;
  const common = { dir, assets, processes, signal, audit: options.audit ?? false };
  const chainWithMoney = async () => {
    const chain = await startChain({ processes, signal });
    const accounts = federationAccounts(chain);
    return { chain, accounts, money: await setUpMoney(chain, accounts) };
  };
  const hubWithKinds = async () => {
    const hub = await startControlPlane({
      ...common,
      dir: join(dir, 'hub'),
      name: 'hub',
      role: 'hub',
    });
    await installHub(hub.client, signal);
    return hub;
  };
  const [hub, money, ...providers] = await Promise.all([
    hubWithKinds(),
    chainWithMoney(),
    ...withRealNodes(options.providers, realNodes, options.gpusPerRealNode).map((spec) =>
      startProviderCluster(spec, { ...common, nodeAssets, outlivesOwner }),
    ),
  ]);
  const address = providers[0]?.realNodes[0]?.address;
  const store =
    address === undefined
      ? undefined
      : await startS3({
          ...{ processes, address, signal },
          dir: join(dir, 's3'),
          assets: await ensureS3Asset({ progress, signal }),
        });
  return { assets, hub, ...money, providers, store };
};

const startPrograms = async (
  options: FederationOptions,
  processes: Processes,
  clusters: Clusters,
): Promise<FederationPrograms> => {
  const { hub, money, accounts, providers } = clusters;
  const direct = clusters.chain;
  const rpcURL = (await options.chainRoute?.(direct.rpcURL)) ?? direct.rpcURL;
  const chain = { ...direct, rpcURL };
  const common = { hub, chain, money, processes, signal: options.signal };
  await createHubObjects(hub.client, {
    chain,
    money,
    anchorKey: accounts.anchor.privateKey,
    tenantAddress: accounts.tenant.address,
    providers: providers.map(({ spec }, index) => ({
      spec,
      address: accounts.provider(index).owner.address,
    })),
  });
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
      options.components === 'clusters'
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
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    failed.abort(error);
    await stop();
    throw error;
  }
};
