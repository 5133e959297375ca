import type { GPULease } from '@gridlease/crds/gpulease';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import { setCondition } from '@gridlease/kube/conditions';
import type { Funding } from './funding.ts';
import type { Refusal } from './policy.ts';

type Status = NonNullable<GPULease['status']>;

/** Accepted with the agent's signature, and whether the money is there: one write. */
export function acceptedStatus(
  lease: GPULease,
  record: LeaseRecord,
  funding: Funding,
  now: Date,
): Status {
  const accepted = {
    type: 'Accepted',
    status: 'True',
    reason: 'Accepted',
    message: `${record.spec.terms.gpuCount} ${record.spec.product} are held for this lease`,
    ...generationOf(lease),
  } as const;
  const conditions = setCondition(lease.status?.conditions, accepted, now);
  return {
    ...fundedStatus(lease, { ...lease.status, conditions }, funding, now),
    leaseId: record.spec.leaseId,
    acceptance: record.spec.acceptance,
  };
}

/** Whether the money is there. */
export function fundedStatus(lease: GPULease, status: Status, funding: Funding, now: Date): Status {
  const funded = {
    type: 'Funded',
    status: funding.funded ? 'True' : 'False',
    reason: funding.funded ? 'Funded' : 'WaitingForFunds',
    message: funding.message,
    ...generationOf(lease),
  } as const;
  return { ...status, conditions: setCondition(status.conditions, funded, now) };
}

/** A refusal: final for this lease. */
export function refusedStatus(lease: GPULease, refusal: Refusal, now: Date): Status {
  const message = refusal.message.slice(0, 1024);
  const refused = {
    type: 'Accepted',
    status: 'False',
    reason: refusal.reason,
    message,
    ...generationOf(lease),
  } as const;
  return {
    ...lease.status,
    conditions: setCondition(lease.status?.conditions, refused, now),
  };
}

function generationOf(lease: GPULease) {
  const { generation } = lease.metadata;
  return generation === undefined ? {} : { observedGeneration: generation };
}
