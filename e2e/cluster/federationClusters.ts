import { join } from 'node:path';
import { federationAccounts } from './accounts.ts';
import { ensureAssets, ensureNodeAssets } from './assets.ts';
import { startChain } from './chain.ts';
import { startControlPlane } from './controlPlane.ts';
import { withRealNodes } from './defaultProviders.ts';
import type { Clusters, FederationOptions } from './federation.ts';
import { installHub } from './hub.ts';
import { setUpMoney } from './money.ts';
import type { Processes } from './processes.ts';
import { type Progress, terminalProgress } from './progress.ts';
import { startProviderCluster } from './providerCluster.ts';
import { startClusterNodes } from './realNode/clusterNodes.ts';
import { openNodeNetwork } from './realNode/network.ts';
import { prepareServices } from './realNode/prepareServices.ts';
import { startS3 } from './s3.ts';
import { ensureS3Asset } from './s3Asset.ts';

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

/** Starts the hub, the providers' clusters, the chain and what real nodes need, side by side. */
export const startClusters = async (
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
