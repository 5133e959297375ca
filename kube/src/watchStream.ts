import { linkedAbort, TimeoutError } from './abort.ts';
import { ApiError } from './apiError.ts';
import { type CallContext, connectionError, type Query, refusal, send } from './call.ts';
import { GridleaseError } from './errors.ts';

export type WatchEvent = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: unknown;
};

export type WatchRequest = {
  readonly path: string;
  readonly query?: Query;
  readonly signal: AbortSignal;
  /** Longest silence before the connection counts as dead, in milliseconds. Default: 90,000. */
  readonly silenceMs?: number;
};

/**
 * The events in order. Iteration ends when the server ends the watch, and throws `SilentWatchError`,
 * `UnreadableWatchError` or ConnectionError when it ends in another way.
 */
export type WatchStream = AsyncIterable<readonly WatchEvent[]>;

/** Nothing came for longer than the server's bookmark period: the connection is dead. */
export class SilentWatchError extends GridleaseError {}

/** A line that isn't JSON: events may be missing, only a new list can tell. */
export class UnreadableWatchError extends GridleaseError {}

/** Opens a watch and waits for the server's headers, at most the usual request time. */
export async function openWatch(context: CallContext, request: WatchRequest): Promise<WatchStream> {
  const { path, silenceMs = 90_000 } = request;
  const host = context.credentials.server.host;
  const link = linkedAbort([request.signal]);
  const call = {
    kind: 'watch',
    method: 'GET',
    path,
    query: request.query,
    signal: link.signal,
  } as const;
  // The limit is for the headers only: afterwards the silence watchdog takes over.
  const limit = setTimeout(
    () => link.abort(new TimeoutError(`GET ${path}: the watch did not open in time`)),
    context.requestTimeoutMs,
  );
  let code = '<error>';
  try {
    const response = await send(context, call);
    code = String(response.statusCode);
    if (response.statusCode >= 400) throw await refusal(context, call, response);
    return events(response.body, link, call, silenceMs);
  } catch (error) {
    link[Symbol.dispose]();
    throw error instanceof ApiError ? error : connectionError(call, error);
  } finally {
    clearTimeout(limit);
    context.metrics.restRequests.inc({ code, method: 'WATCH', host });
  }
}

async function* events(
  body: AsyncIterable<Buffer> & { setEncoding(encoding: BufferEncoding): unknown },
  link: ReturnType<typeof linkedAbort>,
  call: { readonly method: string; readonly path: string; readonly signal: AbortSignal },
  silenceMs: number,
): AsyncGenerator<readonly WatchEvent[]> {
  const expire = (): void =>
    link.abort(new SilentWatchError(`GET ${call.path}: nothing heard for ${silenceMs} ms`));
  let watchdog = setTimeout(expire, silenceMs);
  let rest = '';
  try {
    body.setEncoding('utf8');
    for await (const chunk of body as unknown as AsyncIterable<string>) {
      clearTimeout(watchdog);
      watchdog = setTimeout(expire, silenceMs);
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      if (lines.length > 0) yield lines.filter((line) => line !== '').map(parseEvent);
    }
  } catch (error) {
    throw error instanceof UnreadableWatchError ? error : connectionError(call, error);
  } finally {
    clearTimeout(watchdog);
    // Closes the connection when the reader leaves early.
    link.abort(new GridleaseError('The watch was closed'));
    link[Symbol.dispose]();
  }
}

function parseEvent(line: string): WatchEvent {
  try {
    return JSON.parse(line) as WatchEvent;
  } catch (error) {
    throw new UnreadableWatchError('A watch sent a line that is not JSON', { cause: error });
  }
}
