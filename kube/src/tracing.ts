import { AsyncLocalStorage } from 'node:async_hooks';
import { describeSpanError } from './spanError.ts';
import {
  formatTraceparent,
  isSampled,
  randomSpanId,
  randomTraceId,
  type TraceContext,
} from './traceContext.ts';

/** A value that is undefined is left out. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** A span with nothing left to come: plain data, for whatever exports it. */
export type FinishedSpan = {
  readonly name: string;
  readonly kind: 'internal' | 'client';
  readonly context: TraceContext;
  /** Id of the parent in the same trace; undefined for the root. */
  readonly parentSpanId: string | undefined;
  /** Unix milliseconds; fractions count. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: SpanAttributes;
  readonly links: readonly TraceContext[];
  /** What went wrong; undefined when it went well. */
  readonly error: string | undefined;
};

type Tracer = { readonly ratio: number; readonly finished: (span: FinishedSpan) => void };
type Active = { readonly context: TraceContext; callsLeft: number };

/**
 * One for the process, like its standard error: a trace crosses every layer, and who writes a request
 * or a line of log must not need to be told by each caller. Undefined: tracing is off.
 */
let tracer: Tracer | undefined;
const active = new AsyncLocalStorage<Active>();

/** An operation that makes thousands of calls must not make thousands of spans. */
const callsPerSpan = 64;
/** As many as exporters keep by default. */
const linksPerSpan = 128;

/** Sends every span of sampled traces to `finished` from now on; returns how to end that. */
export function installTracer(installed: Tracer): () => void {
  tracer = installed;
  return () => {
    if (tracer === installed) tracer = undefined;
  };
}

export function isTracing(): boolean {
  return tracer !== undefined;
}

/** The ids with the decision whether the trace is kept. Only the id decides, never somebody's flag. */
export function ownContext(traceId: string, spanId: string): TraceContext {
  return { traceId, spanId, sampled: tracer !== undefined && isSampled(traceId, tracer.ratio) };
}

/** A new span in the trace of `parent`; for what nobody else has to name. */
export function childOf(parent: TraceContext): TraceContext {
  return { ...parent, spanId: randomSpanId() };
}

/** The first span of a trace of its own, kept when one of what caused it is. */
export function rootBecauseOf(causes: readonly TraceContext[]): TraceContext {
  const sampled = causes.some((cause) => cause.sampled);
  return { traceId: randomTraceId(), spanId: randomSpanId(), sampled };
}

/** What a log line says of the trace that it belongs to; undefined outside of any. */
export function activeContext(): TraceContext | undefined {
  return tracer === undefined ? undefined : active.getStore()?.context;
}

/** `traceparent` of the span that is being worked on, for an object that is about to be created. */
export function activeTraceparent(): string | undefined {
  const context = activeContext();
  return context && formatTraceparent(context);
}

export type SpanStart = {
  /** Few values: what differs from one to the next belongs into attributes. */
  readonly name: string;
  readonly context: TraceContext;
  /** The span's id is known to others, who name it as their parent: a try that fails leaves it to the next. */
  readonly isDerived?: boolean;
  readonly parentSpanId?: string | undefined;
  /** Unix milliseconds. Default: now. */
  readonly startMs?: number | undefined;
  readonly attributes?: SpanAttributes;
  readonly links?: readonly TraceContext[];
};

/** A span that is over already: its times are on objects, and may be those of an earlier process. */
export function recordSpan(
  make: () => (SpanStart & { readonly endMs?: number; readonly error?: string }) | undefined,
): void {
  if (tracer === undefined) return;
  const span = make();
  if (span === undefined || !span.context.sampled) return;
  finish(span, { endMs: span.endMs ?? Date.now(), error: span.error, kind: 'internal' });
}

export type LiveSpan = {
  /** Known only now. */
  set(attributes: SpanAttributes): void;
  /** Nothing came of it: it leaves no span. */
  discard(): void;
};

const noSpan: LiveSpan = { set: () => undefined, discard: () => undefined };

/**
 * Does the work within a span: calls made in it become its children, lines logged in it carry its ids.
 * `make` is not called when tracing is off; it may return undefined where nothing deserves a span.
 */
export async function withSpan<T>(
  make: () => SpanStart | undefined,
  work: (span: LiveSpan) => Promise<T>,
): Promise<T> {
  const start = tracer === undefined ? undefined : make();
  if (start === undefined) return work(noSpan);
  const startMs = start.startMs ?? Date.now();
  const { context } = start;
  let { attributes } = start;
  let isDiscarded = false;
  const span: LiveSpan = {
    set(more) {
      attributes = { ...attributes, ...more };
    },
    discard() {
      isDiscarded = true;
    },
  };
  const done = (error?: string): void => {
    if (isDiscarded || !context.sampled) return;
    const isLeft = error !== undefined && start.isDerived === true;
    const own = isLeft ? childOf(context) : context;
    const ended = { ...start, context: own, startMs, ...(attributes && { attributes }) };
    finish(ended, { endMs: Date.now(), error, kind: 'internal' });
  };
  try {
    const result = await active.run({ context, callsLeft: callsPerSpan }, () => work(span));
    done();
    return result;
  } catch (error) {
    done(describeSpanError(error));
    throw error;
  }
}

/** Does the work with the ids of a span that somebody else records: its log lines carry them. */
export function inTrace<T>(context: () => TraceContext | undefined, work: () => T): T {
  const within = tracer === undefined ? undefined : context();
  // No call becomes a child: a reconcile that only looks makes no spans.
  return within === undefined ? work() : active.run({ context: within, callsLeft: 0 }, work);
}

export type CallDescription = {
  readonly name: string;
  readonly attributes: SpanAttributes;
};

/** One call to another program: a span only inside a span. `describe` is not called outside. */
export async function withClientSpan<T>(
  describe: () => CallDescription,
  call: (span: Pick<LiveSpan, 'set'>) => Promise<T>,
): Promise<T> {
  const within = tracer === undefined ? undefined : active.getStore();
  if (within === undefined || !within.context.sampled || within.callsLeft <= 0) return call(noSpan);
  within.callsLeft--;
  const startMs = Date.now();
  const context = { ...within.context, spanId: randomSpanId() };
  let late: SpanAttributes = {};
  const set = (more: SpanAttributes): void => {
    late = { ...late, ...more };
  };
  const done = (error?: string): void => {
    const { name, attributes } = describe();
    const span = { name, context, parentSpanId: within.context.spanId, startMs };
    const all = { ...attributes, ...late };
    finish({ ...span, attributes: all }, { endMs: Date.now(), error, kind: 'client' });
  };
  try {
    const result = await call({ set });
    done();
    return result;
  } catch (error) {
    done(describeSpanError(error));
    throw error;
  }
}

function finish(
  { name, context, parentSpanId, startMs, attributes = {}, links = [] }: SpanStart,
  end: Pick<FinishedSpan, 'endMs' | 'error' | 'kind'>,
): void {
  // A time that an object lacks is not a number; one from another clock may lie ahead.
  const isKnown = startMs !== undefined && Number.isFinite(startMs);
  const start = isKnown ? Math.min(startMs, end.endMs) : end.endMs;
  const most = links.length > linksPerSpan ? links.slice(0, linksPerSpan) : links;
  const left = links.length - most.length;
  const all = left > 0 ? { ...attributes, 'gridlease.links.left_out': left } : attributes;
  const span = {
    name,
    context,
    parentSpanId,
    startMs: start,
    attributes: all,
    links: most,
    ...end,
  };
  tracer?.finished(span);
}
