import { join } from 'node:path';
import { signAgentGrant } from '@gridlease/contracts/agentGrant';
import { escrowDomain } from '@gridlease/contracts/domain';
import { privateKeyToAccount } from 'viem/accounts';
import { type ProviderAccounts, writeKeyFile } from './accounts.ts';
import type { LocalChain } from './chain.ts';
import type { ControlPlane } from './controlPlane.ts';
import { FINALITY } from './hub.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { type Money, TOKEN } from './money.ts';
import { electionOf, LOCAL_TOKEN_SECONDS, replicaName } from './operatorProgram.ts';
import { PROGRAMS } from './paths.ts';
import type { Processes } from './processes.ts';
import { type Program, startProgram } from './program.ts';
import { AGENT_NAMESPACE, type ProviderCluster } from './providerCluster.ts';
import { mintToken } from './serviceAccount.ts';

/** The agent renews it at the hub itself; this is only the first. */
const FIRST_HUB_TOKEN_SECONDS = 3_600;
const GRANT_SECONDS = 90 * 86_400;

export type AgentOptions = {
  readonly hub: ControlPlane;
  /** Where the agent reaches the hub, and its own cluster. */
  readonly hubServer: string;
  readonly clusterServer: string;
  readonly hubUid: string;
  readonly provider: ProviderCluster;
  readonly chain: LocalChain;
  readonly money: Money;
  readonly accounts: ProviderAccounts;
  /** From 1; all of them have the same keys and rights, and one of them acts. Default: 1. */
  readonly replica?: number;
  readonly processes: Processes;
  /** Another program in the agent's place, for trying dishonest ones. Default: the real agent. */
  readonly main?: string | undefined;
  /** Merged over the defaults of the embedded federation. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** The owner's permission for the agent's key, as the agent's configuration has it. */
export const signGrant = async (options: Pick<AgentOptions, 'accounts' | 'chain' | 'money'>) => {
  const { owner, agent } = options.accounts;
  const now = BigInt(Math.floor(Date.now() / 1000));
  const grant = {
    provider: owner.address,
    agent: agent.address,
    // Clocks may differ a little, and a grant not valid yet would hold everything up.
    notBefore: now - 60n,
    notAfter: now + BigInt(GRANT_SECONDS),
  };
  const domain = escrowDomain({ chainId: options.chain.chainId, escrow: options.money.escrow });
  const signature = await signAgentGrant(privateKeyToAccount(owner.privateKey), domain, grant);
  return {
    ...grant,
    notBefore: String(grant.notBefore),
    notAfter: String(grant.notAfter),
    signature,
  };
};

/** Two kubeconfigs: one for the hub, in the provider's namespace there, and one for the provider's own cluster. */
const writeAgentKubeconfigs = async (options: AgentOptions) => {
  const { hub, provider, signal } = options;
  const hubNamespace = `gridlease-provider-${provider.spec.name}`;
  const [hubToken, localToken] = await Promise.all([
    // The operator makes this account once the admin accepted the provider.
    mintToken(hub.client, { namespace: hubNamespace, name: 'agent' }, FIRST_HUB_TOKEN_SECONDS, {
      timeoutMilliseconds: 60_000,
      signal,
    }),
    mintToken(
      provider.client,
      { namespace: AGENT_NAMESPACE, name: 'gridlease-provider-agent' },
      LOCAL_TOKEN_SECONDS,
      { signal },
    ),
  ]);
  const name = replicaName('agent', options.replica ?? 1);
  const hubPath = join(provider.dir, `${name}-hub.kubeconfig`);
  const clusterPath = join(provider.dir, `${name}.kubeconfig`);
  writeKubeconfig(
    hubPath,
    { ...hub.client.access, server: options.hubServer, token: hubToken },
    { cluster: 'gridlease-hub', user: 'agent', namespace: hubNamespace },
  );
  writeKubeconfig(
    clusterPath,
    { ...provider.client.access, server: options.clusterServer, token: localToken },
    { cluster: `gridlease-${provider.spec.name}`, user: 'agent', namespace: AGENT_NAMESPACE },
  );
  return { hubPath, clusterPath, hubNamespace };
};

/** Starts a provider's agent with its own keys and its own identity at the hub and at home. */
export const startAgent = async (options: AgentOptions): Promise<Program> => {
  const { provider, chain, money, accounts } = options;
  const { hubPath, clusterPath, hubNamespace } = await writeAgentKubeconfigs(options);
  const file = replicaName('agent', options.replica ?? 1);
  const name = `${provider.spec.name}-${file}`;
  return startProgram({
    name,
    main: options.main ?? PROGRAMS.agent,
    dir: provider.dir,
    processes: options.processes,
    signal: options.signal,
    config: {
      providerName: provider.spec.name,
      hub: {
        name: 'hub',
        uid: options.hubUid,
        kubeconfigPath: hubPath,
        namespace: hubNamespace,
        serviceAccountName: 'agent',
      },
      cluster: { kubeconfigPath: clusterPath, namespace: AGENT_NAMESPACE },
      chain: {
        rpcURL: chain.rpcURL,
        chainId: chain.chainId,
        escrow: money.escrow,
        token: { address: money.token, ...TOKEN },
        finality: FINALITY,
      },
      owner: accounts.owner.address,
      agentKeyPath: writeKeyFile(join(provider.dir, `${file}.key`), accounts.agent),
      gasKeyPath: writeKeyFile(join(provider.dir, `${file}-gas.key`), accounts.gas),
      grant: await signGrant(options),
      offers: provider.spec.offers,
      // On a local chain gas costs nothing, and people wait to see the money move.
      redeem: { minAmount: '0', maxDelaySeconds: 5 },
      stopSeconds: 20,
      heartbeatSeconds: 10,
      inventoryMinSeconds: 5,
      ...(provider.uploaderImage && { outputs: { uploaderImage: provider.uploaderImage } }),
      ...options.settings,
      leaderElection: { replicaName: name, ...electionOf(options.settings) },
    },
  });
};
