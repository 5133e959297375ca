import type { ClientRequest } from 'node:http';
import { Agent, request } from 'node:https';
import type { ApiClient } from '../cluster/apiClient.ts';

export type Watch = {
  /** Ends the watch. */
  close(): void;
};

/**
 * Follows a collection from now on and hands each event over as the line of JSON that came, so that
 * the caller decides how much of it is worth parsing: the measurement must not be what is measured.
 * `path` may have a query. A watch that the server closes goes on where it ended; one that fails is an
 * error told to `onEnd`.
 */
export async function watchLines(
  client: ApiClient,
  path: string,
  onLine: (line: string) => void,
  onEnd: (error: Error) => void,
): Promise<Watch> {
  const separator = path.includes('?') ? '&' : '?';
  const list = await client.get<{ metadata: { resourceVersion: string } }>(
    `${path}${separator}limit=1`,
  );
  let { resourceVersion } = list.metadata;
  const agent = new Agent({ ca: client.access.certificateAuthority });
  let closed = false;
  let call: ClientRequest | undefined;
  const ended = (why: string): void => {
    if (!closed) onEnd(new Error(`the watch of ${path} ended: ${why}`));
  };
  const take = (line: string): void => {
    if (line.startsWith('{"type":"ERROR"')) {
      ended(line.slice(0, 300));
      return;
    }
    // The object's own comes first in it.
    resourceVersion = /"resourceVersion":"(\d+)"/.exec(line)?.[1] ?? resourceVersion;
    onLine(line);
  };
  const follow = (): void => {
    const query = `watch=1&timeoutSeconds=3600&resourceVersion=${resourceVersion}`;
    call = request(
      new URL(`${path}${separator}${query}`, client.access.server),
      { agent, headers: { authorization: `Bearer ${client.access.token}` } },
      (answer) => {
        if (answer.statusCode !== 200) return ended(`status ${answer.statusCode}`);
        let rest = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => {
          const lines = (rest + part).split('\n');
          rest = lines.pop() ?? '';
          for (const one of lines) if (one !== '') take(one);
        });
        answer.on('error', (error) => ended(error.message));
        // A server that finds us slow closes the watch; nothing is lost by going on from there.
        answer.on('end', () => void (closed || follow()));
      },
    );
    call.on('error', (error) => ended(error.message));
    call.end();
  };
  follow();
  return {
    close() {
      closed = true;
      call?.destroy();
      agent.destroy();
    },
  };
}

/** When each of the wanted things was first seen. */
export type Arrivals = {
  /** Milliseconds of performance.now() per key, in order of arrival. */
  readonly seen: ReadonlyMap<string, number>;
  /** Resolves when `count` keys were seen; rejects after `timeoutSeconds` without a new one, saying how many came. */
  until(count: number, timeoutSeconds: number, signal: AbortSignal): Promise<void>;
  fail(error: Error): void;
  add(key: string): void;
};

export function arrivals(what: string): Arrivals {
  const seen = new Map<string, number>();
  let failure: Error | undefined;
  return {
    seen,
    fail(error) {
      failure = error;
    },
    add(key) {
      if (!seen.has(key)) seen.set(key, performance.now());
    },
    async until(count, timeoutSeconds, signal) {
      let lastCount = seen.size;
      let lastChange = performance.now();
      while (seen.size < count) {
        signal.throwIfAborted();
        if (failure !== undefined) throw failure;
        if (seen.size !== lastCount) [lastCount, lastChange] = [seen.size, performance.now()];
        if (performance.now() - lastChange > timeoutSeconds * 1_000) {
          throw new Error(
            `${seen.size} of ${count} ${what}, and no further one in ${timeoutSeconds} s`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
}
