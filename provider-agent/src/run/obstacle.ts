import { ApiError } from '@gridlease/kube/apiError';
import { describeError, GridleaseError, retryOf } from '@gridlease/kube/errors';

/** What keeps a lease's tasks from being created, in words for the hub. */
export type Obstacle = {
  readonly reason: 'QuotaExceeded' | 'PodsRefused' | 'Unschedulable';
  readonly message: string;
  /** The same request will be refused again: waiting doesn't help. */
  readonly final: boolean;
};

/** No node carries the lease's product at this moment. */
export class NoNodeError extends GridleaseError {}

/** Answers that say nothing about the request: ask again, or somebody else wrote first. */
const passing: ReadonlySet<number> = new Set([401, 408, 409, 429]);

/**
 * What an error of preparing or creating tells about the lease; undefined when it tells something
 * about the connection only, and the request is to be repeated.
 */
export function obstacleOf(error: unknown): Obstacle | undefined {
  if (error instanceof NoNodeError) {
    return { reason: 'Unschedulable', message: cut(error.message), final: false };
  }
  const isFinal = retryOf(error) === 'never';
  const isRefusal =
    error instanceof ApiError &&
    error.status >= 400 &&
    error.status < 500 &&
    !passing.has(error.status);
  if (!isFinal && !isRefusal) return undefined;
  return { ...refusalIn(describeError(error)), final: isFinal };
}

/** What the Job controller's newest event says about the pods that it could not create. */
export function obstacleInEvents(events: readonly JobEvent[]): Obstacle | undefined {
  const newest = events.toSorted((a, b) => timeOf(a) - timeOf(b)).at(-1);
  if (newest?.note === undefined) return undefined;
  return { ...refusalIn(newest.note), final: false };
}

/** An Event of events.k8s.io, as far as it is read here. */
export type JobEvent = {
  readonly note?: string;
  readonly eventTime?: string | null;
  readonly deprecatedLastTimestamp?: string | null;
  readonly series?: { readonly lastObservedTime?: string };
};

function timeOf({ series, eventTime, deprecatedLastTimestamp }: JobEvent): number {
  const text = series?.lastObservedTime ?? deprecatedLastTimestamp ?? eventTime ?? '';
  return Date.parse(text) || 0;
}

function refusalIn(words: string): Pick<Obstacle, 'reason' | 'message'> {
  const reason = /exceeded quota/.test(words) ? 'QuotaExceeded' : 'PodsRefused';
  return { reason, message: cut(words) };
}

/**
 * As long as the message of a condition may be, and without what a terminal would obey: programs and
 * images of strangers have a say in it. `end` is kept whole.
 */
export function cut(text: string, end = ''): string {
  const plain = text.replaceAll(/[^\P{Cc}\n\t]/gu, '\uFFFD');
  const most = 1024 - end.length;
  return (plain.length > most ? `${plain.slice(0, most - 1)}…` : plain) + end;
}
