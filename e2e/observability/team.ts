import { join } from 'node:path';
import { gpuEscrowAbi } from '@gridlease/contracts/gpuEscrow.generated';
import { testTokenAbi } from '@gridlease/contracts/testToken.generated';
import type { Address } from 'viem';
import { writeKeyFile } from '../cluster/accounts.ts';
import type { Manifest } from '../cluster/apiClient.ts';
import type { Federation } from '../cluster/federation.ts';
import { chainClients } from '../cluster/money.ts';
import { waitFor } from '../cluster/waitFor.ts';
import { callRpc } from '../demo/checker/rpc.ts';

const GROUP = '/apis/gridlease.dev/v1alpha1';

/** A team with an address and an escrow of its own. */
export type Team = {
  readonly namespace: string;
  readonly account: string;
  readonly keyFile: string;
};

type Account = {
  readonly status?: {
    readonly delegateAddress?: Address;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message: string;
    }[];
  };
};

/** One token in smallest units. */
export const TOKEN_UNIT = 1_000_000n;

/** Gives a team money: `wallet` outside the escrow, `deposit` inside, both in smallest units; resolves when it can pay. */
export const foundTeam = async (
  federation: Federation,
  dir: string,
  money: { readonly wallet: bigint; readonly deposit: bigint },
): Promise<Team> => {
  const { hub, chain, environment } = federation;
  const [namespace, account] = ['team-poor', 'main'];
  // Beyond those that the federation gives to its own people.
  const key = chain.account(150);
  const { token, escrow } = federation.money;
  const rich = chainClients(chain, environment.tenant.privateKey as `0x${string}`);
  const team = chainClients(chain, key.privateKey);
  const done = async (of: typeof team, call: Promise<`0x${string}`>): Promise<void> => {
    const { status } = await of.publicClient.waitForTransactionReceipt({ hash: await call });
    if (status !== 'success') throw new Error('a transaction of the scene was reverted');
  };
  await done(
    rich,
    rich.wallet.writeContract({
      ...{ address: token, abi: testTokenAbi, functionName: 'transfer' },
      args: [key.address, money.wallet + money.deposit],
    }),
  );
  await done(
    team,
    team.wallet.writeContract({
      ...{ address: token, abi: testTokenAbi, functionName: 'approve' },
      args: [escrow, money.deposit],
    }),
  );
  await done(
    team,
    team.wallet.writeContract({
      ...{ address: escrow, abi: gpuEscrowAbi, functionName: 'deposit' },
      args: [money.deposit],
    }),
  );
  await hub.client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await hub.client.apply({
    apiVersion: 'gridlease.dev/v1alpha1',
    kind: 'PaymentAccount',
    metadata: { namespace, name: account },
    spec: { address: key.address, chainName: 'local' },
  });
  const path = `${GROUP}/namespaces/${namespace}/paymentaccounts/${account}`;
  const delegate = await waitFor(
    async () => (await hub.client.get<Account>(path)).status?.delegateAddress,
    { what: `the delegate of ${namespace}` },
  );
  await done(
    team,
    team.wallet.writeContract({
      ...{ address: escrow, abi: gpuEscrowAbi, functionName: 'authorize' },
      args: [delegate, 1_000n * TOKEN_UNIT],
    }),
  );
  await done(team, team.wallet.sendTransaction({ to: delegate, value: 10n ** 18n }));
  await waitFor(
    async () => {
      const { status } = await hub.client.get<Account>(path);
      const ready = status?.conditions?.find(({ type }) => type === 'Ready');
      if (ready?.status === 'True') return true;
      throw new Error(ready?.message ?? 'no condition yet');
    },
    { what: `${namespace} can pay`, timeoutMilliseconds: 60_000 },
  );
  return { namespace, account, keyFile: writeKeyFile(join(dir, 'team-poor.key'), key) };
};

/** A job of so many simulated seconds on GPUs of a product. */
export const aJob = (
  where: { readonly namespace: string; readonly account: string },
  name: string,
  job: {
    readonly product: string;
    readonly gpus: number;
    readonly seconds: number;
    readonly most: number;
  },
): Manifest => ({
  apiVersion: 'gridlease.dev/v1alpha1',
  kind: 'GPUJob',
  metadata: { namespace: where.namespace, name },
  spec: {
    batch: { completions: 1 },
    workload: {
      image: `registry.example/tool@sha256:${'ab'.repeat(32)}`,
      command: ['work'],
      env: [{ name: 'SIMULATED_SECONDS', value: String(job.seconds) }],
    },
    gpu: { count: job.gpus, products: [job.product] },
    budget: { accountName: where.account },
    runtime: { maxDurationSeconds: job.most },
  },
});

/** What the job says of itself: the reason of its condition Succeeded. */
export const jobState = async (
  federation: Federation,
  { metadata }: Manifest,
): Promise<string | undefined> => {
  const path = `${GROUP}/namespaces/${metadata.namespace}/gpujobs/${metadata.name}`;
  const { status } = await federation.hub.client.get<{
    status?: { conditions?: readonly { type: string; reason: string }[] };
  }>(path);
  return status?.conditions?.find(({ type }) => type === 'Succeeded')?.reason;
};

/** Sets an address’s coin on the local chain. */
export const setCoins = async (
  { environment }: Federation,
  address: string,
  coins: bigint,
): Promise<void> => {
  const params = [address, `0x${coins.toString(16)}`];
  await callRpc(environment.chain.rpcURL, 'anvil_setBalance', params);
};
