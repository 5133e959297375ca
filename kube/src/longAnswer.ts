import type { Dispatcher } from 'undici';
import { linkedAbort, TimeoutError } from './abort.ts';
import { ApiError } from './apiError.ts';
import { type CallContext, connectionError, type Query, refusal, send } from './call.ts';

export type LongRequest = {
  readonly path: string;
  readonly query?: Query | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  /** What metrics call its verb. */
  readonly verb: 'WATCH' | 'STREAM';
};

export type LongAnswer = {
  readonly body: Dispatcher.ResponseData['body'];
  /** Ends the connection when aborted; the reader disposes of it. */
  readonly link: ReturnType<typeof linkedAbort>;
  readonly call: { readonly method: string; readonly path: string; readonly signal: AbortSignal };
};

/**
 * A GET over a connection of its own whose answer may go on for as long as its signal lets it. Resolves
 * with what `read` makes of it once the server has accepted it, within the usual request time; nothing
 * is repeated. Throws ApiError, ConnectionError or TimeoutError.
 */
export async function openLongAnswer<T>(
  context: CallContext,
  request: LongRequest,
  read: (answer: LongAnswer) => T,
): Promise<T> {
  const { path, query, headers, verb } = request;
  const host = context.credentials.server.host;
  const link = linkedAbort([request.signal]);
  const call = { kind: 'watch', method: 'GET', path, query, headers, signal: link.signal } as const;
  // The limit is for the headers only: how long the body may take is its reader's business.
  const limit = setTimeout(
    () =>
      link.abort(new TimeoutError(`GET ${path}: the ${verb.toLowerCase()} did not open in time`)),
    context.requestTimeoutMs,
  );
  let code = '<error>';
  try {
    const response = await send(context, call);
    code = String(response.statusCode);
    if (response.statusCode >= 400) throw await refusal(context, call, response);
    return read({ body: response.body, link, call });
  } catch (error) {
    link[Symbol.dispose]();
    throw error instanceof ApiError ? error : connectionError(call, error);
  } finally {
    clearTimeout(limit);
    context.metrics.restRequests.inc({ code, method: verb, host });
  }
}
