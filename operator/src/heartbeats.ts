import type { Clock } from '@gridlease/kube/clock';
import type { Informer } from '@gridlease/kube/informer';
import type { KubeObject } from '@gridlease/kube/object';
import type { HeartbeatMemory, Remembered } from './heartbeatMemory.ts';

/** coordination.k8s.io/v1 Lease, as far as a heartbeat needs it. */
export type HeartbeatLease = KubeObject & { readonly spec?: { readonly renewTime?: string } };

/** The heartbeats of all agents, judged by this hub's clock alone. One per provider namespace. */
export type Heartbeats = {
  /** Whether an agent has ever renewed in the namespace. */
  exists(namespace: string): boolean;
  /** Milliseconds (monotonic) since a renewal was last seen to change; undefined when none was seen to. */
  ageMs(namespace: string): number | undefined;
  /**
   * Milliseconds (monotonic) for which nothing was heard: since the last renewal was seen, or since this
   * program began to listen when it has seen none. Never more than the truth: it was renewed earlier
   * than it was seen. What a restart doesn't remember begins at 0.
   */
  silentMs(namespace: string): number;
  /**
   * Unix milliseconds on this hub's wall clock at which a renewal was last seen. For one that was there
   * when this program started it is its renewTime, but never later than now.
   */
  lastSeenMs(namespace: string): number | undefined;
  /** Takes in a Lease that was read from the API server itself; undefined when there is none. */
  observe(namespace: string, lease: HeartbeatLease | undefined): void;
  /** Calls back with the namespace for every change; the returned function ends that. */
  onBeat(callback: (namespace: string) => void): () => void;
};

type Beat = {
  /** Undefined once the Lease was deleted: that is no renewal, nor is it a long silence. */
  readonly renewTime: string | undefined;
  readonly seenMs: number;
  /** Undefined until a renewal was seen to change: a Lease left behind proves no living agent. */
  readonly changedAtMs: number | undefined;
  /** When it was first seen; silence is counted from here until it changes. */
  readonly sinceMs: number;
};

/** Follows the Leases named `agent`; a remote clock that is wrong changes nothing but `renewTime`. */
export function createHeartbeats(options: {
  readonly informer: Pick<Informer<HeartbeatLease>, 'onChange'>;
  readonly clock: Clock;
  /** What an earlier run on this machine has seen. Without it, every silence begins anew. */
  readonly memory?: HeartbeatMemory;
}): Heartbeats {
  const { informer, clock, memory } = options;
  const beats = new Map<string, Beat>();
  const listeners = new Set<(namespace: string) => void>();
  const remembered = memory?.recall() ?? new Map<string, Remembered>();
  const startedMs = clock.monotonicMs();

  informer.onChange((lease, _old, change) => {
    const namespace = lease.metadata.namespace ?? '';
    if (change.type === 'deleted') forget(namespace);
    else take(namespace, lease.spec?.renewTime, change.initial);
  });

  function take(namespace: string, renewTime: string | undefined, initial: boolean): void {
    const before = beats.get(namespace);
    if (renewTime === undefined || before?.renewTime === renewTime) return;
    beats.set(namespace, seen(namespace, renewTime, before === undefined && initial));
    told(namespace);
  }

  function forget(namespace: string): void {
    if (beats.get(namespace)?.renewTime === undefined) return;
    const sinceMs = clock.monotonicMs();
    beats.set(namespace, { renewTime: undefined, seenMs: 0, changedAtMs: undefined, sinceMs });
    told(namespace);
  }

  function seen(namespace: string, renewTime: string, isLeftover: boolean): Beat {
    const now = clock.now().getTime();
    const sinceMs = clock.monotonicMs();
    if (!isLeftover) return { renewTime, seenMs: now, changedAtMs: sinceMs, sinceMs };
    const known = remembered.get(namespace);
    // Renewed since it was noted: nobody knows when, so its silence begins now.
    if (known?.renewTime === renewTime) {
      return { renewTime, seenMs: now - known.ageMs, changedAtMs: sinceMs - known.ageMs, sinceMs };
    }
    const renewed = Date.parse(renewTime);
    const seenMs = Number.isNaN(renewed) ? 0 : Math.min(renewed, now);
    return { renewTime, seenMs, changedAtMs: undefined, sinceMs };
  }

  function told(namespace: string): void {
    memory?.note(() => ages());
    for (const listener of listeners) listener(namespace);
  }

  function ages(): ReadonlyMap<string, Remembered> {
    const known = new Map<string, Remembered>();
    for (const [namespace, { renewTime, changedAtMs }] of beats) {
      if (renewTime === undefined || changedAtMs === undefined) continue;
      known.set(namespace, { renewTime, ageMs: clock.monotonicMs() - changedAtMs });
    }
    return known;
  }

  const heard = (namespace: string): Beat | undefined => {
    const beat = beats.get(namespace);
    return beat?.renewTime === undefined ? undefined : beat;
  };
  return {
    exists: (namespace) => heard(namespace) !== undefined,
    ageMs: (namespace) => {
      const changedAtMs = beats.get(namespace)?.changedAtMs;
      return changedAtMs === undefined ? undefined : clock.monotonicMs() - changedAtMs;
    },
    silentMs: (namespace) => {
      const beat = beats.get(namespace);
      return clock.monotonicMs() - (beat?.changedAtMs ?? beat?.sinceMs ?? startedMs);
    },
    lastSeenMs: (namespace) => heard(namespace)?.seenMs,
    observe: (namespace, lease) => {
      if (lease === undefined) forget(namespace);
      // The first sight of it may be of one left behind; every other change is a renewal.
      else take(namespace, lease.spec?.renewTime, true);
    },
    onBeat: (callback) => {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
  };
}
