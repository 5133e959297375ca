import type { Clock, Timers } from './clock.ts';

export type ManualClock = Clock &
  Timers & {
    /** Moves time forward and fires what falls due, in order of its time. */
    advance(ms: number): void;
    /** Milliseconds to the next timer, undefined when none is armed. */
    nextTimerMs(): number | undefined;
  };

/** A clock that stands still until told otherwise: for tests and simulation. */
export function manualClock(startMs = 0): ManualClock {
  let nowMs = startMs;
  let sequence = 0;
  const timers = new Map<number, { readonly at: number; readonly callback: () => void }>();
  const earliest = (): { id: number; at: number } | undefined => {
    let found: { id: number; at: number } | undefined;
    for (const [id, { at }] of timers) {
      if (found === undefined || at < found.at) found = { id, at };
    }
    return found;
  };
  return {
    now: () => new Date(nowMs),
    monotonicMs: () => nowMs,
    after(ms, callback) {
      const id = sequence++;
      timers.set(id, { at: nowMs + Math.max(0, ms), callback });
      return () => timers.delete(id);
    },
    advance(ms) {
      const end = nowMs + ms;
      for (let due = earliest(); due !== undefined && due.at <= end; due = earliest()) {
        const timer = timers.get(due.id)!;
        timers.delete(due.id);
        nowMs = Math.max(nowMs, timer.at);
        timer.callback();
      }
      nowMs = end;
    },
    nextTimerMs: () => {
      const due = earliest();
      return due === undefined ? undefined : due.at - nowMs;
    },
  };
}
