import { type CallContext, connectionError, type Query } from './call.ts';
import { GridleaseError } from './errors.ts';
import { type LongAnswer, openLongAnswer } from './longAnswer.ts';

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
export function openWatch(context: CallContext, request: WatchRequest): Promise<WatchStream> {
  const { path, query, signal, silenceMs = 90_000 } = request;
  return openLongAnswer(context, { path, query, signal, verb: 'WATCH' }, (answer) =>
    events(answer, silenceMs),
  );
}

async function* events(
  { body, link, call }: LongAnswer,
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
