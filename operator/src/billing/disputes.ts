import type { GPULease } from '@gridlease/crds/gpulease';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { type ConditionUpdate, getCondition } from '@gridlease/kube/conditions';

export type Dispute = { readonly leaseName: string; readonly condition: ConditionUpdate };

/**
 * The MeterDisputed conditions that follow from the stored reply: True with the reason of the refusal,
 * False once a later row was accepted. A lease that was never disputed gets none, to save the write.
 * That a lost lease is paid no more is no doubt about its meter.
 */
export function disputesOf(
  channel: PaymentChannel,
  leaseOf: (name: string) => GPULease | undefined,
): readonly Dispute[] {
  const { reply } = channel.spec;
  const stated = channel.status?.statement;
  // The rows on the object belong to another statement: their own reply comes first.
  if (reply === undefined || stated === undefined || reply.statementHash !== stated.hash) return [];
  const refusals = new Map(reply.refusals.map((refusal) => [refusal.leaseId, refusal]));
  return (channel.status?.rows ?? []).flatMap(({ leaseId, leaseName }) => {
    const refusal = refusals.get(leaseId);
    const before = getCondition(leaseOf(leaseName)?.status?.conditions, 'MeterDisputed');
    if (refusal?.reason === 'LeaseLost') return [];
    if (refusal !== undefined) return [{ leaseName, condition: disputed(refusal) }];
    return before?.status === 'True' ? [{ leaseName, condition: agreed }] : [];
  });
}

function disputed(refusal: { readonly reason: string; readonly message: string }): ConditionUpdate {
  return {
    type: 'MeterDisputed',
    status: 'True',
    reason: 'Disputed',
    message: `${refusal.reason}: ${refusal.message}. The row is not paid; the other leases of the channel are.`,
  };
}

const agreed: ConditionUpdate = {
  type: 'MeterDisputed',
  status: 'False',
  reason: 'Agreed',
  message: 'The row that was refused before has been corrected and is paid.',
};
