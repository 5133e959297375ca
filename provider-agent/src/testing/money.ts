import { randomBytes } from 'node:crypto';
import { channelObjectName } from '@gridlease/contracts/channel';
import { deployEscrow, deployTestToken } from '@gridlease/contracts/deploy';
import { escrowDomain } from '@gridlease/contracts/domain';
import { readChannels } from '@gridlease/contracts/escrow';
import { gpuEscrowAbi } from '@gridlease/contracts/gpuEscrow.generated';
import { uidToBytes32 } from '@gridlease/contracts/ids';
import { hashLeaseTerms, type LeaseTerms } from '@gridlease/contracts/leaseTerms';
import { merkleRoot } from '@gridlease/contracts/merkle';
import { signStatementReply } from '@gridlease/contracts/statementReply';
import { testTokenAbi } from '@gridlease/contracts/testToken.generated';
import type { TransactionStore } from '@gridlease/contracts/transaction';
import { signVoucher } from '@gridlease/contracts/voucher';
import { chainTransactionStore } from '@gridlease/crds/chainTransactionStore';
import type { ChainTransaction } from '@gridlease/crds/chaintransaction';
import type { ChannelRecord } from '@gridlease/crds/channelrecord';
import { agentUser, LABEL_LEASE_UID, OPERATOR_USER } from '@gridlease/crds/labels';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import {
  chainTransactions,
  channelRecords,
  leaseRecords,
  paymentChannels,
} from '@gridlease/crds/resources';
import { ApiError } from '@gridlease/kube/apiError';
import * as builtins from '@gridlease/kube/builtins';
import { systemClock } from '@gridlease/kube/clock';
import { type Cluster, connectCluster } from '@gridlease/kube/cluster';
import { toKubeTime } from '@gridlease/kube/conditions';
import { Informer } from '@gridlease/kube/informer';
import { silentLogger } from '@gridlease/kube/log';
import { createRegistry } from '@gridlease/kube/metrics';
import type { KubeObject } from '@gridlease/kube/object';
import { resourceClient } from '@gridlease/kube/resources';
import {
  createPublicClient,
  createTestClient,
  createWalletClient,
  type Hex,
  http,
  parseEther,
  zeroHash,
} from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { type ChainClient, connectChain } from '../chain.ts';
import { type ChannelRecords, createChannelRecords } from '../channelRecords.ts';
import {
  type MeterDeps,
  type MeteredNode,
  type MeteredPod,
  meterIndexes,
  type NodeLease,
} from '../meter/deps.ts';
import { createMeterStage } from '../meter/reconcile.ts';
import { createChannelViews } from '../redeem/channelViews.ts';
import type { RedeemDeps } from '../redeem/deps.ts';
import { createRedeemStage } from '../redeem/reconcile.ts';
import { apply, kubectl, root, testEnvironment, until } from './environment.ts';

const env = testEnvironment();
const manifests = `${root}/crds/manifests`;
const suffix = randomBytes(3).toString('hex');
export const hubNamespace = `gridlease-provider-m${suffix}`;
export const recordNamespace = `gridlease-agent-m${suffix}`;
export const price = 3_600_000_000n; // 1,000 smallest units for one GPU-second

// Of this file's own: two that run side by side would take each other's nonces.
const newAccount = () => privateKeyToAccount(generatePrivateKey());
const tenant = newAccount();
const owner = newAccount();
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
const asOperator = resourceClient<PaymentChannel>(as(OPERATOR_USER), paymentChannels);
export const clients = {
  channels: resourceClient<PaymentChannel>(as(agentUser(`m${suffix}`)), paymentChannels),
  leaseRecords: resourceClient<LeaseRecord>(provider, leaseRecords),
  channelRecords: resourceClient<ChannelRecord>(provider, channelRecords),
  transactions: resourceClient<ChainTransaction>(provider, chainTransactions),
  nodeLeases: resourceClient<NodeLease>(provider, builtins.leases),
  pods: resourceClient<MeteredPod>(provider, builtins.pods),
  jobs: resourceClient<KubeObject & { spec: unknown }>(provider, builtins.jobs),
};
let escrow: Hex;
let token: Hex;
export let domain: ReturnType<typeof escrowDomain>;

async function send(to: Hex, data: { abi: unknown; functionName: string; args: unknown[] }) {
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

/** One tenant's channel with a lease on it, and a payer that answers statements. */
export async function aChannel(options: { refuse?: (row: { gpuMs: string }) => boolean } = {}) {
  const signer = privateKeyToAccount(generatePrivateKey());
  const key = { tenant: tenant.address, provider: owner.address, signer: signer.address };
  const name = channelObjectName(`account-${signer.address}`, owner.address, signer.address);
  await send(escrow, {
    abi: gpuEscrowAbi,
    functionName: 'fund',
    args: [owner.address, signer.address, 1, 1_000_000_000n],
  });
  // As the accept stage: no lease runs before its funds are final.
  await until('the funds to be final', async () => {
    const [state] = await readChannels(publicClient, escrow, [key], {
      blockTag: 'finalized',
    }).catch(() => []);
    return state !== undefined && state.reserved > 0n ? true : undefined;
  });
  await asOperator.create({
    apiVersion: 'gridlease.dev/v1alpha1',
    kind: 'PaymentChannel',
    metadata: { name, namespace: hubNamespace },
    spec: {
      accountRef: { namespace: 'team', name: 'team', uid: 'account' },
      providerName: 'alpha',
      ...key,
      chainId: env.chain.chainId,
      escrow,
      generation: 1,
      finals: [],
    },
  });
  const answered = new Set<string>();
  /** Answers the newest statement once, as the hub's billing would. */
  const pay = async (): Promise<void> => {
    const channel = await clients.channels.get({ name, namespace: hubNamespace });
    const { statement, rows = [] } = channel.status ?? {};
    if (statement === undefined || answered.has(statement.hash)) return;
    answered.add(statement.hash);
    const refused = rows.filter((row) => options.refuse?.(row) ?? false);
    const paid = rows.filter((row) => !refused.includes(row));
    const cumulative = paid.reduce(
      (sum, row) => sum + BigInt(row.amount),
      BigInt(statement.foldedAmount),
    );
    const refusals = refused.map(({ leaseId }) => ({
      leaseId,
      reason: 'MoreThanObserved',
      message: 'not seen',
    }));
    const reply = {
      ...key,
      generation: 1,
      statementHash: statement.hash,
      refusalsRoot: merkleRoot(refused.map(({ leaseId }) => leaseId)),
      cumulative,
    };
    const voucher = { tenant: key.tenant, provider: key.provider, generation: 1, cumulative };
    const answeredChannel: PaymentChannel = {
      ...channel,
      spec: {
        ...channel.spec,
        reply: {
          statementHash: reply.statementHash,
          refusalsRoot: reply.refusalsRoot,
          cumulative: cumulative.toString(),
          refusals,
          signature: await signStatementReply(signer, domain, reply),
        },
        voucher: {
          generation: 1,
          cumulative: cumulative.toString(),
          signature: await signVoucher(signer, domain, voucher),
        },
      },
    };
    try {
      await asOperator.replace(answeredChannel);
    } catch (error) {
      // The agent wrote in between: the newest state is answered at the next look.
      if (!(error instanceof ApiError) || !error.isConflict) throw error;
      answered.delete(statement.hash);
    }
  };
  const channel = () => clients.channels.get({ name, namespace: hubNamespace });
  const record = () => clients.channelRecords.get({ name, namespace: recordNamespace });
  const onChain = async () => (await readChannels(publicClient, escrow, [key]))[0]!;
  return { name, key, signer, pay, channel, record, onChain };
}

type TestChannel = Awaited<ReturnType<typeof aChannel>>;

async function createTask(uid: string, seconds: number): Promise<void> {
  await clients.jobs.create({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: uid, namespace: recordNamespace, labels: { [LABEL_LEASE_UID]: uid } },
    spec: {
      template: {
        metadata: { labels: { [LABEL_LEASE_UID]: uid } },
        spec: {
          restartPolicy: 'Never',
          containers: [
            {
              name: 'task',
              image: 'example.com/task',
              env: [{ name: 'SIMULATED_SECONDS', value: String(seconds) }],
              resources: { limits: { 'nvidia.com/gpu': '2' } },
            },
          ],
        },
      },
    },
  });
}

function ended(reason: string): Pick<LeaseRecord['spec'], 'state' | 'finished'> {
  const time = toKubeTime(new Date());
  return { state: 'Ended', finished: { time, succeeded: false, reason, message: '' } };
}

/** An accepted lease with a Job of one task on two GPUs, one whose pod the test plays, or one that ended before it had any. */
export async function aLease(
  on: TestChannel,
  options: {
    readonly graceSeconds?: number;
    readonly idleSeconds?: number;
    readonly startDeadlineSeconds?: number;
  } & ({ readonly seconds: number } | { readonly endedAs: string } | { readonly isPlayed: true }),
) {
  const uid = `lease-${randomBytes(4).toString('hex')}`;
  const terms: LeaseTerms = {
    ...on.key,
    generation: 1,
    hub: zeroHash,
    hubEpoch: 1n,
    jobUid: uidToBytes32(uid),
    shard: 0,
    attempt: 1,
    offerHash: zeroHash,
    workloadHash: zeroHash,
    gpuCount: 2,
    spot: false,
    pricePerGpuHour: price,
    maxAmount: 10n ** 9n,
    maxSeconds: 3600,
    intervalSeconds: 1,
    graceSeconds: options.graceSeconds ?? 30,
    prepaySeconds: 0,
    idleSeconds: options.idleSeconds ?? 60,
    fenceSeconds: 60,
    retentionBps: 0,
    acceptBy: 0n,
  };
  const leaseId = hashLeaseTerms(domain, terms);
  const record = await clients.leaseRecords.create({
    apiVersion: 'gridlease.dev/v1alpha1',
    kind: 'LeaseRecord',
    metadata: { name: uid, namespace: recordNamespace },
    spec: {
      hub: 'test',
      leaseRef: { namespace: hubNamespace, name: uid, uid },
      jobRef: { namespace: 'team', name: 'job', uid: 'job' },
      leaseId,
      terms: {
        ...terms,
        hubEpoch: '1',
        pricePerGpuHour: price.toString(),
        maxAmount: terms.maxAmount.toString(),
        acceptBy: '0',
      },
      termsSignature: `0x${'00'.repeat(65)}`,
      tasks: { indexes: '0', parallelism: 1, gpusPerTask: 2 },
      epoch: 1,
      product: 'H100',
      workloadDocument: JSON.stringify({
        startDeadlineSeconds: options.startDeadlineSeconds ?? 60,
      }),
      channelName: on.name,
      acceptance: {
        leaseUid: zeroHash,
        acceptedMs: Date.now().toString(),
        agent: agent.address,
        signature: `0x${'00'.repeat(65)}`,
      },
      desiredState: 'Running',
      ...('endedAs' in options ? ended(options.endedAs) : { state: 'Running' }),
    },
  });
  if ('seconds' in options) await createTask(uid, options.seconds);
  const status = async () => {
    const { items } = await clients.pods.list({
      namespace: recordNamespace,
      labelSelector: `${LABEL_LEASE_UID}=${uid}`,
    });
    return items[0]?.status?.containerStatuses?.[0]?.state;
  };
  /** The run stage's part: says that the pods have ended. Gives what the pod objects say was used. */
  const end = async (): Promise<bigint> => {
    const { startedAt, finishedAt } = await until('the end of the pod', async () => {
      const { terminated } = (await status()) ?? {};
      return terminated;
    });
    await clients.leaseRecords.mergePatch(record.metadata, { spec: { state: 'Ended' } });
    return BigInt(Date.parse(finishedAt!) - Date.parse(startedAt!)) * 2n;
  };
  /** Whether the payer accepted its last row, so that it costs the channel nothing more. */
  const isFolded = async () =>
    (await clients.leaseRecords.get(record.metadata)).spec.meter?.folded === true;
  /** The same where the test says itself that the pod has ended. */
  const endAsPlayed = () =>
    clients.leaseRecords.mergePatch(record.metadata, { spec: { state: 'Ended' } });
  return { uid, leaseId, end, endAsPlayed, status, isFolded };
}

/** Both stages as agent.ts wires them, over the real API servers and chain. */
export async function anAgent(
  options: {
    chain?: (chain: ChainClient) => ChainClient;
    records?: (records: ChannelRecords) => ChannelRecords;
    store?: (store: TransactionStore) => TransactionStore;
    transforms?: NonNullable<MeterDeps['transforms']> & NonNullable<RedeemDeps['transforms']>;
    hub?: Cluster;
    meter?: Partial<MeterDeps>;
  } = {},
) {
  const stop = new AbortController();
  const { signal } = stop;
  const own = createRegistry({ processMetrics: false });
  const connected = connectChain({
    rpcURL: env.chain.rpcURL,
    chainId: env.chain.chainId,
    escrow,
    token: { address: token, decimals: 6 },
    finality: 'Finalized',
    pollMs: 250,
  });
  const chain = options.chain?.(connected) ?? connected;
  await chain.verify(signal);
  const stored = createChannelRecords({
    client: clients.channelRecords,
    namespace: recordNamespace,
  });
  const records = options.records?.(stored) ?? stored;
  await records.load(signal);
  const views = createChannelViews({ chain, records, log: silentLogger });
  const informers = {
    pods: new Informer<MeteredPod>({
      cluster: provider,
      definition: builtins.pods,
      namespace: recordNamespace,
      labelSelector: LABEL_LEASE_UID,
      indexes: meterIndexes.pods,
    }),
    nodes: new Informer<MeteredNode>({ cluster: provider, definition: builtins.nodes }),
    leaseRecords: new Informer<LeaseRecord>({
      cluster: provider,
      definition: leaseRecords,
      namespace: recordNamespace,
      indexes: meterIndexes.leaseRecords,
    }),
    transactions: new Informer<ChainTransaction>({
      cluster: provider,
      definition: chainTransactions,
      namespace: recordNamespace,
    }),
    channels: new Informer<PaymentChannel>({
      cluster: options.hub ?? hub,
      definition: paymentChannels,
      namespace: hubNamespace,
    }),
  };
  const store = chainTransactionStore({
    client: clients.transactions,
    informer: informers.transactions,
    namespace: recordNamespace,
    fieldManager: 'gridlease-agent-redeem',
    now: () => new Date(),
  });
  const said: string[] = [];
  const shared = {
    domain,
    owner: owner.address,
    hubNamespace,
    clock: systemClock,
    log: silentLogger,
    registry: own,
  };
  const meter = createMeterStage({
    ...shared,
    agent,
    stopSeconds: 20,
    recordNamespace,
    informers,
    clients,
    records,
    cover: views.cover,
    chainAgeMs: chain.headAgeMs,
    closeWindowSeconds: () => 86_400,
    suspend: (uid, reason) => said.push(`suspend ${uid} ${reason}`),
    resume: (uid) => said.push(`resume ${uid}`),
    requestStop: (uid, reason) => said.push(`stop ${uid} ${reason}`),
    ...(options.transforms && { transforms: options.transforms }),
    ...options.meter,
  });
  const redeem = createRedeemStage({
    ...shared,
    createSender: (sending) =>
      chain.sender({ ...sending, account: gas, store: options.store?.(store) ?? store }),
    tokenDecimals: 6,
    chain,
    views,
    informers,
    clients,
    records,
    redeem: { minAmount: 10n ** 12n, maxDelaySeconds: 3600 },
    ...(options.transforms && { transforms: options.transforms }),
  });
  for (const informer of Object.values(informers)) informer.start(signal);
  chain.start(signal);
  views.start(signal);
  meter.start(signal);
  redeem.start(signal);
  return {
    meter,
    said,
    registry: own,
    async stop() {
      stop.abort(new Error('stopped'));
      await Promise.all([meter.stopped, redeem.stopped, chain.stopped]);
    },
  };
}
