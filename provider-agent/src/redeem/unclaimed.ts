import type { Clock } from '@gridlease/kube/clock';

/** Since when each channel has a promise that the chain has not paid; found again after a restart. */
export type Unclaimed = {
  /** Takes in what was just seen of a channel; for how long it has been so, in milliseconds. */
  note(channel: string, isUnclaimed: boolean): number;
  /** Of all channels; 0 when there is none. */
  oldestMs(): number;
};

/** Counts in monotonic time from when this replica first saw a promise unpaid. */
export function createUnclaimed(clock: Pick<Clock, 'monotonicMs'>): Unclaimed {
  const since = new Map<string, number>();
  return {
    note(channel, isUnclaimed) {
      if (!isUnclaimed) {
        since.delete(channel);
        return 0;
      }
      const nowMs = clock.monotonicMs();
      const sinceMs = since.get(channel) ?? nowMs;
      since.set(channel, sinceMs);
      return nowMs - sinceMs;
    },
    oldestMs: () => (since.size === 0 ? 0 : clock.monotonicMs() - Math.min(...since.values())),
  };
}
