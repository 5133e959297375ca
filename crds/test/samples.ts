import type { ChainTransactionStatus } from '../src/chaintransaction.ts';
import type { GPUJobStatus } from '../src/gpujob.ts';
import type { GPULeaseStatus } from '../src/gpulease.ts';
import type { PaymentChannelStatus } from '../src/paymentchannel.ts';
import { hash, now } from './basics.ts';
import { chainTransaction, channelRecord, leaseRecord } from './recordSamples.ts';
import {
  acceptance,
  channel,
  inventory,
  lease,
  offer,
  record,
  redeemed,
  row,
  statement,
  workload,
} from './signedSamples.ts';
import { account, chain, job, provider } from './writtenSamples.ts';

/** One valid object of each kind: the accepted side of the table of examples. */

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
  ChainTransaction: chainTransaction,
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

const transactionStatus: ChainTransactionStatus = {
  conditions: [condition('Succeeded', 'Unknown', 'Mined')],
  replacements: [{ ...chainTransaction.signed, hash: hash('e'), cancels: true }],
  sentTime: now,
  receipt: {
    transactionHash: hash('f'),
    blockNumber: '7',
    blockHash: hash('b'),
    gasUsed: '41376',
    success: true,
  },
  skipped: [{ name: 'ch-1', reason: 'WrongGeneration' }],
  finishedTime: now,
};

/** Kind → a valid status. */
export const statuses: Readonly<Record<string, unknown>> = {
  GPUJob: jobStatus,
  PaymentAccount: { available: '10', conditions: [condition('Ready', 'True', 'Funded')] },
  GPUProvider: { gpus: '12/20', conditions: [condition('Ready', 'True', 'Ready')] },
  SettlementChain: { conditions: [condition('Ready', 'True', 'Ready')] },
  GPULease: leaseStatus,
  PaymentChannel: channelStatus,
  ChainTransaction: transactionStatus,
};
