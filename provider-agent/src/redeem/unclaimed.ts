import type { Clock } from '@gridlease/kube/clock';

/** Since when each channel has a promise that the chain has not paid; found again after a restart. */
export type Unclaimed = {
  /**
   * Takes in what was just seen of a channel, in token smallest units; for how long its oldest promise
   * has not been claimed, in milliseconds.
   */
  note(channel: string, promised: bigint, claimed: bigint): number;
  /** Forgets all other channels: what is left of an ended one is never claimed. */
  keep(channels: readonly string[]): void;
  /** Of all channels; 0 when there is none. */
  oldestMs(): number;
};

/** A sum that was promised, and when it was first seen. */
type Promised = { readonly cumulative: bigint; readonly sinceMs: number };

/** Enough for a day of vouchers; beyond, every second one counts as promised with the next. */
const mostPromises = 2_000;

/** Counts in monotonic time from when this replica first saw a promise unpaid. */
export function createUnclaimed(clock: Pick<Clock, 'monotonicMs'>): Unclaimed {
  const open = new Map<string, readonly Promised[]>();
  return {
    note(channel, promised, claimed) {
      if (promised <= claimed) {
        open.delete(channel);
        return 0;
      }
      const nowMs = clock.monotonicMs();
      // What a channel has paid in part is as old as what is left of it, however long it is in use.
      let left = (open.get(channel) ?? []).filter(
        ({ cumulative }) => cumulative > claimed && cumulative <= promised,
      );
      if (left.at(-1)?.cumulative !== promised) left.push({ cumulative: promised, sinceMs: nowMs });
      if (left.length > mostPromises) left = left.filter((_, index) => index % 2 === 0);
      open.set(channel, left);
      return nowMs - left[0]!.sinceMs;
    },
    keep(channels) {
      const names = new Set(channels);
      for (const name of open.keys()) if (!names.has(name)) open.delete(name);
    },
    oldestMs: () => {
      const oldest = [...open.values()].map(([first]) => first!.sinceMs);
      return oldest.length === 0 ? 0 : clock.monotonicMs() - Math.min(...oldest);
    },
  };
}
