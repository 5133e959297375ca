import { randomBytes } from 'node:crypto';
import { deployEscrow, deployTestToken } from '@gridlease/contracts/deploy';
import { escrowDomain } from '@gridlease/contracts/domain';
import { gpuEscrowAbi } from '@gridlease/contracts/gpuEscrow.generated';
import { testTokenAbi } from '@gridlease/contracts/testToken.generated';
import type { ChainTransaction } from '@gridlease/crds/chaintransaction';
import type { ChannelRecord } from '@gridlease/crds/channelrecord';
import { agentUser, OPERATOR_USER } from '@gridlease/crds/labels';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import {
  chainTransactions,
  channelRecords,
  leaseRecords,
  paymentChannels,
} from '@gridlease/crds/resources';
import * as builtins from '@gridlease/kube/builtins';
import { type Cluster, connectCluster } from '@gridlease/kube/cluster';
import type { KubeObject } from '@gridlease/kube/object';
import { resourceClient } from '@gridlease/kube/resources';
import {
  createPublicClient,
  createTestClient,
  createWalletClient,
  type Hex,
  http,
  parseEther,
} from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import type { MeteredPod, NodeLease } from '../meter/deps.ts';
import { apply, kubectl, root, testEnvironment } from './environment.ts';

export const env = testEnvironment();
const manifests = `${root}/crds/manifests`;
const suffix = randomBytes(3).toString('hex');
export const hubNamespace = `gridlease-provider-m${suffix}`;
export const recordNamespace = `gridlease-agent-m${suffix}`;
export const price = 3_600_000_000n; // 1,000 smallest units for one GPU-second

// Of this file's own: two that run side by side would take each other's nonces.
const newAccount = () => privateKeyToAccount(generatePrivateKey());
export const tenant = newAccount();
export const owner = newAccount();
export const gas = newAccount();
export const agent = newAccount();
const transport = http(env.chain.rpcURL);
export const publicClient = createPublicClient({ transport, cacheTime: 0, pollingInterval: 200 });
const wallet = createWalletClient({ account: tenant, transport });

export const hub = connectCluster({
  name: 'hub',
  kubeconfigPath: env.hub.kubeconfig,
  userAgent: 'money-test/0',
});
export const provider = connectCluster({
  name: 'provider',
  kubeconfigPath: env.provider.kubeconfig,
  userAgent: 'money-test/0',
});
/** The admission policies of the hub know the two writers by name. */
const as = (user: string): Cluster => ({
  ...hub,
  request: (request) =>
    hub.request({
      ...request,
      headers: {
        ...request.headers,
        'Impersonate-User': user,
        'Impersonate-Group': 'gridlease:platform-admins',
      },
    }),
});
export const asOperator = resourceClient<PaymentChannel>(as(OPERATOR_USER), paymentChannels);
export const clients = {
  channels: resourceClient<PaymentChannel>(as(agentUser(`m${suffix}`)), paymentChannels),
  leaseRecords: resourceClient<LeaseRecord>(provider, leaseRecords),
  channelRecords: resourceClient<ChannelRecord>(provider, channelRecords),
  transactions: resourceClient<ChainTransaction>(provider, chainTransactions),
  nodeLeases: resourceClient<NodeLease>(provider, builtins.leases),
  pods: resourceClient<MeteredPod>(provider, builtins.pods),
  jobs: resourceClient<KubeObject & { spec: unknown }>(provider, builtins.jobs),
};
export let escrow: Hex;
export let token: Hex;
export let domain: ReturnType<typeof escrowDomain>;

export async function send(to: Hex, data: { abi: unknown; functionName: string; args: unknown[] }) {
  const hash = await wallet.writeContract({ address: to, chain: null, ...data } as never);
  const receipt = await publicClient.waitForTransactionReceipt({ hash, timeout: 30_000 });
  if (receipt.status !== 'success') throw new Error(`${data.functionName} was reverted`);
}

/** Namespaces, kinds, and an escrow with a deposit of the tenant. */
export async function setUp(): Promise<void> {
  apply(env.provider.kubeconfig, `${manifests}/provider`);
  apply(env.hub.kubeconfig, `${manifests}/hub/paymentchannels.yaml`);
  kubectl(env.hub.kubeconfig, ['create', 'namespace', hubNamespace]);
  kubectl(env.provider.kubeconfig, ['create', 'namespace', recordNamespace]);
  const chain = createTestClient({ mode: 'anvil', transport });
  for (const { address } of [tenant, owner, gas]) {
    await chain.setBalance({ address, value: parseEther('100') });
  }
  token = (await deployTestToken({ wallet, publicClient })).address;
  const deployed = await deployEscrow({
    wallet,
    publicClient,
    token,
    treasury: tenant.address,
    closeWindowSeconds: 86_400,
  });
  escrow = deployed.address;
  domain = escrowDomain({ chainId: env.chain.chainId, escrow });
  const amount = 10n ** 15n;
  await send(token, { abi: testTokenAbi, functionName: 'mint', args: [tenant.address, amount] });
  await send(token, { abi: testTokenAbi, functionName: 'approve', args: [escrow, amount] });
  await send(escrow, { abi: gpuEscrowAbi, functionName: 'deposit', args: [amount] });
}

/** Forgets all leases and channels, so that the next test's agent has only its own. */
export function forgetAll(): void {
  const kinds =
    'jobs,leaserecords.gridlease.dev,channelrecords.gridlease.dev,chaintransactions.gridlease.dev';
  kubectl(env.provider.kubeconfig, ['delete', kinds, '--all', '-n', recordNamespace]);
}

export async function tearDown(): Promise<void> {
  kubectl(env.hub.kubeconfig, ['delete', 'namespace', hubNamespace, '--wait=false']);
  kubectl(env.provider.kubeconfig, ['delete', 'namespace', recordNamespace, '--wait=false']);
  await hub.close();
  await provider.close();
}
