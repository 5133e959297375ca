import type { FederationAccounts } from './accounts.ts';
import type { AssetPaths } from './assets.ts';
import type { LocalChain } from './chain.ts';
import type { ControlPlane } from './controlPlane.ts';
import type { ProviderSpec } from './defaultProviders.ts';
import { describeFederation } from './describeFederation.ts';
import { type FederationEnvironment, writeEnvironment } from './environment.ts';
import { startClusters } from './federationClusters.ts';
import { admit, startPrograms } from './federationPrograms.ts';
import type { Money } from './money.ts';
import { Processes } from './processes.ts';
import type { FederationPrograms } from './program.ts';
import type { Progress } from './progress.ts';
import type { ProviderCluster } from './providerCluster.ts';
import type { RealNode } from './realNode/realNode.ts';
import { clearNodesOf } from './realNode/register.ts';
import type { S3Store } from './s3.ts';

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

export type Clusters = Pick<
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
      admit: () => admit({ ...options, signal }, processes, clusters),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    failed.abort(error);
    await stop();
    throw error;
  }
};
