import type { GPULease } from '@gridlease/crds/gpulease';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import { leaseAttributes, leaseParentOf, runSpan } from '@gridlease/crds/traces';
import { childOf, recordSpan, type SpanStart } from '@gridlease/kube/tracing';
import type { Finished } from './decide.ts';
import type { TaskOwner } from './objects.ts';
import { isEndStored } from './status.ts';

/** All that a provider did for a lease, from its yes to the end, recorded when that is stored. */
export function recordRun(record: LeaseRecord, finished: Finished, now: Date): void {
  recordSpan(() => ({
    name: 'run',
    context: runSpan(record),
    parentSpanId: leaseParentOf(record).spanId,
    startMs: Number(record.spec.acceptance.acceptedMs),
    endMs: now.getTime(),
    attributes: {
      ...leaseAttributes(record),
      'gridlease.product': record.spec.product,
      'gridlease.succeeded': finished.succeeded,
      'gridlease.reason': finished.reason,
    },
    ...(finished.succeeded ? {} : { error: finished.reason }),
  }));
}

/** The making of tasks; undefined where there is nothing to make. */
export function provisionSpan(
  record: LeaseRecord,
  namespace: string,
  tasks: number,
): SpanStart | undefined {
  if (tasks === 0) return undefined;
  const whole = runSpan(record);
  return {
    name: 'run provision',
    context: childOf(whole),
    parentSpanId: whole.spanId,
    attributes: {
      ...leaseAttributes(record),
      'k8s.namespace.name': namespace,
      'gridlease.tasks': tasks,
    },
  };
}

/**
 * What the hub was told just now: that containers run, after what they waited for (a node, an image), and
 * for how long they did.
 */
export function recordToldRun(
  record: LeaseRecord,
  told: { readonly before: GPULease; readonly after: GPULease },
  run: {
    readonly owners: () => readonly TaskOwner[];
    readonly startedMs: number | undefined;
    readonly endedMs: number | undefined;
  },
): void {
  const { before, after } = told;
  const { startedMs } = run;
  if (startedMs === undefined) return;
  const whole = () => {
    const context = runSpan(record);
    return { context: childOf(context), parentSpanId: context.spanId };
  };
  if (before.status?.startTime === undefined && after.status?.startTime !== undefined) {
    recordSpan(() => {
      const made = run.owners().map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? ''));
      const madeMs = Math.min(startedMs, ...made.filter(Number.isFinite));
      const times = { startMs: madeMs, endMs: startedMs };
      return { name: 'run start', ...whole(), ...times, attributes: leaseAttributes(record) };
    });
  }
  if (isEndStored(after.status) && !isEndStored(before.status)) {
    recordSpan(() => ({
      name: 'run deliver',
      ...whole(),
      startMs: startedMs,
      endMs: run.endedMs ?? Date.parse(after.status?.endTime ?? ''),
      attributes: {
        ...leaseAttributes(record),
        'gridlease.gpu_milliseconds': after.status?.gpuMilliseconds,
        'gridlease.amount': after.status?.amount,
        'gridlease.tasks.succeeded': after.status?.succeeded,
        'gridlease.tasks.failed': after.status?.failed,
      },
    }));
  }
}
