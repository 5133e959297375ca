import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FaultType, WatchFault } from './faultRules.ts';
import type { RequestInfo } from './requestInfo.ts';

/** A watch that is being relayed. What is done to it from outside happens at once. */
export type OpenWatch = {
  readonly info: RequestInfo;
  /** An orderly end. */
  close(): void;
  /** An ERROR event with code 410, then the end. */
  expire(): void;
  /** The connection stays open and nothing arrives any more. */
  freeze(): void;
};

export type RelayOptions = {
  readonly info: RequestInfo;
  /** The server's answer; its head was passed on already. */
  readonly upstream: IncomingMessage;
  readonly client: ServerResponse;
  readonly faultFor: (info: RequestInfo) => WatchFault | undefined;
  readonly injected: (type: FaultType) => void;
  /** The lines of the streamed list with the bookmark that ends it, once it is whole. */
  readonly listed?: ((lines: readonly string[]) => void) | undefined;
};

const expired =
  '{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",' +
  '"message":"too old resource version","reason":"Expired","code":410}}\n';

/** Passes a watch on line by line as it comes, and stops where a fault says so. */
export const relayWatch = (
  options: RelayOptions,
): OpenWatch & { readonly ended: Promise<void> } => {
  const { info, upstream, client, faultFor, injected } = options;
  let isOver = false;
  const over = (last: () => void): void => {
    if (isOver) return;
    isOver = true;
    last();
    upstream.destroy();
  };
  const acts = {
    close: () => over(() => client.end()),
    expire: () => over(() => client.end(expired)),
    freeze: () => over(() => undefined),
  };
  const fault = (type: WatchFault['type']): void => {
    injected(type);
    if (type === 'closeWatch') acts.close();
    else if (type === 'expireWatch') acts.expire();
    else if (type === 'freezeWatch') acts.freeze();
  };
  /** Undefined once the streamed list is over, or when there was none. */
  let list: string[] | undefined = info.streamsList ? [] : undefined;

  const pass = async (line: string): Promise<void> => {
    if (isOver) return;
    if (list !== undefined) {
      list.push(line);
      if (isEndOfList(line)) {
        options.listed?.(list);
        list = undefined;
      }
    } else if (!isBookmark(line)) {
      const decided = faultFor(info);
      if (decided !== undefined) return fault(decided.type);
    }
    if (!client.write(line)) await Promise.race([once(client, 'drain'), once(client, 'close')]);
  };
  const relay = async (): Promise<void> => {
    let rest = '';
    upstream.setEncoding('utf8');
    try {
      for await (const chunk of upstream as AsyncIterable<string>) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) await pass(`${line}\n`);
      }
      over(() => client.end());
    } catch {
      // The server went away, or the client did: the one hears of it as the other would have.
      over(() => client.destroy());
    }
  };
  client.on('close', () => over(() => undefined));
  return { info, ...acts, ended: relay() };
};

const isBookmark = (line: string): boolean => line.startsWith('{"type":"BOOKMARK"');

const isEndOfList = (line: string): boolean =>
  isBookmark(line) && line.includes('"k8s.io/initial-events-end":"true"');
