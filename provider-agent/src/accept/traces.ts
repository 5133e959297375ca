import type { GPULease } from '@gridlease/crds/gpulease';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import { leaseAttributes, leaseParentOf } from '@gridlease/crds/traces';
import { childOf, recordSpan, type SpanStart } from '@gridlease/kube/tracing';

/** The judging of a lease and its answer. */
export function acceptSpan(lease: GPULease): SpanStart {
  const parent = leaseParentOf(lease);
  return {
    name: 'accept',
    context: childOf(parent),
    parentSpanId: parent.spanId,
    attributes: {
      ...leaseAttributes(lease),
      'gridlease.lease.uid': lease.metadata.uid,
      'gridlease.product': lease.spec.product,
    },
  };
}

/** How long an accepted lease waited for its money, with what came of it. */
export function recordFunding(
  record: LeaseRecord,
  end: { readonly funded: boolean; readonly reason: string },
  now: Date,
): void {
  recordSpan(() => {
    const parent = leaseParentOf(record);
    return {
      name: 'accept fund',
      context: childOf(parent),
      parentSpanId: parent.spanId,
      startMs: Number(record.spec.acceptance.acceptedMs),
      endMs: now.getTime(),
      attributes: {
        ...leaseAttributes(record),
        'gridlease.channel.name': record.spec.channelName,
        'gridlease.funded': end.funded,
        'gridlease.reason': end.reason,
      },
      ...(end.funded ? {} : { error: end.reason }),
    };
  });
}
