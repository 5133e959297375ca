import type { GPULease } from '@gridlease/crds/gpulease';
import { updateStatus } from '@gridlease/kube/apply';
import { isTrue } from '@gridlease/kube/conditions';
import { EventBudget } from '@gridlease/kube/eventBudget';
import { progressOf, type RunInput } from './decide.ts';
import type { RunDeps } from './deps.ts';
import type { Obstacle } from './obstacle.ts';
import type { RunningLease } from './runningLease.ts';
import { isEndStored, leaseStatus, writeDueInMs } from './status.ts';
import { recordToldRun } from './traces.ts';

/** That tasks run is told at once for a few leases, and in turn where many start together: most end before. */
const spareWrites = { perSecond: 0.2, burst: 10 };
const inTurnMs = 5_000;
const latestRunningMs = 30_000;

/** The hub waits for the meter's last word, but not for ever. */
const finalUsageMs = 30_000;

/** Nothing is left to say: the hub knows the end, or never had an answer and knows why. */
export function isTold(lease: GPULease | undefined): boolean {
  if (lease === undefined) return false;
  return isEndStored(lease.status) || !isTrue(lease.status?.conditions, 'Accepted');
}

type Times = { begunMs: number; runningMs?: number; writtenMs: number };

/** Writes the status of running and ended leases, as seldom as it may. */
export function createReporter(deps: RunDeps) {
  const { clock } = deps;
  const times = new Map<string, Times>();
  const spare = new EventBudget({ ...spareWrites, clock });

  return {
    forget: (uid: string): void => void times.delete(uid),

    /** Tells the hub what changed, if it is time to. Returns in how many milliseconds to ask again. */
    async report(
      lease: RunningLease,
      hubLease: GPULease,
      input: RunInput,
      said: {
        readonly suspended: { readonly message: string } | undefined;
        readonly obstacle: Obstacle | undefined;
      },
      signal: AbortSignal,
    ): Promise<number | undefined> {
      const { record, uid } = lease;
      if (input.state === 'Accepted' || isTold(hubLease)) return undefined;
      const usage = deps.usage(uid);
      const nowMs = clock.monotonicMs();
      const time = times.get(uid) ?? { begunMs: nowMs, writtenMs: Number.NEGATIVE_INFINITY };
      times.set(uid, time);
      if (input.observation.running.size > 0) time.runningMs ??= nowMs;
      const finished = record.spec.state === 'Ended' ? record.spec.finished : undefined;
      const ranAtAll = input.observation.startedMs !== undefined || (usage?.gpuMs ?? 0n) > 0n;
      if (finished !== undefined && ranAtAll && usage?.final !== true) {
        const waitedMs = clock.now().getTime() - Date.parse(finished.time);
        if (waitedMs < finalUsageMs) return 1_000;
      }
      const mutate = (current: GPULease) =>
        leaseStatus({
          current: current.status,
          observedGeneration: current.metadata.generation,
          observation: input.observation,
          progress: progressOf(input),
          parallelism: input.parallelism,
          isService: input.isService,
          finished,
          ...said,
          usage,
          decimals: deps.decimals,
          now: clock.now(),
        });
      const dueInMs = writeDueInMs(hubLease.status, mutate(hubLease), {
        sinceWriteMs: nowMs - time.writtenMs,
        sinceRunningMs: time.runningMs === undefined ? undefined : nowMs - time.runningMs,
        sinceBeginMs: nowMs - time.begunMs,
        isService: input.isService,
      });
      if (dueInMs !== 0) return dueInMs;
      const isAwaited = finished !== undefined || said.obstacle !== undefined || input.isService;
      const sinceRunningMs = nowMs - (time.runningMs ?? nowMs);
      if (!isAwaited && sinceRunningMs < latestRunningMs && !spare.take()) return inTurnMs;
      const written = await updateStatus({
        client: deps.clients.leases,
        informer: deps.informers.leases,
        object: hubLease,
        fieldManager: 'gridlease-run',
        mutate,
        signal,
      });
      time.writtenMs = nowMs;
      const { startedMs = usage?.startMs, endedMs = usage?.endMs } = input.observation;
      const { jobs, deployments } = deps.informers;
      const owners = () => [
        ...jobs.byIndex('leaseUid', uid),
        ...deployments.byIndex('leaseUid', uid),
      ];
      const told = { before: hubLease, after: written };
      recordToldRun(record, told, { owners, startedMs, endedMs });
      return undefined;
    },
  };
}
