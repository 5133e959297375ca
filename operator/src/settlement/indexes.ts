import type { GPULease } from '@gridlease/crds/gpulease';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';

/** The index that the informers of leases and of channels must both have. */
export const accountIndex = {
  accountUid: (object: GPULease | PaymentChannel): string[] => [object.spec.accountRef.uid],
};
