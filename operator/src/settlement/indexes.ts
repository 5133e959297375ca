import type { GPULease } from '@gridlease/crds/gpulease';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';

/** Indexes that the informer of leases must have. */
export const leaseIndexes = {
  accountUid: (lease: GPULease): string[] => [lease.spec.accountRef.uid],
  channel: (lease: GPULease): string[] => [`${lease.metadata.namespace}/${lease.spec.channelName}`],
};

/** Indexes that the informer of channels must have. */
export const channelIndexes = {
  accountUid: (channel: PaymentChannel): string[] => [channel.spec.accountRef.uid],
};
