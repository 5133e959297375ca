import { createHash, randomBytes } from 'node:crypto';

/** Which span of which trace: what W3C Trace Context carries from one program to the next. */
export type TraceContext = {
  /** 32 hexadecimal digits in lower case, not all zero. */
  readonly traceId: string;
  /** 16 hexadecimal digits in lower case, not all zero. */
  readonly spanId: string;
  readonly sampled: boolean;
};

const traceparent = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const traceparentLength = 55;

/**
 * Reads a `traceparent` of version 00; undefined for anything else. Strict, since it comes from
 * annotations that strangers write: no other version, no capitals, no space, nothing after it.
 */
export function parseTraceparent(text: unknown): TraceContext | undefined {
  if (typeof text !== 'string' || text.length !== traceparentLength) return undefined;
  const [, traceId = '', spanId = '', flags = ''] = traceparent.exec(text) ?? [];
  if (!isId(traceId) || !isId(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

/** The same id for the same parts, in every replica and after every restart. */
export function derivedTraceId(...parts: readonly (string | number)[]): string {
  return digest('trace', parts).slice(0, 32);
}

/** As `derivedTraceId`, for a span of that trace. */
export function derivedSpanId(traceId: string, ...parts: readonly (string | number)[]): string {
  return digest(traceId, parts).slice(0, 16);
}

export const randomTraceId = (): string => randomBytes(16).toString('hex');
export const randomSpanId = (): string => randomBytes(8).toString('hex');

/**
 * Whether a trace is among the `ratio` (0 to 1) that is kept: decided by its id alone, so that programs
 * with the same ratio keep the same traces, and one with a larger ratio keeps all of those and more.
 */
export function isSampled(traceId: string, ratio: number): boolean {
  // 52 bits are what a number holds exactly with room to spare.
  return Number.parseInt(traceId.slice(-13), 16) >= (1 - ratio) * 2 ** 52;
}

function digest(domain: string, parts: readonly (string | number)[]): string {
  return createHash('sha256')
    .update(JSON.stringify(['gridlease.dev/v1', domain, ...parts]))
    .digest('hex');
}

function isId(text: string): boolean {
  return text !== '' && !/^0+$/.test(text);
}
