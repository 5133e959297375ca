import type { GPULease } from '@gridlease/crds/gpulease';
import { toKubeTime } from '@gridlease/kube/conditions';
import type { Loss } from './decide.ts';

/**
 * The lease with its loss on it. One write says both that it is lost and that it is no longer wanted:
 * between two writes an agent that comes back could take it up again. What was achieved before is kept
 * with it, since its status stays the provider's to write.
 */
export function givenUp(
  { lease, reason, message }: Loss,
  { now, lastSeenMs }: { readonly now: Date; readonly lastSeenMs: number | undefined },
): GPULease {
  const { spec, status } = lease;
  const time = toKubeTime(now);
  const wasAccepted = status?.acceptance !== undefined;
  return {
    ...lease,
    spec: {
      ...spec,
      desiredState:
        spec.desiredState === 'Running'
          ? wasAccepted
            ? 'Stopped'
            : 'Withdrawn'
          : spec.desiredState,
      stopTime: spec.stopTime ?? time,
      lost: {
        time,
        reason,
        message,
        ...(lastSeenMs === undefined ? {} : { lastRenewalTime: toKubeTime(new Date(lastSeenMs)) }),
        ...(status?.completedIndexes ? { completedIndexes: status.completedIndexes } : {}),
        ...(status?.failedIndexes ? { failedIndexes: status.failedIndexes } : {}),
      },
    },
  };
}
