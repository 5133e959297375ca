import { delay } from './abort.ts';
import { createBackoff } from './backoff.ts';
import type { TokenSource } from './call.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Cluster } from './cluster.ts';
import { type Logger, silentLogger } from './log.ts';
import { runtimeMetrics } from './metrics.ts';

export type RenewingTokenOptions = {
  readonly namespace: string;
  readonly serviceAccountName: string;
  /** The token of the join, or the one kept from last time. */
  readonly initialToken: string;
  /** Life asked for, in seconds; the server may give another, at least 600. Default: 3600. */
  readonly expirationSeconds?: number;
  /** Keeps each new token for the next start. Failures are logged and don't stop anything. */
  readonly persist?: (token: string) => Promise<void>;
  /** The kept token, asked for after a failure: another replica, or a person, may have a newer one. */
  readonly load?: () => Promise<string | undefined>;
  readonly clock?: Clock;
  /** In [0, 1). Default: Math.random. */
  readonly random?: () => number;
  readonly log?: Logger;
};

export type RenewingToken = TokenSource & {
  /** When the current token ends, if that is known. */
  readonly expiresAt: Date | undefined;
  /** Renews until the signal aborts, through the very cluster that uses this token. */
  start(cluster: Cluster, signal: AbortSignal): void;
  /** Settles when the signal has ended it. */
  readonly stopped: Promise<void>;
};

/**
 * A bound service-account token that asks for its own successor (TokenRequest) at a random point
 * between 70 and 80 % of its life, so that many agents don't ask at the same time. A failure is
 * repeated with growing pauses, also after the token has ended: it may be renewed from outside.
 */
export function renewingToken(options: RenewingTokenOptions): RenewingToken {
  const { clock = systemClock, random = Math.random, log = silentLogger } = options;
  let token = options.initialToken;
  let life = tokenLife(token);
  let stopped: Promise<void> = Promise.resolve();

  const use = (next: string, cluster: Cluster): void => {
    token = next;
    life = tokenLife(next);
    if (life === undefined) return;
    runtimeMetrics(cluster.registry).tokenExpiry.set(
      { target: cluster.name },
      life.expiresAtMs / 1000,
    );
  };
  const renew = async (cluster: Cluster, signal: AbortSignal): Promise<void> => {
    const next = await requestToken(cluster, options, signal);
    use(next, cluster);
    log.info({ expiresAt: life && new Date(life.expiresAtMs) }, 'Renewed the token');
    // A token that wasn't kept works as well, until the next start.
    await options.persist?.(next).catch((error: unknown) => {
      log.error({ error }, 'The renewed token could not be kept');
    });
  };
  const reload = async (cluster: Cluster): Promise<void> => {
    const kept = await options.load?.().catch(() => undefined);
    if (kept !== undefined && kept !== token) use(kept, cluster);
  };
  const run = async (cluster: Cluster, signal: AbortSignal): Promise<void> => {
    const backoff = createBackoff({ baseMs: 1_000, maxMs: 60_000, jitter: 0.5, random });
    use(token, cluster);
    let pauseMs = renewalDelayMs(life, clock.now().getTime(), random());
    while (!signal.aborted) {
      await delay(pauseMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await renew(cluster, signal);
        backoff.reset();
        // A clock that differs from the server's must not make this a busy loop.
        pauseMs = Math.max(10_000, renewalDelayMs(life, clock.now().getTime(), random()));
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ error }, 'The token could not be renewed');
        await reload(cluster);
        pauseMs = backoff.next();
      }
    }
  };
  return {
    token: () => token,
    get expiresAt() {
      return life === undefined ? undefined : new Date(life.expiresAtMs);
    },
    start(cluster, signal) {
      stopped = run(cluster, signal);
    },
    get stopped() {
      return stopped;
    },
  };
}

export type TokenLife = { readonly issuedAtMs: number; readonly expiresAtMs: number };

/** From the claims of a JWT, not verified: the API server does that. Undefined for other tokens. */
export function tokenLife(token: string): TokenLife | undefined {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const { iat, exp } = claims as { iat?: unknown; exp?: unknown };
    if (typeof iat !== 'number' || typeof exp !== 'number') return undefined;
    return { issuedAtMs: iat * 1000, expiresAtMs: exp * 1000 };
  } catch {
    // A static token has no claims; it is replaced at once.
    return undefined;
  }
}

/** Milliseconds until a point between 70 and 80 % of the life (`random` in [0, 1)); 0 when past. */
export function renewalDelayMs(life: TokenLife | undefined, nowMs: number, random: number): number {
  if (life === undefined) return 0;
  const share = 0.7 + 0.1 * random;
  const at = life.issuedAtMs + share * (life.expiresAtMs - life.issuedAtMs);
  return Math.max(0, at - nowMs);
}

async function requestToken(
  cluster: Cluster,
  options: RenewingTokenOptions,
  signal: AbortSignal,
): Promise<string> {
  const { namespace, serviceAccountName, expirationSeconds = 3600 } = options;
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(serviceAccountName)}/token`;
  const answer = await cluster.request<{ readonly status: { readonly token: string } }>({
    method: 'POST',
    path,
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds },
    },
    signal,
  });
  return answer.status.token;
}
