import type { Clock } from '@gridlease/kube/clock';
import type { Informer } from '@gridlease/kube/informer';
import type { KubeObject } from '@gridlease/kube/object';

/** coordination.k8s.io/v1 Lease, as far as a heartbeat needs it. */
export type HeartbeatLease = KubeObject & { readonly spec?: { readonly renewTime?: string } };

/** The heartbeats of all agents, judged by this hub's clock alone. One per provider namespace. */
export type Heartbeats = {
  /** Whether an agent has ever renewed in the namespace. */
  exists(namespace: string): boolean;
  /** Milliseconds (monotonic) since a renewal was last seen to change; undefined when none was seen to. */
  ageMs(namespace: string): number | undefined;
  /**
   * Unix milliseconds on this hub's wall clock at which a renewal was last seen. For one that was there
   * when this program started it is its renewTime, but never later than now.
   */
  lastSeenMs(namespace: string): number | undefined;
  /** Calls back with the namespace for every change; the returned function ends that. */
  onBeat(callback: (namespace: string) => void): () => void;
};

type Beat = {
  readonly renewTime: string;
  readonly seenMs: number;
  /** Undefined until a renewal was seen to change: a Lease left behind proves no living agent. */
  readonly changedAtMs: number | undefined;
};

/** Follows the Leases named `agent`; a remote clock that is wrong changes nothing but `renewTime`. */
export function createHeartbeats(options: {
  readonly informer: Pick<Informer<HeartbeatLease>, 'onChange'>;
  readonly clock: Clock;
}): Heartbeats {
  const { informer, clock } = options;
  const beats = new Map<string, Beat>();
  const listeners = new Set<(namespace: string) => void>();

  informer.onChange((lease, _old, change) => {
    const namespace = lease.metadata.namespace ?? '';
    const renewTime = lease.spec?.renewTime;
    if (change.type === 'deleted') beats.delete(namespace);
    else if (renewTime === undefined || beats.get(namespace)?.renewTime === renewTime) return;
    else beats.set(namespace, seen(beats.get(namespace), renewTime, change.initial));
    for (const listener of listeners) listener(namespace);
  });

  function seen(before: Beat | undefined, renewTime: string, initial: boolean): Beat {
    const now = clock.now().getTime();
    if (before === undefined && initial) {
      const renewed = Date.parse(renewTime);
      const seenMs = Number.isNaN(renewed) ? 0 : Math.min(renewed, now);
      return { renewTime, seenMs, changedAtMs: undefined };
    }
    return { renewTime, seenMs: now, changedAtMs: clock.monotonicMs() };
  }

  return {
    exists: (namespace) => beats.has(namespace),
    ageMs: (namespace) => {
      const changedAtMs = beats.get(namespace)?.changedAtMs;
      return changedAtMs === undefined ? undefined : clock.monotonicMs() - changedAtMs;
    },
    lastSeenMs: (namespace) => beats.get(namespace)?.seenMs,
    onBeat: (callback) => {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
  };
}
