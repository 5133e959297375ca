import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPERATOR_NAMESPACE } from '@gridlease/crds/labels';
import { writeKeyFile } from './accounts.ts';
import type { DevelopmentAccount, LocalChain } from './chain.ts';
import type { ControlPlane } from './controlPlane.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import type { Money } from './money.ts';
import { LOCAL_TOKEN_SECONDS } from './operatorProgram.ts';
import { PROGRAMS } from './paths.ts';
import type { Processes, RunningProcess } from './processes.ts';
import { programArguments } from './program.ts';
import { mintToken } from './serviceAccount.ts';
import type { WalletConfig } from './wallet/main.ts';

const NAME = 'development-wallet';

/** The wallet reads payment accounts, nothing else: it decides with its own key, on the chain. */
const grantRights = async (hub: ControlPlane): Promise<void> => {
  const rbac = 'rbac.authorization.k8s.io';
  await Promise.all([
    hub.client.apply({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { namespace: OPERATOR_NAMESPACE, name: NAME },
    }),
    hub.client.apply({
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name: `gridlease-e2e-${NAME}` },
      rules: [
        {
          apiGroups: ['gridlease.dev'],
          resources: ['paymentaccounts'],
          verbs: ['get', 'list', 'watch'],
        },
      ],
    }),
    hub.client.apply({
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: `gridlease-e2e-${NAME}` },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: `gridlease-e2e-${NAME}` },
      subjects: [{ kind: 'ServiceAccount', namespace: OPERATOR_NAMESPACE, name: NAME }],
    }),
  ]);
};

/** Starts the process that plays the tenant's wallet on the local chain. */
export const startWallet = async (options: {
  readonly hub: ControlPlane;
  readonly chain: LocalChain;
  readonly money: Money;
  readonly tenant: DevelopmentAccount;
  readonly dir: string;
  readonly processes: Processes;
  readonly signal?: AbortSignal | undefined;
}): Promise<RunningProcess> => {
  const { hub, dir } = options;
  await grantRights(hub);
  const account = { namespace: OPERATOR_NAMESPACE, name: NAME };
  const token = await mintToken(hub.client, account, LOCAL_TOKEN_SECONDS, options);
  const kubeconfigPath = join(dir, 'wallet.kubeconfig');
  writeKubeconfig(
    kubeconfigPath,
    { ...hub.client.access, token },
    { cluster: 'gridlease-hub', user: NAME },
  );
  const config: WalletConfig = {
    kubeconfigPath,
    rpcURL: options.chain.rpcURL,
    chainId: options.chain.chainId,
    escrow: options.money.escrow,
    privateKeyPath: writeKeyFile(join(dir, 'tenant.key'), options.tenant),
    delegateLimit: '1000000000000',
    gas: '1000000000000000000',
  };
  const configFile = join(dir, 'wallet.json');
  writeFileSync(configFile, JSON.stringify(config, null, 2), { mode: 0o600 });
  return options.processes.start({
    name: 'wallet',
    layer: 3,
    command: process.execPath,
    args: programArguments(PROGRAMS.wallet, configFile),
  });
};
