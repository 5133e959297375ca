import {
  derivedSpanId,
  derivedTraceId,
  formatTraceparent,
  parseTraceparent,
  type TraceContext,
} from '@gridlease/kube/traceContext';
import { isTracing, ownContext, type SpanAttributes } from '@gridlease/kube/tracing';
import type { GPULease } from './gpulease.ts';

/** Which span an object was made in, as W3C Trace Context writes it. */
export const ANNOTATION_TRACEPARENT = 'gridlease.dev/traceparent';

type Hex = `0x${string}`;
type Annotated = {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
};
/** What names a lease wherever it is seen: the GPULease at the hub, the LeaseRecord at the provider. */
type LeaseNames = {
  readonly spec: Pick<GPULease['spec'], 'jobRef' | 'epoch' | 'terms'>;
};

/**
 * Ids are derived from what both sides hold anyway, so that replicas and restarts agree, nothing is
 * written for them, and nobody has to believe another's trace id: one that a stranger chose could join
 * traces that are none of its business, or always be among those that are kept.
 */
const inTrace = (traceId: string, ...parts: readonly (string | number)[]): TraceContext =>
  ownContext(traceId, derivedSpanId(traceId, ...parts));

/** A job's trace, at the span of its whole life. `hub` is the hub's id as signed terms have it. */
export function jobSpan(hub: Hex, jobUid: string): TraceContext {
  return inTrace(derivedTraceId('job', hub.toLowerCase(), jobUid), 'job');
}

/** The decision that made the leases from this epoch on. */
export function matchSpan(hub: Hex, jobUid: string, firstEpoch: number): TraceContext {
  return inTrace(jobSpan(hub, jobUid).traceId, 'match', firstEpoch);
}

/** The decision that a lease comes from. */
export function matchSpanOf({ spec }: LeaseNames): TraceContext {
  return matchSpan(spec.terms.hub, spec.jobRef.uid, spec.epoch - spec.terms.shard);
}

/** A lease's whole life. */
export function leaseSpan({ spec }: LeaseNames): TraceContext {
  return inTrace(jobSpan(spec.terms.hub, spec.jobRef.uid).traceId, 'lease', spec.epoch);
}

/** What a provider makes of a lease, from its yes to its end. */
export function runSpan(lease: LeaseNames): TraceContext {
  return inTrace(leaseSpan(lease).traceId, 'run', lease.spec.epoch);
}

/**
 * The span that a hub says it made a lease in. Only the span is taken over, and only within the trace
 * that the lease's own names give; anything else is as if nothing were there.
 */
export function leaseParentOf(lease: LeaseNames & Annotated): TraceContext {
  const derived = leaseSpan(lease);
  const said = parseTraceparent(lease.metadata.annotations?.[ANNOTATION_TRACEPARENT]);
  return said?.traceId === derived.traceId ? ownContext(said.traceId, said.spanId) : derived;
}

/**
 * What a tenant says that its job belongs to: worth a link, not a parent. A link costs nothing else,
 * puts nothing into the other trace, and decides nothing about what is kept.
 */
export function linkOfJob({ metadata }: Annotated): readonly TraceContext[] {
  const said = parseTraceparent(metadata.annotations?.[ANNOTATION_TRACEPARENT]);
  return said === undefined ? [] : [said];
}

/** One statement for many leases, its answer and what it brought: kept when any of its leases' traces is. */
export function statementSpan(hash: Hex, leases: readonly TraceContext[]): TraceContext {
  return shared(derivedTraceId('statement', hash.toLowerCase()), 'statement', leases);
}

/** The hub's reply and voucher to a statement. */
export function replySpan(hash: Hex, leases: readonly TraceContext[]): TraceContext {
  return shared(derivedTraceId('statement', hash.toLowerCase()), 'reply', leases);
}

/** The agent's taking in of that voucher. */
export function voucherSpan(hash: Hex, leases: readonly TraceContext[]): TraceContext {
  return shared(derivedTraceId('statement', hash.toLowerCase()), 'voucher', leases);
}

/** A transaction by the hash that was mined: what the chain itself tells to everybody. */
export function transactionSpan(hash: Hex, causes: readonly TraceContext[]): TraceContext {
  return shared(derivedTraceId('transaction', hash.toLowerCase()), 'transaction', causes);
}

function shared(traceId: string, name: string, causes: readonly TraceContext[]): TraceContext {
  const sampled = causes.some((cause) => cause.sampled);
  return { traceId, spanId: derivedSpanId(traceId, name), sampled };
}

/** Those of them that are kept, each once: what a span links to. */
export function keptLinks(contexts: readonly TraceContext[]): readonly TraceContext[] {
  const bySpan = new Map<string, TraceContext>();
  for (const context of contexts) if (context.sampled) bySpan.set(context.spanId, context);
  return [...bySpan.values()];
}

/** The object with the span that it is made in; the same object when tracing is off. */
export function withTraceparent<
  T extends { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> } },
>(object: T, context: () => TraceContext): T {
  if (!isTracing()) return object;
  const { metadata } = object;
  const traceparent = { [ANNOTATION_TRACEPARENT]: formatTraceparent(context()) };
  const annotations = { ...metadata.annotations, ...traceparent };
  return { ...object, metadata: { ...metadata, annotations } };
}

/** How a lease is named on spans, of its GPULease or its LeaseRecord. Nothing that a tenant wrote but names. */
export function leaseAttributes({
  metadata,
  spec,
}: {
  readonly metadata: { readonly name: string };
  readonly spec: LeaseNames['spec'] & { readonly leaseRef?: { readonly name: string } };
}): SpanAttributes {
  return {
    'gridlease.job.namespace': spec.jobRef.namespace,
    'gridlease.job.name': spec.jobRef.name,
    'gridlease.job.uid': spec.jobRef.uid,
    'gridlease.lease.name': spec.leaseRef?.name ?? metadata.name,
    'gridlease.lease.epoch': spec.epoch,
  };
}
