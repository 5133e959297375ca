import { canonicalJson } from '@gridlease/contracts/canonicalJson';
import type { ReasonOf } from '@gridlease/crds/conditionReasons';
import type { GPUJob } from '@gridlease/crds/gpujob';
import { parallelismOf } from '@gridlease/crds/jobDefaults';
import { MAX_WORKLOAD_DOCUMENT_LENGTH } from '@gridlease/crds/leaseworkload';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import { buildWorkloadDocument } from '@gridlease/crds/workloadDocument';
import { getCondition, isTrue } from '@gridlease/kube/conditions';
import { describeError } from '@gridlease/kube/errors';
import { z } from 'zod';
import { secretFields, unsupportedFields } from './unsupported.ts';

export type QueueInput = {
  readonly job: GPUJob;
  /** The account that the job names, in its namespace; undefined when there is none. */
  readonly account: PaymentAccount | undefined;
};

export type Refusal = { readonly reason: AdmittedReason; readonly message: string };

type AdmittedReason = ReasonOf<'GPUJob', 'Admitted'>;

/** One reason why a job may not be placed; undefined when it doesn't apply. */
export type QueuePolicy = (input: QueueInput) => Refusal | undefined;

/** In order: the first refusal is what the person reads, so what only they can mend comes first. */
export const policies: readonly QueuePolicy[] = [
  fieldsAreSupported,
  secretsAreSealed,
  togetherFitsShare,
  workloadIsWellFormed,
  accountExists,
  accountIsReady,
  notSuspended,
];

/** Reasons of an account that lacks only money or a permission to move it: match says how much. */
const moneyReasons: ReadonlySet<string> = new Set<ReasonOf<'PaymentAccount', 'Ready'>>([
  'Funded',
  'EscrowEmpty',
  'DelegateNotAuthorized',
  'DelegateLimitTooSmall',
  'DelegateGasTooLow',
  'RunwayShort',
  'CapReached',
]);

function fieldsAreSupported({ job }: QueueInput): Refusal | undefined {
  const fields = unsupportedFields(job.spec);
  if (fields.length === 0) return undefined;
  return {
    reason: 'FieldNotSupported',
    message: `${fields.join(', ')}: not supported by this version; create the job without`,
  };
}

function secretsAreSealed({ job }: QueueInput): Refusal | undefined {
  const fields = secretFields(job.spec);
  if (fields.length === 0) return undefined;
  return {
    reason: 'SecretNotSealed',
    message: `${fields.join(', ')}: this version can't seal Secrets for a provider, and they never travel in the clear; create the job without`,
  };
}

/** CEL can't see gpu and placement together cheaply, and a job that can never be placed must say so. */
function togetherFitsShare({ job }: QueueInput): Refusal | undefined {
  const { gpu, placement } = job.spec;
  const tasks = parallelismOf(job.spec);
  const allowed = Math.max(1, Math.floor((tasks * placement.maxProviderSharePercent) / 100));
  if (gpu.locality === 'Any' || allowed >= tasks) return undefined;
  return {
    reason: 'InvalidSpec',
    message: `gpu.locality ${gpu.locality} wants all ${tasks} ${job.spec.service === undefined ? 'tasks' : 'replicas'} at one provider, placement.maxProviderSharePercent ${placement.maxProviderSharePercent} allows ${allowed}: change placement.maxProviderSharePercent to 100`,
  };
}

/** The agent reads the document with the same strict schema: better a word here than a refusal there. */
function workloadIsWellFormed({ job }: QueueInput): Refusal | undefined {
  try {
    const { length } = canonicalJson(buildWorkloadDocument(job));
    if (length <= MAX_WORKLOAD_DOCUMENT_LENGTH) return undefined;
    return {
      reason: 'InvalidSpec',
      message: `spec.workload is ${length} characters long, ${MAX_WORKLOAD_DOCUMENT_LENGTH} is the most: put large values into the image`,
    };
  } catch (error) {
    return { reason: 'InvalidSpec', message: `spec.workload: ${whatIsWrong(error)}` };
  }
}

function whatIsWrong(error: unknown): string {
  if (!(error instanceof z.ZodError)) return describeError(error);
  return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}

function accountExists({ job, account }: QueueInput): Refusal | undefined {
  if (account !== undefined) return undefined;
  const { accountName } = job.spec.budget;
  return {
    reason: 'AccountNotFound',
    message: `no PaymentAccount ${accountName} in namespace ${job.metadata.namespace}: create it or change budget.accountName`,
  };
}

function accountIsReady({ job, account }: QueueInput): Refusal | undefined {
  const name = account?.metadata.name;
  const ready = getCondition(account?.status?.conditions, 'Ready');
  if (ready?.status === 'True') return undefined;
  if (ready === undefined) {
    return {
      reason: 'AccountNotReady',
      message: `PaymentAccount ${name} is new: its escrow has not been read yet`,
    };
  }
  if (moneyReasons.has(ready.reason)) return undefined;
  // A chain that doesn't answer for a while is no ground to take an admission back.
  if (ready.status === 'Unknown' && wasAdmitted(job)) return undefined;
  return {
    reason: 'AccountNotReady',
    message: `PaymentAccount ${name} is not ready: ${ready.reason}: ${ready.message}`,
  };
}

function notSuspended({ job }: QueueInput): Refusal | undefined {
  if (!job.spec.suspend) return undefined;
  return { reason: 'Suspended', message: 'spec.suspend is true: set it to false to go on' };
}

function wasAdmitted(job: GPUJob): boolean {
  return isTrue(job.status?.conditions, 'Admitted');
}
