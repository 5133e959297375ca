import { linkedAbort, TimeoutError } from './abort.ts';
import { ApiError } from './apiError.ts';
import { type CallContext, connectionError, type Query, refusal, send } from './call.ts';
import { GridleaseError } from './errors.ts';

export type StreamRequest = {
  readonly path: string;
  readonly query?: Query;
  /** Ends the stream whenever it aborts; nothing else limits how long it may last. */
  readonly signal: AbortSignal;
};

/** Chunks as they come. Iteration throws ConnectionError when the connection breaks. */
export type ByteStream = AsyncIterable<Uint8Array>;

/**
 * Opens an answer that is no JSON and may go on for long, such as a container's log. Resolves once the
 * server accepted it; nothing is repeated. Throws ApiError, ConnectionError or TimeoutError. It must be
 * read to its end, or its signal aborted.
 */
export async function openStream(
  context: CallContext,
  { path, query, signal }: StreamRequest,
): Promise<ByteStream> {
  const host = context.credentials.server.host;
  const link = linkedAbort([signal]);
  // A connection of its own, as for a watch: it would keep one of the shared ones for its whole life.
  const headers = { accept: '*/*' };
  const call = { kind: 'watch', method: 'GET', path, query, headers, signal: link.signal } as const;
  const limit = setTimeout(
    () => link.abort(new TimeoutError(`GET ${path}: the stream did not open in time`)),
    context.requestTimeoutMs,
  );
  let code = '<error>';
  try {
    const response = await send(context, call);
    code = String(response.statusCode);
    if (response.statusCode >= 400) throw await refusal(context, call, response);
    return chunks(response.body, link, call);
  } catch (error) {
    link[Symbol.dispose]();
    throw error instanceof ApiError ? error : connectionError(call, error);
  } finally {
    clearTimeout(limit);
    context.metrics.restRequests.inc({ code, method: 'STREAM', host });
  }
}

async function* chunks(
  body: AsyncIterable<Buffer>,
  link: ReturnType<typeof linkedAbort>,
  call: { readonly method: string; readonly path: string; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) yield chunk;
  } catch (error) {
    throw connectionError(call, error);
  } finally {
    // Closes the connection when the reader leaves early.
    link.abort(new GridleaseError('The stream was closed'));
    link[Symbol.dispose]();
  }
}
