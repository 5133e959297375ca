import type { ChannelRecordSpec } from '../src/channelrecord.ts';
import type { GPUInventorySpec } from '../src/gpuinventory.ts';
import type { GPUJobSpecInput, GPUJobStatus } from '../src/gpujob.ts';
import type { GPULeaseSpec, GPULeaseStatus } from '../src/gpulease.ts';
import type { GPUOfferSpec } from '../src/gpuoffer.ts';
import type { GPUProviderSpecInput } from '../src/gpuprovider.ts';
import type { Hex } from '../src/hex.ts';
import type { LeaseRecordSpec } from '../src/leaserecord.ts';
import type { LeaseWorkloadSpec } from '../src/leaseworkload.ts';
import type { PaymentAccountSpecInput } from '../src/paymentaccount.ts';
import type { PaymentChannelSpec, PaymentChannelStatus } from '../src/paymentchannel.ts';
import type { PlacementRecordSpec } from '../src/placementrecord.ts';
import type { SettlementChainSpecInput } from '../src/settlementchain.ts';

/** One valid spec of each kind with every field in it: the accepted side of the table of examples. */

export const address = (digit: string): Hex => `0x${digit.repeat(40)}`;
export const hash = (digit: string): Hex => `0x${digit.repeat(64)}`;
export const signature = (digit: string): Hex => `0x${digit.repeat(130)}`;
const now = '2026-01-01T00:00:00Z';
const image = `registry.example/train@sha256:${'a'.repeat(64)}`;

const job: GPUJobSpecInput = {
  batch: { completions: 12, parallelism: 4, retryLimit: 3 },
  workload: {
    image,
    command: ['python', 'train.py'],
    args: ['--fast'],
    env: [
      { name: 'LR', value: '1e-4' },
      { name: 'HF_TOKEN', secretKeyRef: { name: 'hf', key: 'token' } },
    ],
    workingDir: '/work',
    imagePullSecretName: 'ghcr',
    runAsUser: 1000,
    resources: { cpu: '8', memory: '64Gi', ephemeralStorage: '200Gi', sharedMemory: '16Gi' },
    egress: 'Public',
    allow: [{ cidr: '203.0.113.0/24', port: 443 }],
  },
  gpu: { count: 1, products: ['H100', 'RTX 4090'], memoryMiB: 80_000, locality: 'Any' },
  placement: {
    regions: ['eu-central'],
    jurisdictions: ['DE', 'FR'],
    providers: { allow: ['alpha'], deny: ['bravo'] },
    minTrustTier: 0,
    maxProviderSharePercent: 100,
    minIsolation: 'runc',
  },
  budget: { accountName: 'team-a', maxPricePerGPUHour: '2.50', maxTotal: '100' },
  runtime: { maxDurationSeconds: 3600, startDeadlineSeconds: 900, ttlSecondsAfterFinished: 60 },
  failover: { onDisconnect: 'Fence', checkpointURI: 's3://bucket/checkpoints', graceSeconds: 60 },
  outputs: [{ path: '/out', uri: 's3://bucket/out', secretName: 's3' }],
  suspend: false,
};

/** The other form of a GPUJob. */
export const serviceJob: GPUJobSpecInput = {
  service: {
    replicas: 1,
    ports: [{ name: 'http', port: 8000, probe: { path: '/health' } }],
  },
  workload: { image },
  gpu: { count: 1 },
  budget: { accountName: 'team-a' },
};

const account: PaymentAccountSpecInput = {
  address: address('a'),
  chainName: 'local',
  caps: { perHour: '10', perDay: '100.5', total: '1000' },
  allowedProviders: ['alpha'],
  warmChannels: [{ providerName: 'alpha', amount: '1.000001' }],
};

const provider: GPUProviderSpecInput = {
  address: address('b'),
  hubAccepted: true,
  suspended: false,
  unschedulable: false,
  region: 'eu-central',
  jurisdiction: 'DE',
};

const chain: SettlementChainSpecInput = {
  chainId: 31_337,
  rpcSecretRef: { namespace: 'gridlease-system', name: 'rpc', key: 'url' },
  escrow: address('c'),
  token: { address: address('d'), symbol: 'tUSD', decimals: 6 },
  finality: 'Finalized',
};

const offer: GPUOfferSpec = {
  product: 'H100-80GB-HBM3',
  pricePerGPUHour: '2.10',
  spotPricePerGPUHour: '1.05',
  minGPUs: 1,
  maxGPUs: 16,
  maxDurationSeconds: 86_400,
  validUntilTime: now,
  provider: address('b'),
  hub: hash('1'),
  policyHash: hash('0'),
  salt: hash('2'),
  offerHash: hash('3'),
  agent: address('e'),
  signature: signature('4'),
  grant: {
    provider: address('b'),
    agent: address('e'),
    notBefore: '0',
    notAfter: '18446744073709551615',
    signature: signature('5'),
  },
};

const inventory: GPUInventorySpec = {
  observedTime: now,
  pools: [
    {
      product: 'H100-80GB-HBM3',
      rawProducts: ['NVIDIA-H100-80GB-HBM3'],
      memoryMiB: 81_559,
      clique: 'a.1',
      migProfile: '1g.5gb',
      driver: '570.1',
      capacity: 16,
      healthy: 16,
      used: 0,
      leased: 4,
      free: 12,
      nodeFree: [8, 4],
    },
  ],
  isolationClasses: ['runc'],
  cachedImages: [image],
  unlabelledNodes: [{ name: 'node-9', gpus: 4, message: 'label it' }],
};

const terms: GPULeaseSpec['terms'] = {
  tenant: address('a'),
  provider: address('b'),
  signer: address('f'),
  generation: 1,
  hub: hash('1'),
  hubEpoch: '1',
  jobUid: hash('6'),
  shard: 0,
  attempt: 1,
  offerHash: hash('3'),
  workloadHash: hash('7'),
  gpuCount: 4,
  spot: false,
  pricePerGpuHour: '2100000',
  maxAmount: '79228162514264337593543950335',
  maxSeconds: 3600,
  intervalSeconds: 60,
  graceSeconds: 60,
  prepaySeconds: 0,
  idleSeconds: 300,
  fenceSeconds: 60,
  retentionBps: 0,
  acceptBy: '1800000000',
};
const jobRef = { namespace: 'team-a', name: 'finetune', uid: 'job-uid' };
const accountRef = { namespace: 'team-a', name: 'team-a', uid: 'account-uid' };
const tasks = { indexes: '0-3,7', parallelism: 4, gpusPerTask: 1 };

const lease: GPULeaseSpec = {
  jobRef,
  providerName: 'alpha',
  accountRef,
  product: 'H100-80GB-HBM3',
  pricePerGPUHour: '2.10',
  workloadName: 'lw-1',
  channelName: 'ch-1',
  tasks,
  epoch: 1,
  terms,
  termsSignature: signature('8'),
  desiredState: 'Running',
};

const workload: LeaseWorkloadSpec = { document: '{"protocolVersion":1}', hash: hash('7') };

const voucher = { generation: 1, cumulative: '2000', signature: signature('9') };
const row = {
  leaseId: hash('b'),
  leaseName: 'lease-1',
  fromMs: '0',
  toMs: '3600000',
  gpuMs: '3600000',
  amount: '2100000',
  credit: '0',
  segmentsRoot: hash('c'),
  last: false,
};
const statement = {
  seq: '1',
  atMs: '1',
  rowCount: 1,
  rowsRoot: hash('d'),
  foldedAmount: '0',
  foldedHead: hash('0'),
  cumulative: '2100000',
  prev: hash('0'),
  hash: hash('e'),
  agent: address('e'),
  signature: signature('a'),
};
const redeemed = { cumulative: '2000', transactionHash: hash('f'), blockNumber: '1' };
const acceptance = {
  leaseUid: hash('9'),
  acceptedMs: '1',
  agent: address('e'),
  signature: signature('b'),
};

const channel: PaymentChannelSpec = {
  accountRef,
  providerName: 'alpha',
  tenant: address('a'),
  provider: address('b'),
  signer: address('f'),
  chainId: 31_337,
  escrow: address('c'),
  generation: 1,
  voucher,
  reply: {
    statementHash: hash('e'),
    refusalsRoot: hash('0'),
    cumulative: '2000',
    signature: signature('c'),
    refusals: [{ leaseId: hash('b'), reason: 'WrongAmount', message: 'wrong' }],
  },
  finals: [
    { leaseId: hash('b'), leaseName: 'lease-1', gpuMs: '1', amount: '1', cumulative: '2000' },
  ],
};

const record: PlacementRecordSpec = {
  jobRef,
  accountRef,
  epoch: 1,
  shard: 0,
  attempt: 0,
  indexes: '0-3',
  parallelism: 4,
  decidedTime: now,
  winner: {
    providerName: 'alpha',
    offerName: 'h100',
    offerHash: hash('3'),
    product: 'H100-80GB-HBM3',
    pricePerGPUHour: '2.10',
    gpuCount: 4,
    maxAmount: '1',
    generation: 1,
  },
  losers: [{ providerName: 'bravo', reason: 'PriceAboveMax', message: 'dearer' }],
  reasonCounts: [{ reason: 'PriceAboveMax', count: 1 }],
  inputsDigest: hash('1'),
  digest: hash('2'),
};

const leaseRecord: LeaseRecordSpec = {
  hub: 'hub',
  leaseRef: { namespace: 'gridlease-provider-alpha', name: 'lease-1', uid: 'lease-uid' },
  jobRef,
  leaseId: hash('b'),
  terms,
  termsSignature: signature('8'),
  tasks,
  epoch: 1,
  product: 'H100-80GB-HBM3',
  workloadDocument: '{}',
  channelName: 'ch-1',
  acceptance,
  desiredState: 'Running',
  state: 'Ended',
  finished: { time: now, succeeded: true, reason: 'Completed', message: 'all 5 tasks' },
  meter: { gpuMs: '3600000', segmentsRoot: hash('c'), lastObservedMs: '1' },
};

const channelRecord: ChannelRecordSpec = {
  hub: 'hub',
  hubEpoch: '1',
  channel: {
    tenant: address('a'),
    provider: address('b'),
    signer: address('f'),
    generation: 1,
    chainId: 31_337,
    escrow: address('c'),
  },
  statement,
  rows: [row],
  folded: { amount: '0', head: hash('0') },
  voucher,
  redeemed,
  pending: { transactionHash: hash('f'), nonce: '0', cumulative: '2000' },
  retiredGenerations: [],
};

/** Kind → a valid spec. */
export const specs: Readonly<Record<string, unknown>> = {
  GPUJob: job,
  PaymentAccount: account,
  GPUProvider: provider,
  SettlementChain: chain,
  GPUOffer: offer,
  GPUInventory: inventory,
  GPULease: lease,
  LeaseWorkload: workload,
  PaymentChannel: channel,
  PlacementRecord: record,
  LeaseRecord: leaseRecord,
  ChannelRecord: channelRecord,
};

const condition = (type: string, status: 'True' | 'False' | 'Unknown', reason: string) => ({
  type,
  status,
  reason,
  message: `${reason} it is`,
  lastTransitionTime: now,
  observedGeneration: 1,
});

const jobStatus: GPUJobStatus = {
  observedGeneration: 1,
  conditions: [condition('Succeeded', 'Unknown', 'Running')],
  epoch: 1,
  provider: 'alpha',
  product: 'H100-80GB-HBM3',
  tasks: '7/12',
  amount: '1.05',
};
const leaseStatus: GPULeaseStatus = {
  conditions: [
    condition('Accepted', 'True', 'Accepted'),
    condition('Delivered', 'True', 'Delivered'),
  ],
  leaseId: hash('b'),
  acceptance,
  active: 4,
  amount: '1.05',
};
const channelStatus: PaymentChannelStatus = {
  statement,
  rows: [row],
  redeemed,
  conditions: [condition('Ready', 'True', 'Ready')],
};

/** Kind → a valid status. */
export const statuses: Readonly<Record<string, unknown>> = {
  GPUJob: jobStatus,
  PaymentAccount: { available: '10', conditions: [condition('Ready', 'True', 'Funded')] },
  GPUProvider: { gpus: '12/20', conditions: [condition('Ready', 'True', 'Ready')] },
  SettlementChain: { conditions: [condition('Ready', 'True', 'Ready')] },
  GPULease: leaseStatus,
  PaymentChannel: channelStatus,
};
