import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as sendRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type FaultMatch,
  type FaultRule,
  type FaultSource,
  type FaultType,
  faultsByRules,
  matches,
  noFaults,
} from './faultRules.ts';
import { contentOf, onwardHeaders, refusalBody } from './messages.ts';
import { positionOf, type RecordedList, recordedLists } from './recordedLists.ts';
import { type RequestInfo, requestInfoOf } from './requestInfo.ts';
import { type OpenWatch, relayWatch } from './watchRelay.ts';

export type FaultProxyOptions = {
  /** The API server's https URL. */
  readonly server: string;
  /** Its own certificate and key, PEM files: a kubeconfig needs no other change than the URL. */
  readonly certificateFile: string;
  readonly keyFile: string;
};

export type FaultProxy = AsyncDisposable & {
  /** `https://127.0.0.1:<port>`, in the place of the API server's. */
  readonly url: string;
  /** From now on these faults and no others. */
  inject(faults: readonly FaultRule[] | FaultSource): void;
  /** No faults from now on. What is frozen stays frozen: its client has to notice. */
  heal(): void;
  /** Ends the watches that are open now and returns how many there were. */
  endWatches(how: 'close' | 'expire' | 'freeze', match?: FaultMatch): number;
  /** Forgets recorded lists: the next of each kind is what `staleList` answers. */
  record(): void;
  /** What happened so far, by fault. */
  injected(type: FaultType): number;
  /** Requests, watches aside, that are not dealt with yet: a delayed one counts until it has arrived. */
  pending(): number;
  /** Watches open at this moment. */
  openWatches(match?: FaultMatch): number;
};

/**
 * An API server's stand-in that fails on command. It speaks HTTP/1.1 and JSON, as Gridlease's programs do; everything
 * but the faults goes through unchanged and at once.
 */
export const startFaultProxy = async (options: FaultProxyOptions): Promise<FaultProxy> => {
  const target = new URL(options.server);
  const certificate = readFileSync(options.certificateFile);
  const agent = new Agent({ keepAlive: true, ca: certificate });
  const counts = new Map<FaultType, number>();
  const injected = (type: FaultType): void => void counts.set(type, (counts.get(type) ?? 0) + 1);
  const watches = new Set<OpenWatch>();
  const lists = recordedLists();
  const closing = new AbortController();
  let pending = 0;
  let faults: FaultSource = noFaults;

  /** Sends it on; resolves with the head of the answer. */
  const forward = async (
    asked: IncomingMessage,
    url: string,
    body: Buffer,
    client: ServerResponse,
  ) => {
    const call = sendRequest({
      agent,
      host: target.hostname,
      port: target.port,
      method: asked.method,
      path: url,
      headers: onwardHeaders(asked.headers, body),
    });
    // A watch ends at the server when its client has gone; a write is a write.
    client.on('close', () => {
      if (asked.method === 'GET' && !client.writableFinished) call.destroy();
    });
    // Once the answer has begun, its own stream says what went wrong.
    call.on('error', () => undefined);
    call.end(body);
    const [answer] = (await once(call, 'response')) as [IncomingMessage];
    return answer;
  };

  const relay = (
    info: RequestInfo,
    url: string,
    upstream: IncomingMessage,
    client: ServerResponse,
  ) => {
    const watch = relayWatch({
      info,
      upstream,
      client,
      faultFor: (about) => faults.forEvent(about),
      injected,
      listed: (lines) =>
        lists.keep(info, url, { lines: [...lines], resourceVersion: positionOf(lines) }),
    });
    watches.add(watch);
    return watch.ended.finally(() => client.once('close', () => watches.delete(watch)));
  };

  const passOn = async (
    info: RequestInfo,
    asked: IncomingMessage,
    body: Buffer,
    client: ServerResponse,
  ): Promise<void> => {
    const url = asked.url ?? '/';
    const answer = await forward(asked, url, body, client);
    client.writeHead(answer.statusCode ?? 502, answer.headers);
    if (info.verb === 'watch' && answer.statusCode === 200) {
      client.flushHeaders();
      return relay(info, url, answer, client);
    }
    const content = await contentOf(answer);
    if (info.verb === 'list' && answer.statusCode === 200) lists.keep(info, url, { body: content });
    client.end(content);
  };

  const answerStale = async (
    info: RequestInfo,
    list: RecordedList,
    asked: IncomingMessage,
    client: ServerResponse,
  ): Promise<void> => {
    client.writeHead(200, { 'content-type': 'application/json' });
    if ('body' in list) return void client.end(list.body);
    for (const line of list.lines) client.write(line);
    // It goes on from there, as a server does that catches up.
    const from = new URL(asked.url ?? '/', options.server);
    for (const name of ['sendInitialEvents', 'resourceVersionMatch'])
      from.searchParams.delete(name);
    from.searchParams.set('resourceVersion', list.resourceVersion);
    const path = from.pathname + from.search;
    const answer = await forward(asked, path, Buffer.alloc(0), client);
    return relay({ ...info, streamsList: false }, path, answer, client);
  };

  const handle = async (asked: IncomingMessage, client: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/', headers } = asked;
    const info = requestInfoOf({ method, url, userAgent: headers['user-agent'] });
    const body = await contentOf(asked);
    if (info.verb === 'watch') return answer(info, asked, body, client);
    pending++;
    await answer(info, asked, body, client).finally(() => pending--);
  };

  const answer = async (
    info: RequestInfo,
    asked: IncomingMessage,
    body: Buffer,
    client: ServerResponse,
  ): Promise<void> => {
    const { method, url = '/' } = asked;
    const fault = faults.forRequest(info);
    const old = fault?.type === 'staleList' ? lists.find(info, url) : undefined;
    // There is nothing to be stale with before something was recorded.
    if (fault !== undefined && (fault.type !== 'staleList' || old !== undefined)) {
      injected(fault.type);
    }
    if (old !== undefined) return answerStale(info, old, asked, client);
    switch (fault?.type) {
      case 'dropBeforeSend':
        client.destroy();
        return;
      case 'reset':
        asked.socket.resetAndDestroy();
        return;
      case 'dropAfterCommit': {
        const lost = await forward(asked, url, body, client);
        // A watch has no end to wait for.
        if (info.verb === 'watch') lost.destroy();
        else await contentOf(lost);
        client.destroy();
        return;
      }
      case 'answer':
        client.writeHead(fault.status, {
          'content-type': 'application/json',
          ...(fault.retryAfterSeconds === undefined
            ? {}
            : { 'retry-after': String(fault.retryAfterSeconds) }),
        });
        client.end(refusalBody(fault.status));
        return;
      case 'delay':
        await sleep(fault.milliseconds, undefined, { signal: closing.signal });
        // Nobody is left to read it; a write happens all the same.
        if (method === 'GET' && client.destroyed) return;
    }
    await passOn(info, asked, body, client);
  };

  const server = createServer(
    { cert: certificate, key: readFileSync(options.keyFile), keepAliveTimeout: 120_000 },
    (asked, client) => {
      asked.socket.setNoDelay(true);
      // A server that is down, or a client that left: either way there is no answer.
      handle(asked, client).catch(() => client.destroy());
    },
  );
  // Faults of the proxy's own connections are what it is for.
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const openWatches = (match: FaultMatch = {}) =>
    [...watches].filter(({ info }) => matches(match, info));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    inject: (given) => {
      faults = 'forRequest' in given ? given : faultsByRules(given);
    },
    heal: () => {
      faults = noFaults;
    },
    endWatches: (how, match) => {
      const open = openWatches(match);
      for (const watch of open) watch[how]();
      return open.length;
    },
    record: lists.start,
    injected: (type) => counts.get(type) ?? 0,
    pending: () => pending,
    openWatches: (match) => openWatches(match).length,
    async [Symbol.asyncDispose]() {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
};
