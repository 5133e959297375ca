import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describeError } from './errors.ts';
import type { Informer } from './informer.ts';
import type { MetricsSource } from './joinedMetrics.ts';
import type { KubeObject } from './object.ts';

export type HealthCheck = {
  readonly name: string;
  /** Undefined when all is well, otherwise why not. Throwing counts as failing. */
  readonly check: () => string | undefined | Promise<string | undefined>;
};

export type HttpServerOptions = {
  /** 0 takes a free one. */
  readonly port: number;
  /** Default: 127.0.0.1; a pod that is probed by its kubelet needs 0.0.0.0. */
  readonly host?: string;
  readonly registry: MetricsSource;
  /** Fails only for what a restart mends. Default: none. */
  readonly liveness?: readonly HealthCheck[];
  readonly readiness?: readonly HealthCheck[];
};

export type RunningHttpServer = AsyncDisposable & {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
};

/** Serves /metrics, /healthz and /readyz; the last two say which check fails and why. */
export async function startHttpServer(options: HttpServerOptions): Promise<RunningHttpServer> {
  const { host = '127.0.0.1', registry, liveness = [], readiness = [] } = options;
  const routes: Record<string, (response: ServerResponse) => Promise<void>> = {
    '/metrics': async (response) => {
      const text = await registry.metrics();
      response.writeHead(200, { 'content-type': registry.contentType }).end(text);
    },
    '/healthz': (response) => answerChecks(response, liveness),
    '/readyz': (response) => answerChecks(response, readiness),
  };
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0]!;
    const route = request.method === 'GET' ? routes[path] : undefined;
    if (route === undefined) return void response.writeHead(404).end('not found\n');
    route(response).catch((error: unknown) => {
      response.writeHead(500).end(`${describeError(error)}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, host, () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      // Scrapers keep their connections; answers under way still finish.
      server.closeIdleConnections();
    });
  };
  return { port, url: `http://${host}:${port}`, close, [Symbol.asyncDispose]: close };
}

async function answerChecks(response: ServerResponse, checks: readonly HealthCheck[]) {
  const results = await Promise.all(checks.map(runCheck));
  const failed = results.filter(({ problem }) => problem !== undefined);
  const lines = results.map(({ name, problem }) =>
    problem === undefined ? `[+] ${name} ok` : `[-] ${name} failed: ${problem}`,
  );
  const verdict =
    failed.length === 0 ? 'ok' : `failed: ${failed.map(({ name }) => name).join(', ')}`;
  response
    .writeHead(failed.length === 0 ? 200 : 503, { 'content-type': 'text/plain; charset=utf-8' })
    .end(`${[...lines, verdict].join('\n')}\n`);
}

async function runCheck({ name, check }: HealthCheck) {
  try {
    return { name, problem: await check() };
  } catch (error) {
    return { name, problem: describeError(error) };
  }
}

/** A reconnect may fail for so long before it counts. */
const failingMs = 30_000;

/**
 * Fails until the informer has its first list, while the API server hasn't been heard for `maxAgeMs`
 * milliseconds (default 100,000: the longest silence of a watch, and a reconnect), and sooner when
 * connecting again fails.
 */
export function informerCheck<T extends KubeObject>(
  informer: Pick<
    Informer<T>,
    'cluster' | 'definition' | 'hasSynced' | 'lastError' | 'ageMs' | 'staleListsMs'
  >,
  { maxAgeMs = 100_000 }: { readonly maxAgeMs?: number } = {},
): HealthCheck {
  const name = `informer/${informer.cluster.name}/${informer.definition.plural}`;
  return {
    name,
    check: () => {
      const because = informer.lastError === undefined ? '' : `: ${informer.lastError}`;
      if (!informer.hasSynced) return `not listed yet${because}`;
      if (informer.staleListsMs() > failingMs) return `only older lists come${because}`;
      const ageMs = informer.ageMs();
      const isFailing = informer.lastError !== undefined && ageMs > failingMs;
      if (ageMs <= maxAgeMs && !isFailing) return undefined;
      return `nothing heard for ${Math.round(ageMs / 1000)} s${because}`;
    },
  };
}

/**
 * For `liveness`: fails once the API server has been listing a state older than it had shown before
 * for `afterMs` milliseconds (default 300,000). That is what it does after its data was restored from
 * a backup: only a program that has seen nothing newer can go on from there. An API server that isn't
 * heard, or one that lags for a moment, is no reason to restart anything.
 */
export function staleListsCheck<T extends KubeObject>(
  informer: Pick<Informer<T>, 'cluster' | 'definition' | 'staleListsMs'>,
  { afterMs = 300_000 }: { readonly afterMs?: number } = {},
): HealthCheck {
  return {
    name: `stale-lists/${informer.cluster.name}/${informer.definition.plural}`,
    check: () => {
      const staleMs = informer.staleListsMs();
      if (staleMs < afterMs) return undefined;
      return `older lists for ${Math.round(staleMs / 1000)} s: the API server's data was restored`;
    },
  };
}
