import type { GPUInventorySpec } from '../src/gpuinventory.ts';
import type { GPULeaseSpec } from '../src/gpulease.ts';
import type { GPUOfferSpec } from '../src/gpuoffer.ts';
import type { LeaseWorkloadSpec } from '../src/leaseworkload.ts';
import type { PaymentChannelSpec } from '../src/paymentchannel.ts';
import type { PlacementRecordSpec } from '../src/placementrecord.ts';
import { address, hash, image, now, signature } from './basics.ts';

/** Valid specs of the kinds that programs write in the hub, with every field in them. */

export const offer: GPUOfferSpec = {
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

export const inventory: GPUInventorySpec = {
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
  summary: 'H100-80GB-HBM3 12/16, L40S 0/4',
  isolationClasses: ['runc'],
  cachedImages: [image],
  unlabelledNodes: [{ name: 'node-9', gpus: 4, message: 'label it' }],
  conditions: [
    {
      type: 'NetworkPolicyEnforced',
      status: 'False',
      reason: 'NetworkPolicyNotEnforced',
      message: 'nothing keeps them',
      lastTransitionTime: now,
    },
  ],
};

export const terms: GPULeaseSpec['terms'] = {
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
export const jobRef = { namespace: 'team-a', name: 'finetune', uid: 'job-uid' };
export const accountRef = { namespace: 'team-a', name: 'team-a', uid: 'account-uid' };
export const tasks = { indexes: '0-3,7', parallelism: 4, gpusPerTask: 1 };

export const lease: GPULeaseSpec = {
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

export const workload: LeaseWorkloadSpec = { document: '{"protocolVersion":1}', hash: hash('7') };

export const voucher = { generation: 1, cumulative: '2000', signature: signature('9') };
export const row = {
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
export const statement = {
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
export const redeemed = { cumulative: '2000', transactionHash: hash('f'), blockNumber: '1' };
export const acceptance = {
  leaseUid: hash('9'),
  acceptedMs: '1',
  agent: address('e'),
  signature: signature('b'),
};

export const channel: PaymentChannelSpec = {
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

export const record: PlacementRecordSpec = {
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
