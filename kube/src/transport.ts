import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import type { Credentials } from './credentials.ts';

/**
 * Connections to one API server. Requests share a few keep-alive connections; each watch has a
 * connection of its own, because a burst of writes on a shared HTTP/2 session delays watch events.
 */
export type Transport = {
  api(credentials: Credentials): Dispatcher;
  /** For the few that may not wait behind the others. */
  urgent(credentials: Credentials): Dispatcher;
  watch(credentials: Credentials): Dispatcher;
  close(): Promise<void>;
};

type Agents = {
  readonly tls: string;
  readonly api: Dispatcher;
  readonly urgent: Dispatcher;
  readonly watch: Dispatcher;
};

export type TransportOptions = {
  readonly proxyUrl?: string | undefined;
  /** Connections for requests that are not watches. Default: 16. */
  readonly connections?: number | undefined;
};

/** One may hang while another still gets through. */
const urgentConnections = 2;

/** Agents are made once and kept until the certificates change. */
export function createTransport(options: TransportOptions): Transport {
  let agents: Agents | undefined;
  const current = (credentials: Credentials): Agents => {
    const tls = fingerprint(credentials);
    if (agents?.tls !== tls) {
      // Requests under way finish on the old connections; watches end there and resume here.
      if (agents !== undefined) void closeAll(agents);
      agents = {
        tls,
        api: createAgent(credentials, options.proxyUrl, options.connections ?? 16),
        urgent: createAgent(credentials, options.proxyUrl, urgentConnections),
        watch: createAgent(credentials, options.proxyUrl, undefined),
      };
    }
    return agents;
  };
  return {
    api: (credentials) => current(credentials).api,
    urgent: (credentials) => current(credentials).urgent,
    watch: (credentials) => current(credentials).watch,
    async close() {
      const { api, urgent, watch } = agents ?? {};
      await Promise.all([api?.destroy(), urgent?.destroy(), watch?.destroy()]);
      agents = undefined;
    },
  };
}

async function closeAll({ api, urgent, watch }: Agents): Promise<void> {
  await Promise.all([api.close(), urgent.close(), watch.destroy()]);
}

function fingerprint({ tls }: Credentials): string {
  const text = (value: string | Buffer | undefined): string => value?.toString() ?? '';
  return JSON.stringify([
    text(tls.ca),
    text(tls.cert),
    text(tls.key),
    tls.servername,
    tls.rejectUnauthorized,
  ]);
}

function createAgent(
  credentials: Credentials,
  proxyUrl: string | undefined,
  connections: number | undefined,
): Dispatcher {
  const options = {
    // Under the API server's own idle limit of 90 s, so that a request never meets a closing socket.
    keepAliveTimeout: 30_000,
    // Time limits are set per request by a signal; these would cut a quiet watch.
    bodyTimeout: 0,
    headersTimeout: 0,
    allowH2: false,
    ...(connections !== undefined && { connections }),
  };
  // TCP keep-alive finds a peer that vanished without a word, also under a watch.
  const connect = {
    ...credentials.tls,
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    timeout: 5_000,
  };
  return proxyUrl === undefined
    ? new Agent({ ...options, connect })
    : new ProxyAgent({ ...options, uri: proxyUrl, requestTls: connect });
}
