import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { amountFor } from '@gridlease/contracts/amount';
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
import { usageRowsRoot } from '@gridlease/contracts/usageRow';
import { recoverUsageStatement } from '@gridlease/contracts/usageStatement';
import { signVoucher } from '@gridlease/contracts/voucher';
import type { ChannelRecord } from '@gridlease/crds/channelrecord';
import { agentUser, LABEL_LEASE_UID, OPERATOR_USER } from '@gridlease/crds/labels';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { channelRecords, leaseRecords, paymentChannels } from '@gridlease/crds/resources';
import { abortable } from '@gridlease/kube/abort';
import * as builtins from '@gridlease/kube/builtins';
import { systemClock } from '@gridlease/kube/clock';
import { type Cluster, connectCluster } from '@gridlease/kube/cluster';
import { Informer } from '@gridlease/kube/informer';
import { silentLogger } from '@gridlease/kube/log';
import { createRegistry } from '@gridlease/kube/metrics';
import type { KubeObject } from '@gridlease/kube/object';
import { resourceClient } from '@gridlease/kube/resources';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createPublicClient, createWalletClient, type Hex, http, zeroHash } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { type ChainClient, connectChain } from './chain.ts';
import { type ChannelRecords, createChannelRecords } from './channelRecords.ts';
import {
  type MeterDeps,
  type MeteredNode,
  type MeteredPod,
  meterIndexes,
  type NodeLease,
} from './meter/deps.ts';
import { rowFromObject } from './meter/onObject.ts';
import { createMeterStage } from './meter/reconcile.ts';
import { createRedeemStage } from './redeem/reconcile.ts';
import { createChannelViews } from './redeem/view.ts';

type Environment = {
  readonly hub: { readonly kubeconfig: string };
  readonly provider: { readonly kubeconfig: string };
  readonly chain: {
    readonly rpcURL: string;
    readonly chainId: number;
    readonly accounts: readonly { readonly address: Hex; readonly privateKey: Hex }[];
  };
  readonly assets: { readonly kubectl: string };
};

const file = process.env['GRIDLEASE_TEST_ENV'] ?? '/tmp/gridlease-test-env-0/env.json';
const env = JSON.parse(readFileSync(file, 'utf8')) as Environment;
const manifests = fileURLToPath(new URL('../../crds/manifests', import.meta.url));
const suffix = randomBytes(3).toString('hex');
const hubNamespace = `gridlease-provider-m${suffix}`;
const recordNamespace = `gridlease-agent-m${suffix}`;
const price = 3_600_000_000n; // 1,000 smallest units for one GPU-second

const account = (index: number) => privateKeyToAccount(env.chain.accounts[index]!.privateKey);
const tenant = account(13);
const owner = account(14);
const gas = account(15);
const agent = privateKeyToAccount(generatePrivateKey());
const transport = http(env.chain.rpcURL);
const publicClient = createPublicClient({ transport, cacheTime: 0, pollingInterval: 200 });
const wallet = createWalletClient({ account: tenant, transport });

const hub = connectCluster({
  name: 'hub',
  kubeconfigPath: env.hub.kubeconfig,
  userAgent: 'money-test/0',
});
const provider = connectCluster({
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
const clients = {
  channels: resourceClient<PaymentChannel>(as(agentUser(`m${suffix}`)), paymentChannels),
  leaseRecords: resourceClient<LeaseRecord>(provider, leaseRecords),
  channelRecords: resourceClient<ChannelRecord>(provider, channelRecords),
  nodeLeases: resourceClient<NodeLease>(provider, builtins.leases),
  pods: resourceClient<MeteredPod>(provider, builtins.pods),
  jobs: resourceClient<KubeObject & { spec: unknown }>(provider, builtins.jobs),
};
let escrow: Hex;
let token: Hex;
let domain: ReturnType<typeof escrowDomain>;

async function send(to: Hex, data: { abi: unknown; functionName: string; args: unknown[] }) {
  const hash = await wallet.writeContract({ address: to, chain: null, ...data } as never);
  const receipt = await publicClient.waitForTransactionReceipt({ hash, timeout: 30_000 });
  expect(receipt.status).toBe('success');
}

async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>) {
  const deadline = performance.now() + 45_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== (false as never)) return found;
    if (performance.now() > deadline) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

beforeAll(async () => {
  const kubectl = (kubeconfig: string, ...args: string[]) =>
    execFileSync(env.assets.kubectl, ['--kubeconfig', kubeconfig, ...args], { stdio: 'pipe' });
  kubectl(
    env.provider.kubeconfig,
    'apply',
    '--server-side',
    '--force-conflicts',
    '-f',
    `${manifests}/provider`,
  );
  kubectl(
    env.hub.kubeconfig,
    'apply',
    '--server-side',
    '--force-conflicts',
    '-f',
    `${manifests}/hub/paymentchannels.yaml`,
  );
  kubectl(env.hub.kubeconfig, 'create', 'namespace', hubNamespace);
  kubectl(env.provider.kubeconfig, 'create', 'namespace', recordNamespace);
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
}, 90_000);

afterAll(async () => {
  const kubectl = (kubeconfig: string, namespace: string) =>
    execFileSync(env.assets.kubectl, [
      '--kubeconfig',
      kubeconfig,
      'delete',
      'namespace',
      namespace,
      '--wait=false',
    ]);
  kubectl(env.hub.kubeconfig, hubNamespace);
  kubectl(env.provider.kubeconfig, recordNamespace);
  await hub.close();
  await provider.close();
}, 30_000);

/** One tenant's channel with a lease on it, and a payer that answers statements. */
async function aChannel(options: { refuse?: (row: { gpuMs: string }) => boolean } = {}) {
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
    await asOperator.replace({
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
    });
  };
  const channel = () => clients.channels.get({ name, namespace: hubNamespace });
  const record = () => clients.channelRecords.get({ name, namespace: recordNamespace });
  const onChain = async () => (await readChannels(publicClient, escrow, [key]))[0]!;
  return { name, key, signer, pay, channel, record, onChain };
}

type TestChannel = Awaited<ReturnType<typeof aChannel>>;

/** An accepted lease with a Job of one task on two GPUs. */
async function aLease(on: TestChannel, options: { seconds: number; graceSeconds?: number }) {
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
    idleSeconds: 60,
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
      workloadDocument: JSON.stringify({ startDeadlineSeconds: 60 }),
      channelName: on.name,
      acceptance: {
        leaseUid: zeroHash,
        acceptedMs: Date.now().toString(),
        agent: agent.address,
        signature: `0x${'00'.repeat(65)}`,
      },
      desiredState: 'Running',
      state: 'Running',
    },
  });
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
              env: [{ name: 'SIMULATED_SECONDS', value: String(options.seconds) }],
              resources: { limits: { 'nvidia.com/gpu': '2' } },
            },
          ],
        },
      },
    },
  });
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
  return { uid, leaseId, end, status };
}

/** Both stages as agent.ts wires them, over the real API servers and chain. */
async function anAgent(
  options: {
    chain?: (chain: ChainClient) => ChainClient;
    records?: (records: ChannelRecords) => ChannelRecords;
    transforms?: NonNullable<MeterDeps['transforms']>;
    hub?: Cluster;
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
    channels: new Informer<PaymentChannel>({
      cluster: options.hub ?? hub,
      definition: paymentChannels,
      namespace: hubNamespace,
    }),
  };
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
  });
  const redeem = createRedeemStage({
    ...shared,
    gas,
    tokenDecimals: 6,
    chain,
    views,
    informers,
    clients,
    records,
    redeem: { minAmount: 10n ** 12n, maxDelaySeconds: 3600 },
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

const agents: Awaited<ReturnType<typeof anAgent>>[] = [];
const startAgent: typeof anAgent = async (options) => {
  const started = await anAgent(options);
  agents.push(started);
  return started;
};
afterEach(async () => {
  await Promise.all(agents.splice(0).map((one) => one.stop()));
});

describe('money from pods to the chain', () => {
  test('a lease is stated while it runs, finally stated within a second, paid to the last unit, and settled', async () => {
    const channel = await aChannel();
    const running = await startAgent();
    const lease = await aLease(channel, { seconds: 16 });
    const first = await until(
      'the first statement',
      async () => (await channel.channel()).status?.statement,
    );
    const rows = (await channel.channel()).status!.rows!.map(rowFromObject);
    const { hash: _, agent: signedBy, signature, ...fields } = first;
    const statement = {
      ...channel.key,
      generation: 1,
      ...fields,
      seq: BigInt(fields.seq),
      atMs: BigInt(fields.atMs),
      foldedAmount: BigInt(fields.foldedAmount),
      cumulative: BigInt(fields.cumulative),
    };
    expect(await recoverUsageStatement(domain, statement, signature)).toBe(agent.address);
    expect(signedBy).toBe(agent.address);
    expect((await lease.status())?.running).toBeDefined();
    if (fields.rowCount === rows.length) expect(usageRowsRoot(rows)).toBe(fields.rowsRoot);

    const gpuMs = await lease.end();
    const endedAt = performance.now();
    const last = await until('the final row', async () => {
      await channel.pay();
      return (await channel.channel()).status?.rows?.find((row) => row.last);
    });
    expect(performance.now() - endedAt).toBeLessThan(2_500);
    expect(BigInt(last.gpuMs)).toBe(gpuMs);
    expect(BigInt(last.amount)).toBe(amountFor(price, gpuMs));
    const redeemed = await until('the redemption', async () => {
      await channel.pay();
      return (await channel.channel()).status?.redeemed;
    });
    expect(BigInt(redeemed.cumulative)).toBe(amountFor(price, gpuMs));
    expect((await channel.onChain()).claimed).toBe(amountFor(price, gpuMs));
    expect(running.meter.usage(lease.uid)).toMatchObject({ gpuMs, final: true, delivering: false });
    const folded = await clients.leaseRecords.get({ name: lease.uid, namespace: recordNamespace });
    expect(folded.spec.meter).toMatchObject({ final: true, folded: true, gpuMs: gpuMs.toString() });
    expect((await channel.record()).spec.pending).toBeUndefined();
    expect(running.said).toEqual([`resume ${lease.uid}`]);
  }, 90_000);

  test('an agent that dies between storing and sending, or between sending and hearing of it, pays once', async () => {
    const channel = await aChannel();
    const lease = await aLease(channel, { seconds: 3 });
    const never = (signal: AbortSignal | undefined) =>
      abortable(new Promise<never>(() => undefined), signal);
    const crashing = await startAgent({
      chain: (chain) => ({ ...chain, broadcast: (_, signal) => never(signal) }),
    });
    const gpuMs = await lease.end();
    await until('the intent', async () => {
      await channel.pay().catch(() => undefined);
      const found = await channel.record().catch(() => undefined);
      return found?.spec.pending;
    });
    await crashing.stop();
    expect((await channel.onChain()).claimed).toBe(0n);

    const nonce = await publicClient.getTransactionCount({ address: gas.address });
    const deaf = await startAgent({
      chain: (chain) => ({
        ...chain,
        broadcast: async (transaction, signal) => {
          await chain.broadcast(transaction, signal);
          await never(signal);
        },
      }),
    });
    await until('the claim', async () =>
      (await channel.onChain()).claimed === amountFor(price, gpuMs) ? true : undefined,
    );
    await deaf.stop();
    await startAgent();
    const redeemed = await until(
      'the redemption',
      async () => (await channel.channel()).status?.redeemed,
    );
    expect(redeemed.cumulative).toBe(amountFor(price, gpuMs).toString());
    expect(await publicClient.getTransactionCount({ address: gas.address })).toBe(nonce + 1);
    expect((await channel.record()).spec.pending).toBeUndefined();
  }, 120_000);

  test('a restarted agent continues the chain of statements, and lists no accepted lease twice', async () => {
    const channel = await aChannel();
    const first = await aLease(channel, { seconds: 2 });
    const before = await startAgent();
    const firstMs = await first.end();
    await until('the first lease to be accepted', async () => {
      await channel.pay();
      const record = await clients.leaseRecords.get({
        name: first.uid,
        namespace: recordNamespace,
      });
      return record.spec.meter?.folded;
    });
    await before.stop();
    const { statement } = (await channel.channel()).status!;
    await startAgent();
    const second = await aLease(channel, { seconds: 2 });
    const secondMs = await second.end();
    const last = await until('the second lease', async () => {
      await channel.pay();
      const { status } = await channel.channel();
      return status?.rows?.some((row) => row.last && row.leaseId === second.leaseId)
        ? status
        : undefined;
    });
    expect(last.statement!.prev).not.toBe(zeroHash);
    expect(BigInt(last.statement!.seq)).toBeGreaterThan(BigInt(statement!.seq));
    expect(BigInt(last.statement!.cumulative)).toBe(
      amountFor(price, firstMs) + amountFor(price, secondMs),
    );
  }, 120_000);

  test('a refused row suspends its lease and no other', async () => {
    const channel = await aChannel({ refuse: ({ gpuMs }) => BigInt(gpuMs) > 10_000_000n });
    const cheat = await aLease(channel, { seconds: 60 });
    const honest = await aLease(channel, { seconds: 61 });
    const running = await startAgent({
      transforms: {
        rows: (rows) =>
          rows.map((row) =>
            row.leaseId === cheat.leaseId ? { ...row, gpuMs: row.gpuMs + 20_000_000n } : row,
          ),
      },
    });
    await until('the suspension', async () => {
      await channel.pay();
      return running.said.find((line) => line === `suspend ${cheat.uid} MeterRefused`);
    });
    expect(running.said).not.toContain(`suspend ${honest.uid} MeterRefused`);
  }, 90_000);

  test('without its hub an agent goes on metering, stops at the grace time, and publishes later', async () => {
    const channel = await aChannel();
    const away = await startAgent({
      hub: { ...hub, request: () => Promise.reject(new Error('away')) },
    });
    const lease = await aLease(channel, { seconds: 60, graceSeconds: 4 });
    const stored = await until('a stored statement', async () => {
      const record = await channel.record().catch(() => undefined);
      return record?.spec.statement;
    });
    expect(BigInt(stored.cumulative)).toBeGreaterThan(0n);
    await until('the suspension', () =>
      away.said.find((line) => line === `suspend ${lease.uid} PaymentOverdue`),
    );
    await away.stop();
    const { statement } = (await channel.record()).spec;
    await startAgent();
    const published = await until('the statement at the hub', async () => {
      const { status } = await channel.channel();
      return status?.statement;
    });
    expect(BigInt(published.seq)).toBeGreaterThanOrEqual(BigInt(statement!.seq));
  }, 90_000);

  test('the metrics are in the form that Prometheus asks for', async () => {
    const running = await startAgent();
    const text = await running.registry.metrics();
    for (const name of [
      'gpu_seconds_total',
      'statements_total',
      'vouchers_total',
      'chain_tx_total',
    ]) {
      expect(text).toMatch(new RegExp(`^gridlease_${name}[ {]`, 'm'));
    }
    // promtool's rules: a help text, _total only on counters, base units, no type in the name.
    const types = [...text.matchAll(/^# TYPE (gridlease_\S+) (\S+)$/gm)];
    for (const [, name, type] of types) {
      expect(text).toMatch(new RegExp(`^# HELP ${name} .+`, 'm'));
      expect(name!.endsWith('_total')).toBe(type === 'counter');
    }
  });
});
