import type { ChainTransactionSpec } from '../src/chaintransaction.ts';
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

/** Valid specs of what programs remember for themselves. */

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
  retiredGenerations: [],
};

export const transactionName = `tx-31337-${'f'.repeat(40)}-7`;
export const chainTransaction: ChainTransactionSpec = {
  chainId: 31_337,
  signer: address('F'),
  nonce: '7',
  operation: 'SettleVouchers',
  description: 'Settling 1 channel',
  to: address('c'),
  value: '0',
  gas: '60000',
  signed: {
    hash: hash('f'),
    raw: '0x02f8',
    maxFeePerGas: '2000000000',
    maxPriorityFeePerGas: '1000000000',
    signedTime: now,
  },
  refs: [
    { kind: 'PaymentChannel', namespace: 'ns', name: 'ch-1', generation: 1, cumulative: '2000' },
  ],
  digests: [hash('1')],
};
