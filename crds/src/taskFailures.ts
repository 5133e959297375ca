import type { FailureReason } from './reasons.ts';

/** How many failures of tasks a lease's status lists. */
export const mostTaskFailures = 64;

/** The provider's doing: the task runs again elsewhere or later, and its limit isn't touched. */
export const providerFaults: ReadonlySet<string> = new Set<FailureReason>([
  'DeviceUnhealthy',
  'AssignmentMismatch',
  'NodeLost',
  'PodDeleted',
  'EvictedFromNode',
  'Unschedulable',
  'QuotaExceeded',
  'PodsRefused',
  'Fenced',
  'ProviderLost',
  'Abandoned',
]);

type TaskFailure = { readonly index: number; readonly reason: string };

/**
 * The failures that a status lists, in the order in which they are given. One node that takes tasks only
 * to lose them fails hundreds: of these the oldest are left out first, and what counts against
 * batch.retryLimit last, so that `unlistedReason` can tell what the others were.
 */
export function listedFailures<T extends TaskFailure>(failures: readonly T[]): readonly T[] {
  if (failures.length <= mostTaskFailures) return failures;
  const isCounted = ({ reason }: T): boolean => !providerFaults.has(reason);
  const counted = failures.filter(isCounted).slice(-mostTaskFailures);
  const room = mostTaskFailures - counted.length;
  const others = failures.filter((one) => !isCounted(one));
  const listed = new Set([...counted, ...(room === 0 ? [] : others.slice(-room))]);
  return failures.filter((one) => listed.has(one));
}

/** Why tasks failed that are counted as failed and not listed. */
export function unlistedReason(listed: readonly TaskFailure[]): string {
  if (listed.length < mostTaskFailures) return 'TaskFailed';
  return listed.find(({ reason }) => providerFaults.has(reason))?.reason ?? 'TaskFailed';
}
