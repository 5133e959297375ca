import type { ChannelRecordSpec } from '../src/channelrecord.ts';
import type { LeaseRecordSpec } from '../src/leaserecord.ts';
import { address, hash, now, signature } from './basics.ts';
import {
  acceptance,
  jobRef,
  redeemed,
  row,
  statement,
  tasks,
  terms,
  voucher,
} from './signedSamples.ts';

/** Valid specs of the records in the provider's own cluster. */

export const leaseRecord: LeaseRecordSpec = {
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

export const channelRecord: ChannelRecordSpec = {
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
