import { abortable, delay, linkedAbort } from '@gridlease/kube/abort';
import type { Clock } from '@gridlease/kube/clock';
import { toMicroTime } from '@gridlease/kube/conditions';
import { describeError } from '@gridlease/kube/errors';
import type { HealthCheck } from '@gridlease/kube/http';
import type { Logger } from '@gridlease/kube/log';
import type { KubeObject } from '@gridlease/kube/object';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { Registry } from 'prom-client';
import { heartbeatAge } from './metrics.ts';
import { type BootClock, type RenewalRecord, systemBootClock } from './renewalRecord.ts';

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
  /** Follows what the leading replica renewed, until the signal aborts. */
  start(signal: AbortSignal): void;
  readonly stopped: Promise<void>;
  /** Renews until the signal aborts: for the replica that leads, while it does. */
  lead(signal: AbortSignal): Promise<void>;
  /**
   * Monotonic milliseconds, never later than the newest renewal that the hub stored was sent, by
   * whichever replica; undefined while none is known.
   */
  readonly lastRenewalMs: number | undefined;
  /** The leader renews now, the others read what it renewed. Rejects when that fails. */
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
 * Says every few seconds that the agent lives and reaches the hub: one PUT on one small object, by the
 * replica that leads. The time that counts is when a renewal was sent, because an answer may take long
 * to come back; the others learn it from a Lease in their own cluster, so that a replica that is cut
 * off from the hub by itself takes nothing for lost.
 */
export function createHeartbeat(options: {
  readonly client: Pick<ResourceClient<CoordinationLease>, 'find' | 'create' | 'replace'>;
  readonly namespace: string;
  readonly identity: string;
  readonly intervalSeconds: number;
  /** What the replicas share. */
  readonly shared: RenewalRecord;
  readonly isLeading: () => boolean;
  readonly clock: Clock;
  readonly boot?: BootClock;
  readonly registry: Registry;
  readonly log: Logger;
}): Heartbeat {
  const { client, namespace, clock, log, shared, boot = systemBootClock } = options;
  const intervalMs = options.intervalSeconds * 1000;
  const name = 'agent';
  let known: CoordinationLease | undefined;
  let last: { readonly atMs: number; readonly uptimeMs: number } | undefined;
  let stopped: Promise<void> = Promise.resolve();

  /** In the clock of this process, whose monotonic time stands still while the machine sleeps. */
  const lastRenewalMs = (): number | undefined => {
    if (last === undefined) return undefined;
    const sleptMs = boot.uptimeMs() - last.uptimeMs - (clock.monotonicMs() - last.atMs);
    // The two clocks tick in steps of their own; a sleep is longer.
    return sleptMs > 1_000 ? last.atMs - sleptMs : last.atMs;
  };
  const begunMs = clock.monotonicMs();
  heartbeatAge(options.registry, () => clock.monotonicMs() - (lastRenewalMs() ?? begunMs));

  const note = (atMs: number): void => {
    const before = lastRenewalMs();
    if (before !== undefined && before >= atMs) return;
    last = { atMs, uptimeMs: boot.uptimeMs() - (clock.monotonicMs() - atMs) };
  };

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

  const renewAndShare = async (signal: AbortSignal): Promise<void> => {
    const sentMs = clock.monotonicMs();
    try {
      await renew(signal);
    } catch (error) {
      // Somebody else wrote or deleted it, or the answer is lost: read it again next time.
      known = undefined;
      throw error;
    }
    note(sentMs);
    try {
      await shared.write(sentMs, signal);
    } catch (error) {
      log.warn({ error: describeError(error) }, 'The other replicas were not told of the renewal');
    }
  };

  const follow = async (signal: AbortSignal): Promise<void> => {
    const sentMs = await shared.read(signal);
    if (sentMs !== undefined) note(sentMs);
  };

  // One at a time: two of them would be a race of this process with itself.
  let turn: Promise<unknown> = Promise.resolve();
  const refresh = (signal: AbortSignal): Promise<void> => {
    const next = turn.then(async () => {
      signal.throwIfAborted();
      using limit = linkedAbort([signal], intervalMs, 'The heartbeat');
      await (options.isLeading() ? renewAndShare : follow)(limit.signal);
    });
    turn = next.catch(() => undefined);
    // Who asks in a hurry doesn't wait for the one that is under way.
    return abortable(next, signal);
  };

  /** Again and again while `isWanted`, sooner after a failure. */
  const repeat = async (
    pauseMs: number,
    isWanted: () => boolean,
    what: string,
    signal: AbortSignal,
  ): Promise<void> => {
    while (!signal.aborted) {
      const begunMs = clock.monotonicMs();
      let waitMs = pauseMs;
      try {
        if (isWanted()) await refresh(signal);
      } catch (error) {
        if (signal.aborted) return;
        waitMs = Math.min(2_000, pauseMs);
        log.warn({ error: describeError(error) }, what);
      }
      const spentMs = clock.monotonicMs() - begunMs;
      await delay(Math.max(100, waitMs - spentMs), signal).catch(() => undefined);
    }
  };

  return {
    start(signal) {
      stopped = repeat(
        Math.min(intervalMs, 5_000),
        () => !options.isLeading(),
        'The heartbeat of the leading replica was not read',
        signal,
      );
    },
    get stopped() {
      return stopped;
    },
    lead: (signal) => repeat(intervalMs, options.isLeading, 'The heartbeat was not stored', signal),
    get lastRenewalMs() {
      return lastRenewalMs();
    },
    refresh,
  };
}
