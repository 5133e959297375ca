import type { PodList } from '../demo/checker/pods.ts';
import type { Attempt } from './hubView.ts';

type Pod = PodList['items'][number];

/** A time in which an attempt of a task was paid, at most; unix milliseconds. */
type PaidTime = {
  readonly index: string;
  readonly epoch: number;
  readonly fromMs: number;
  readonly toMs: number;
};

/** Kubernetes writes whole seconds. */
const resolutionMs = 1_000;

/**
 * Tasks of which two attempts were paid for the same time, one sentence each. What a lease was paid for begins with its
 * first container and is not longer than the GPU-milliseconds on its receipt, one GPU a task.
 */
export function paidTwice(attempts: readonly Attempt[], pods: readonly Pod[]): readonly string[] {
  const times = attempts.flatMap((lease) => paidTimes(lease, pods));
  return times.flatMap((earlier) =>
    times
      .filter((later) => later.index === earlier.index && later.epoch > earlier.epoch)
      .filter((later) => earlier.toMs > later.fromMs + resolutionMs)
      .map(
        (later) =>
          `task ${earlier.index} was paid twice: epoch ${earlier.epoch} until ${iso(earlier.toMs)}, epoch ${later.epoch} from ${iso(later.fromMs)}`,
      ),
  );
}

function paidTimes(lease: Attempt, pods: readonly Pod[]): readonly PaidTime[] {
  const paid = Number(lease.status?.settlement?.gpuMilliseconds ?? '0');
  const own = pods.filter(
    ({ metadata }) => metadata.labels?.['gridlease.dev/lease-uid'] === lease.metadata.uid,
  );
  const starts = own.flatMap((pod) => startOf(pod) ?? []);
  if (paid === 0 || starts.length === 0) return [];
  // All tasks of the lease ran side by side: each has its share of what was paid.
  const shareMs = paid / starts.length;
  return starts.map(({ index, fromMs }) => ({
    index,
    fromMs,
    epoch: lease.spec.epoch,
    toMs: fromMs + shareMs,
  }));
}

function startOf(pod: Pod): { readonly index: string; readonly fromMs: number } | undefined {
  const started = pod.status?.containerStatuses?.[0]?.state?.terminated?.startedAt;
  const index = pod.metadata.labels?.['gridlease.dev/index'];
  const fromMs = Date.parse(started ?? '');
  // One that never started says 1970, or nothing.
  return !(fromMs > 0) || index === undefined ? undefined : { index, fromMs };
}

const iso = (ms: number): string => new Date(ms).toISOString();
