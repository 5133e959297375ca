import { abortable, delay } from '@gridlease/kube/abort';
import { ApiError } from '@gridlease/kube/apiError';
import type { Clock } from '@gridlease/kube/clock';
import { toMicroTime } from '@gridlease/kube/conditions';
import { describeError } from '@gridlease/kube/errors';
import type { HealthCheck } from '@gridlease/kube/http';
import type { Logger } from '@gridlease/kube/log';
import type { KubeObject } from '@gridlease/kube/object';
import type { ResourceClient } from '@gridlease/kube/resources';
import { Gauge, type Registry } from 'prom-client';

/** A coordination.k8s.io Lease, as far as a heartbeat needs it. */
export type CoordinationLease = KubeObject & {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
  };
};

export type Heartbeat = {
  start(signal: AbortSignal): void;
  readonly stopped: Promise<void>;
  /** Monotonic milliseconds of the last renewal that was sent and answered; undefined before. */
  readonly lastRenewalMs: number | undefined;
  /** Renews now, for whoever has to know. Rejects when the hub did not store it. */
  refresh(signal: AbortSignal): Promise<void>;
};

const leaseDurationSeconds = 40;

/** After so long without a renewal the operator holds the provider for unreachable. */
const staleMs = leaseDurationSeconds * 1000;

/** Not ready while the hub doesn't hear us: informers alone may wait on a silent watch for minutes. */
export function heartbeatCheck(
  hubName: string,
  heartbeat: Pick<Heartbeat, 'lastRenewalMs'>,
  clock: Pick<Clock, 'monotonicMs'>,
): HealthCheck {
  return {
    name: `heartbeat/${hubName}`,
    check: () => {
      if (heartbeat.lastRenewalMs === undefined) return 'not stored at the hub yet';
      const ageMs = clock.monotonicMs() - heartbeat.lastRenewalMs;
      if (ageMs <= staleMs) return undefined;
      return `the hub has stored none for ${Math.round(ageMs / 1000)} s`;
    },
  };
}

/**
 * Says every few seconds that the agent lives and reaches the hub: one PUT on one small object. The
 * time that counts is when a renewal was sent, because an answer may take long to come back.
 */
export function createHeartbeat(options: {
  readonly client: ResourceClient<CoordinationLease>;
  readonly namespace: string;
  readonly identity: string;
  readonly intervalSeconds: number;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly log: Logger;
}): Heartbeat {
  const { client, namespace, clock, log } = options;
  const name = 'agent';
  let known: CoordinationLease | undefined;
  let lastRenewalMs: number | undefined;
  let stopped: Promise<void> = Promise.resolve();
  new Gauge({
    name: 'gridlease_heartbeat_age_seconds',
    help: 'Seconds since the last renewal that the hub answered.',
    registers: [options.registry],
    collect() {
      if (lastRenewalMs !== undefined) this.set((clock.monotonicMs() - lastRenewalMs) / 1000);
    },
  });

  const renew = async (signal: AbortSignal): Promise<void> => {
    const renewTime = toMicroTime(clock.now());
    if (known === undefined) known = await client.find({ namespace, name }, { signal });
    const spec = {
      ...known?.spec,
      holderIdentity: options.identity,
      leaseDurationSeconds,
      acquireTime: known?.spec?.acquireTime ?? renewTime,
      renewTime,
    };
    const type = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
    const call = { fieldManager: 'gridlease-heartbeat', signal };
    known =
      known === undefined
        ? await client.create({ ...type, metadata: { namespace, name }, spec }, call)
        : await client.replace({ ...known, spec }, call);
  };

  // One at a time: two of them would be a race of this process with itself.
  let turn: Promise<void> = Promise.resolve();
  const refresh = (signal: AbortSignal): Promise<void> => {
    const next = turn.then(async () => {
      const sentMs = clock.monotonicMs();
      await renew(AbortSignal.any([signal, AbortSignal.timeout(options.intervalSeconds * 1000)]));
      lastRenewalMs = sentMs;
    });
    turn = next.catch((error: unknown) => {
      // Somebody else wrote or deleted it: read it again next time.
      if (!(error instanceof ApiError) || error.isConflict || error.isNotFound) known = undefined;
    });
    return abortable(next, signal);
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const begunMs = clock.monotonicMs();
      let failed = false;
      try {
        await refresh(signal);
      } catch (error) {
        if (signal.aborted) return;
        failed = true;
        log.warn({ error: describeError(error) }, 'The heartbeat was not stored');
      }
      const spentMs = clock.monotonicMs() - begunMs;
      const pauseMs =
        (failed ? Math.min(2, options.intervalSeconds) : options.intervalSeconds) * 1000;
      await delay(Math.max(100, pauseMs - spentMs), signal).catch(() => undefined);
    }
  };

  return {
    start(signal) {
      stopped = run(signal);
    },
    get stopped() {
      return stopped;
    },
    refresh,
    get lastRenewalMs() {
      return lastRenewalMs;
    },
  };
}
