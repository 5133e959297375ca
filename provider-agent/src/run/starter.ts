import type { Logger } from '@gridlease/kube/log';
import type { createApplier } from './apply.ts';
import type { RunInput } from './decide.ts';
import type { TaskOwner } from './objects.ts';
import { type Obstacle, obstacleInEvents, obstacleOf } from './obstacle.ts';
import type { RunningLease } from './runningLease.ts';

/** A Job without a pod for so long was refused one. */
const podlessMs = 3_000;
const longestPauseMs = 30_000;

export type Start = {
  /** What stands in the way; undefined when nothing does. */
  readonly obstacle: Obstacle | undefined;
  /** When to try or look again; undefined when nothing is awaited. */
  readonly againInMs: number | undefined;
};

/** Makes what a lease needs, and remembers what keeps it from being made. */
export function createStarter(applier: ReturnType<typeof createApplier>) {
  const obstacles = new Map<string, Obstacle & { readonly attempts: number }>();

  /** Returns what stands in the way; throws what a repetition may heal. */
  const create = async (
    lease: RunningLease,
    { observation, nowMs }: RunInput,
    indexes: readonly number[],
    signal: AbortSignal,
  ): Promise<Obstacle | undefined> => {
    try {
      await applier.prepare(lease, signal);
      const creating = indexes.map((index) => applier.createTask(lease, index, signal));
      const failed = (await Promise.allSettled(creating)).find(isRejected);
      if (failed !== undefined) throw failed.reason;
    } catch (error) {
      const obstacle = obstacleOf(error);
      if (obstacle === undefined) throw error;
      applier.doubt(lease);
      return obstacle;
    }
    // Quotas and admission refuse pods to the controllers, which tell it nobody who doesn't ask.
    const waitsTooLong = ({ metadata }: TaskOwner) =>
      nowMs - Date.parse(metadata.creationTimestamp ?? '') >= podlessMs;
    const stuck = observation.podless.find(waitsTooLong);
    if (stuck === undefined) return undefined;
    return obstacleInEvents(await applier.refusedPods(lease, stuck, signal));
  };

  return {
    obstacle: (uid: string): Obstacle | undefined => obstacles.get(uid),
    forget: (uid: string): void => void obstacles.delete(uid),

    async start(
      lease: RunningLease,
      input: RunInput,
      indexes: readonly number[],
      { signal, log }: { readonly signal: AbortSignal; readonly log: Logger },
    ): Promise<Start> {
      const before = obstacles.get(lease.uid);
      const obstacle = await create(lease, input, indexes, signal);
      if (obstacle === undefined) {
        obstacles.delete(lease.uid);
        const isAwaited = input.observation.podless.length > 0 || indexes.length > 0;
        return { obstacle, againInMs: isAwaited ? podlessMs : undefined };
      }
      if (obstacle.message !== before?.message) {
        log.warn({ reason: obstacle.reason }, `Tasks can't be created: ${obstacle.message}`);
      }
      const attempts = (before?.attempts ?? 0) + 1;
      obstacles.set(lease.uid, { ...obstacle, attempts });
      return { obstacle, againInMs: Math.min(longestPauseMs, 1_000 * 2 ** attempts) };
    },
  };
}

function isRejected(result: PromiseSettledResult<void>): result is PromiseRejectedResult {
  return result.status === 'rejected';
}
