import type { Clock } from './clock.ts';

export type EventBudgetOptions = {
  readonly perSecond: number;
  /** The most that may be taken at once. */
  readonly burst: number;
  readonly clock: Clock;
};

/** A token bucket: `burst` at once, `perSecond` in the long run. */
export class EventBudget {
  readonly #options: EventBudgetOptions;
  #left: number;
  #countedAtMs: number;

  constructor(options: EventBudgetOptions) {
    this.#options = options;
    this.#left = options.burst;
    this.#countedAtMs = options.clock.monotonicMs();
  }

  /** Takes one if there is one. */
  take(): boolean {
    const { perSecond, burst, clock } = this.#options;
    const now = clock.monotonicMs();
    this.#left = Math.min(burst, this.#left + ((now - this.#countedAtMs) / 1000) * perSecond);
    this.#countedAtMs = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
