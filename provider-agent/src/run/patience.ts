import type { Clock } from '@gridlease/kube/clock';
import type { Observation } from './observe.ts';
import { isProblem } from './waiting.ts';

/** Remembers since when pods wait for what never comes. */
export type Patience = {
  /**
   * For how many milliseconds all waiting pods of a lease have been hopeless, as seen by this process; as
   * long as the last one of them. Undefined when one is not, or none waits. To be asked at every look.
   */
  hopelessMs(leaseUid: string, seen: Pick<Observation, 'waits'>): number | undefined;
  forget(leaseUid: string): void;
};

/**
 * Counted from the first sight of the problem: a pod may be days old when its container can't be started
 * again for a moment. Nothing is stored, so an agent that restarts is patient once more.
 */
export function createPatience(clock: Pick<Clock, 'monotonicMs'>): Patience {
  const leases = new Map<string, ReadonlyMap<string, number>>();
  return {
    hopelessMs(leaseUid, { waits }) {
      const nowMs = clock.monotonicMs();
      const before = leases.get(leaseUid);
      const all = [...waits].flatMap(([podUid, wait]): [string, number][] => {
        const since = before?.get(podUid);
        if (wait.isHopeless) return [[podUid, since ?? nowMs]];
        // Between two attempts its node says less; it has said enough.
        return since !== undefined && isProblem(wait) ? [[podUid, since]] : [];
      });
      if (all.length > 0) leases.set(leaseUid, new Map(all));
      else leases.delete(leaseUid);
      const isHopeless = waits.size > 0 && [...waits.values()].every((wait) => wait.isHopeless);
      return isHopeless ? nowMs - Math.max(...all.map(([, since]) => since)) : undefined;
    },
    forget: (leaseUid) => void leases.delete(leaseUid),
  };
}
