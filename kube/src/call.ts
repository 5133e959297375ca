import type { Dispatcher } from 'undici';
import { abortable } from './abort.ts';
import { ApiError, ConnectionError } from './apiError.ts';
import type { CredentialSource } from './credentials.ts';
import { describeError } from './errors.ts';
import type { RuntimeMetrics } from './metrics.ts';
import type { Transport } from './transport.ts';

/** Where the bearer token of each request comes from, when the kubeconfig's own doesn't do. */
export type TokenSource = { token(): string };

/** What every call to one API server shares. */
export type CallContext = {
  readonly credentials: CredentialSource;
  readonly transport: Transport;
  readonly metrics: RuntimeMetrics;
  readonly userAgent: string;
  readonly tokenSource: TokenSource | undefined;
  /** Milliseconds. */
  readonly requestTimeoutMs: number;
};

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export type Call = {
  readonly kind: 'api' | 'urgent' | 'watch';
  readonly method: string;
  readonly path: string;
  readonly query?: Query | undefined;
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal;
};

/** Sends one request and returns once the headers are there, whatever the status is. */
export async function send(context: CallContext, call: Call): Promise<Dispatcher.ResponseData> {
  const { server } = context.credentials;
  const credentials = await abortable(context.credentials.current(), call.signal);
  const token = context.tokenSource?.token();
  const sending = () =>
    context.transport[call.kind](credentials).request({
      origin: server.origin,
      path: server.pathname.replace(/\/$/, '') + call.path + queryString(call.query),
      method: call.method as Dispatcher.HttpMethod,
      body: call.body ?? null,
      headers: {
        accept: 'application/json',
        'user-agent': context.userAgent,
        ...credentials.headers,
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...call.headers,
      },
      signal: call.signal,
    });
  try {
    return await promptly(sending(), call.signal);
  } catch (error) {
    throw connectionError(call, error);
  }
}

/**
 * The HTTP client hears an abort only after its connection is made or given up, seconds later; the
 * caller must hear it at once, and an answer that comes after all must be let go.
 */
async function promptly(sending: Promise<Dispatcher.ResponseData>, signal: AbortSignal) {
  try {
    return await abortable(sending, signal);
  } catch (error) {
    sending.then(
      // Without a listener the error of a destroyed stream would end the process.
      ({ body }) => body.on('error', () => undefined).destroy(),
      () => undefined, // it failed as it should
    );
    throw error;
  }
}

/** The refusal as a typed error; reads the body. */
export async function refusal(
  context: CallContext,
  call: Pick<Call, 'method' | 'path'>,
  response: Dispatcher.ResponseData,
): Promise<ApiError> {
  if (response.statusCode === 401) context.credentials.invalidate();
  const after = Number(response.headers['retry-after']);
  return new ApiError({
    method: call.method,
    path: call.path,
    status: response.statusCode,
    body: await response.body.text(),
    // The HTTP date form is not used by API servers.
    retryAfterSeconds: Number.isFinite(after) && after >= 0 ? after : undefined,
  });
}

/** An abort keeps its own reason; anything else means that no answer came. */
export function connectionError(call: Pick<Call, 'method' | 'path' | 'signal'>, error: unknown) {
  if (call.signal.aborted) return call.signal.reason;
  const what = `${call.method} ${call.path}: no answer: ${describeError(error)}`;
  return new ConnectionError(what, { cause: error });
}

function queryString(query: Query | undefined): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? '' : `?${parameters}`;
}
