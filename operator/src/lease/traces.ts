import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseIsFinished, leaseOutcome } from '@gridlease/crds/leaseState';
import {
  jobSpan,
  leaseAttributes,
  leaseSpan,
  linkOfJob,
  matchSpanOf,
} from '@gridlease/crds/traces';
import { recordSpan } from '@gridlease/kube/tracing';
import type { Hex } from 'viem';

/** A job's whole life, recorded at its end; what a tenant's own trace says of it is a link. */
export function recordJob(
  hub: Hex,
  job: GPUJob,
  end: { readonly result: string; readonly reason: string; readonly cost?: string | undefined },
  now: Date,
): void {
  recordSpan(() => {
    const { uid, name, namespace, creationTimestamp = '' } = job.metadata;
    return {
      name: 'GPUJob',
      context: jobSpan(hub, uid!),
      startMs: Date.parse(creationTimestamp),
      endMs: now.getTime(),
      links: linkOfJob(job),
      attributes: {
        'gridlease.job.namespace': namespace,
        'gridlease.job.name': name,
        'gridlease.job.uid': uid,
        'gridlease.job.kind': job.spec.service === undefined ? 'Batch' : 'Service',
        'gridlease.result': end.result,
        'gridlease.reason': end.reason,
        'gridlease.cost': end.cost,
      },
      ...(end.result === 'failed' ? { error: end.reason } : {}),
    };
  });
}

/** A lease's whole life, recorded when it is seen to end. */
export function recordLeaseEnd(lease: GPULease, old: GPULease, now: Date): void {
  recordSpan(() => {
    if (!leaseIsFinished(lease) || leaseIsFinished(old)) return undefined;
    const { state, reason } = leaseOutcome(lease);
    return {
      name: 'lease',
      context: leaseSpan(lease),
      parentSpanId: matchSpanOf(lease).spanId,
      startMs: Date.parse(lease.metadata.creationTimestamp ?? ''),
      endMs: now.getTime(),
      attributes: {
        ...leaseAttributes(lease),
        'gridlease.lease.uid': lease.metadata.uid,
        'gridlease.provider.name': lease.spec.providerName,
        'gridlease.product': lease.spec.product,
        'gridlease.state': state,
        'gridlease.reason': reason,
      },
      ...(state === 'Failed' || state === 'Refused' ? { error: reason } : {}),
    };
  });
}
