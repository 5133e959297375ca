import type { Condition, ConditionStatus } from './object.ts';

export type ConditionUpdate = {
  readonly type: string;
  readonly status: ConditionStatus;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
};

/**
 * The list with one condition set. `lastTransitionTime` moves only when `status` does. When nothing
 * changes the same array comes back, so that the caller's "is it equal" stays cheap; the order of
 * the others is kept, since a reordered list would be a write.
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  update: ConditionUpdate,
  now: Date,
): Condition[] {
  const list = conditions ?? [];
  const current = getCondition(list, update.type);
  const { observedGeneration = current?.observedGeneration, ...rest } = update;
  const next: Condition = {
    ...rest,
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
    lastTransitionTime:
      current !== undefined && current.status === update.status
        ? current.lastTransitionTime
        : toKubeTime(now),
  };
  if (current === undefined) return [...list, next];
  if (isSame(current, next)) return list as Condition[];
  return list.map((condition) => (condition.type === update.type ? next : condition));
}

export function getCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** False when the condition is absent, False or Unknown. */
export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return getCondition(conditions, type)?.status === 'True';
}

/** metav1.Time: RFC 3339 without fractions, which is what the API server would store. */
export function toKubeTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/**
 * A time of an object as unix milliseconds; undefined when it is absent, null or none. The first second of 1970 is none
 * either: a kubelet writes it where there was none, and a container whose command does not exist has "started" then.
 */
export function fromKubeTime(text: string | undefined | null): number | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) || ms <= 0 ? undefined : ms;
}

/** metav1.MicroTime: six digits are required where the API says MicroTime (Lease, Event). */
export function toMicroTime(date: Date): string {
  return `${date.toISOString().slice(0, -1)}000Z`;
}

function isSame(a: Condition, b: Condition): boolean {
  return (
    a.status === b.status &&
    a.reason === b.reason &&
    a.message === b.message &&
    a.observedGeneration === b.observedGeneration
  );
}
