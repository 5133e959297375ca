import { linkedAbort } from './abort.ts';
import type { Clock, Timers } from './clock.ts';
import type { Cluster } from './cluster.ts';
import { GridleaseError } from './errors.ts';

/** A time in which this replica acts. */
export type Term = {
  /** Aborts with the term. */
  readonly signal: AbortSignal;
  /**
   * False from the moment on which the term is over, also where the timer that aborts the signal is
   * late: a process that was stopped for a minute runs other things first when it goes on.
   */
  isCurrent(): boolean;
};

export class TermOverError extends GridleaseError {}

const notRenewed = 'the Lease could not be renewed in time';

/** A term until a monotonic time that renewals move; over with the signal at the latest. */
export function createTerm(options: {
  readonly untilMs: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly timers: Timers;
}) {
  const { signal: parent, clock, timers } = options;
  const controller = new AbortController();
  let { untilMs } = options;
  let cancel = (): void => undefined;
  const end = (why: string): void => {
    cancel();
    if (!controller.signal.aborted) controller.abort(new TermOverError(`Leading ended: ${why}`));
  };
  const arm = (): void => {
    cancel();
    cancel = timers.after(untilMs - clock.monotonicMs(), () => end(notRenewed));
  };
  const follow = (): void => controller.abort(parent.reason);
  if (parent.aborted) follow();
  else parent.addEventListener('abort', follow, { once: true });
  arm();
  return {
    signal: controller.signal,
    isCurrent: () => {
      if (clock.monotonicMs() >= untilMs) end(notRenewed);
      return !controller.signal.aborted;
    },
    end,
    /** A renewal was stored. What came too late extends nothing. */
    extend(until: number): void {
      if (controller.signal.aborted || clock.monotonicMs() >= untilMs) return;
      untilMs = until;
      arm();
    },
    [Symbol.dispose](): void {
      cancel();
      parent.removeEventListener('abort', follow);
      end('it was left');
    },
  };
}

/**
 * The same cluster for what runs in a term: nothing is sent once the term is over, whatever still
 * runs, and what is under way is given up.
 */
export function termCluster(cluster: Cluster, term: Term): Cluster {
  const check = (): void => {
    if (!term.isCurrent()) throw term.signal.reason;
  };
  return {
    ...cluster,
    async request(request) {
      check();
      using limit = linkedAbort([term.signal, request.signal]);
      return await cluster.request({ ...request, signal: limit.signal });
    },
    async watch(request) {
      check();
      return cluster.watch({ ...request, signal: AbortSignal.any([term.signal, request.signal]) });
    },
    async stream(request) {
      check();
      return cluster.stream({ ...request, signal: AbortSignal.any([term.signal, request.signal]) });
    },
  };
}
