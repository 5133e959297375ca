import type { GPULease } from '@gridlease/crds/gpulease';
import { indexesWithin, parseIndexes } from '@gridlease/crds/indexes';
import { causeOfLoss } from './causes.ts';
import { type Cause, type Finished, mayStart, type RunInput } from './decide.ts';
import type { Departed } from './departed.ts';
import type { RunDeps } from './deps.ts';
import type { TaskOwner, TaskPod } from './objects.ts';
import { indexOf, observeTasks } from './observe.ts';
import { observeReplica } from './observeReplica.ts';
import { copyingSeconds } from './outputs.ts';
import type { Patience } from './patience.ts';
import type { RunningLease } from './runningLease.ts';

/** What this process knows of a lease and stores nowhere, and what it heard of the hub. */
export type Remembered = {
  readonly hubLease: GPULease | undefined;
  readonly gone: boolean;
  /** It was allowed to begin; its record says so later. */
  readonly hasBegun: boolean;
  readonly stop: Cause | undefined;
  readonly suspended: boolean;
  readonly patience: Patience;
  readonly departed: Departed;
};

/** Everything that decides about one lease at this moment, from caches alone. */
export function gatherRun(lease: RunningLease, deps: RunDeps, known: Remembered): RunInput {
  const { informers, clock } = deps;
  const { record, uid, document } = lease;
  const { spec } = record;
  const { hubLease, gone, stop, suspended } = known;
  const status = hubLease?.status;
  const isService = document.service !== undefined;
  const nowMs = clock.now().getTime();
  const copiesAtMs = document.outputs === undefined ? undefined : nowMs;
  const pods = informers.pods.byIndex('leaseUid', uid);
  const jobs = informers.jobs.byIndex('leaseUid', uid);
  const deployments = informers.deployments.byIndex('leaseUid', uid);
  // What is there was made after the hub had stored the answer, whoever of us made it.
  const hasBegun = known.hasBegun || jobs.length > 0 || deployments.length > 0;
  const observation = isService
    ? observeReplica(spec.epoch, deployments, pods, deps.nodeState)
    : observeTasks(spec.epoch, jobs, pods, {
        nodeState: deps.nodeState,
        copiesAtMs,
        departed: known.departed.of(uid),
      });
  return {
    state: spec.state === 'Accepted' && hasBegun ? 'Running' : spec.state,
    indexes: parseIndexes(spec.tasks.indexes),
    parallelism: spec.tasks.parallelism,
    reported: {
      completed: indexesWithin(status?.completedIndexes ?? '', spec.tasks.indexes),
      failed: indexesWithin(status?.failedIndexes ?? '', spec.tasks.indexes),
    },
    observation,
    hopelessMs: known.patience.hopelessMs(uid, observation),
    isService,
    firstRunMs: deps.usage(uid)?.startMs,
    mayStart: mayStart(spec, status),
    desired: hubLease?.spec.desiredState ?? spec.desiredState,
    gone,
    ending: spec.finished as Finished | undefined,
    lost: causeOfLoss(hubLease),
    fenced: spec.fenced !== undefined,
    fenceSeconds: spec.terms.fenceSeconds,
    hubHeard: deps.hubHeard(spec.terms.fenceSeconds),
    stop,
    suspended,
    maxSeconds: spec.terms.maxSeconds,
    copyingSeconds: copyingSeconds(document),
    maxDurationSeconds: document.maxDurationSeconds,
    nowMs,
  };
}

/** The living pods of these. */
export function livePodsOf(
  owners: readonly TaskOwner[],
  { observation }: RunInput,
): readonly TaskPod[] {
  const indexes = new Set(owners.map(indexOf));
  return observation.livePods.filter((pod) => indexes.has(indexOf(pod)));
}
