import { type CallContext, connectionError, type Query } from './call.ts';
import { GridleaseError } from './errors.ts';
import { type LongAnswer, openLongAnswer } from './longAnswer.ts';

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
export function openStream(
  context: CallContext,
  { path, query, signal }: StreamRequest,
): Promise<ByteStream> {
  const headers = { accept: '*/*' };
  return openLongAnswer(context, { path, query, headers, signal, verb: 'STREAM' }, chunks);
}

async function* chunks({ body, link, call }: LongAnswer): AsyncGenerator<Uint8Array> {
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
