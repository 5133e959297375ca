import type { Dispatcher } from 'undici';
import { delay, linkedAbort } from './abort.ts';
import { ApiError, ConnectionError } from './apiError.ts';
import { backoffMs } from './backoff.ts';
import { type CallContext, connectionError, type Query, refusal, send } from './call.ts';
import { describeRequest } from './requestSpan.ts';
import { type LiveSpan, withClientSpan } from './tracing.ts';

export type ApiRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/api/v1/namespaces/a/configmaps/b`, segments already escaped. */
  readonly path: string;
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default: application/json. A patch must say which kind it is. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Limit for this request with its retries, in milliseconds. Default: the cluster's. */
  readonly timeoutMs?: number;
  /** Over connections of its own, so that it waits behind no burst of other requests. Default: false. */
  readonly urgent?: boolean;
};

const maxTries = 5;
const retryPause = { baseMs: 100, maxMs: 3_000, jitter: 0.5 };

/** The function behind `Cluster.request`. */
export function createRequester(context: CallContext) {
  return async function request<R>(options: ApiRequest): Promise<R> {
    const timeoutMs = options.timeoutMs ?? context.requestTimeoutMs;
    const what = `${options.method} ${options.path}`;
    using limit = linkedAbort([options.signal], timeoutMs, what);
    for (let attempt = 0; ; attempt++) {
      try {
        return (await withClientSpan(
          () => describeRequest(options, context.credentials.server),
          (span) => once(context, options, limit.signal, span),
        )) as R;
      } catch (error) {
        const pauseMs =
          attempt + 1 < maxTries ? pauseFor(options.method, error, attempt) : undefined;
        if (pauseMs === undefined) throw error;
        const code = error instanceof ApiError ? String(error.status) : '<error>';
        const host = context.credentials.server.host;
        context.metrics.restRetries.inc({ code, verb: options.method, host });
        await delay(pauseMs, limit.signal).catch((reason: unknown) => {
          // When time ran out while waiting, what the server said helps more than "timed out".
          throw options.signal?.aborted ? reason : error;
        });
      }
    }
  };
}

/** Milliseconds to wait before the same request may be sent again; undefined when it may not. */
export function pauseFor(method: string, error: unknown, attempt: number): number | undefined {
  if (error instanceof ApiError) {
    const { status, retryAfterSeconds } = error;
    // 429, and 503 with Retry-After, are said before the request is acted on: any verb may repeat.
    if (status === 429 || (status === 503 && retryAfterSeconds !== undefined)) {
      return Math.max((retryAfterSeconds ?? 0) * 1000, backoffMs(attempt, retryPause));
    }
    return method === 'GET' && status >= 500 ? backoffMs(attempt, retryPause) : undefined;
  }
  // After a lost answer a write may have happened; only its caller knows how to look.
  if (error instanceof ConnectionError && method === 'GET') return backoffMs(attempt, retryPause);
  return undefined;
}

async function once(
  context: CallContext,
  options: ApiRequest,
  signal: AbortSignal,
  span: Pick<LiveSpan, 'set'>,
) {
  const { metrics, credentials } = context;
  const host = credentials.server.host;
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  const call = {
    kind: options.urgent === true ? 'urgent' : 'api',
    method: options.method,
    path: options.path,
    query: options.query,
    body,
    headers: {
      ...(body !== undefined && { 'content-type': options.contentType ?? 'application/json' }),
      ...options.headers,
    },
    signal,
  } as const;
  const startedAt = performance.now();
  let response: Dispatcher.ResponseData;
  let text: string;
  let code = '<error>';
  try {
    response = await send(context, call);
    code = String(response.statusCode);
    span.set({ 'http.response.status_code': response.statusCode });
    if (response.statusCode >= 400) throw await refusal(context, call, response);
    text = await response.body.text();
  } catch (error) {
    throw error instanceof ApiError || error instanceof ConnectionError || signal.aborted
      ? error
      : connectionError(call, error);
  } finally {
    const labels = { verb: options.method, host };
    metrics.restRequests.inc({ code, method: options.method, host });
    metrics.restDuration.observe(labels, (performance.now() - startedAt) / 1000);
    if (body !== undefined) metrics.restRequestSize.observe(labels, Buffer.byteLength(body));
  }
  metrics.restResponseSize.observe({ verb: options.method, host }, Buffer.byteLength(text));
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch (error) {
    throw new ConnectionError(`${options.method} ${options.path}: the answer is not JSON`, {
      cause: error,
    });
  }
}
