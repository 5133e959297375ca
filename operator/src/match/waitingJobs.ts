import type { GPUJob } from '@gridlease/crds/gpujob';
import { tasksOf } from '@gridlease/crds/jobDefaults';
import type { Clock } from '@gridlease/kube/clock';
import { getCondition } from '@gridlease/kube/conditions';
import type { MatchMetrics } from './metrics.ts';

type Entry = {
  readonly createdMs: number;
  readonly reason: string;
  readonly account: string;
  readonly group: string;
  readonly tasks: number;
  readonly gpus: number;
  /** From when on none of its tasks found a place, Unix milliseconds. */
  readonly sinceMs: number;
};

/** Of jobs that want the same, this many are asked at once; each placement asks one more. */
const askedPerGroup = 8;

/**
 * Which jobs wait, and for what. When something changes, only the oldest of those that want the same
 * are asked: where they find no place, a thousand behind them wouldn't either.
 */
export class WaitingJobs {
  readonly #entries = new Map<string, Entry>();
  readonly #groups = new Map<string, Set<string>>();
  readonly #metrics: Pick<MatchMetrics, 'waiting' | 'waitingGpus'>;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(metrics: Pick<MatchMetrics, 'waiting' | 'waitingGpus'>, clock: Pick<Clock, 'now'>) {
    this.#metrics = metrics;
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** `tasks` of the job wait, each for the GPUs that it asks for. */
  add(key: string, job: GPUJob, reason: string, tasks: number): void {
    const sinceMs = this.#since(key, job, reason, tasks);
    this.remove(key);
    const gpus = tasks * job.spec.gpu.count;
    this.#metrics.waiting.inc({ reason });
    this.#metrics.waitingGpus.inc({ reason }, gpus);
    const group = wishOf(job);
    this.#entries.set(key, {
      createdMs: Date.parse(job.metadata.creationTimestamp ?? '') || 0,
      reason,
      tasks,
      gpus,
      sinceMs,
      account: `${job.metadata.namespace}/${job.spec.budget.accountName}`,
      group,
    });
    const members = this.#groups.get(group);
    if (members === undefined) this.#groups.set(group, new Set([key]));
    else members.add(key);
  }

  /** Returns the job that is next among those that want the same; undefined when there is none. */
  remove(key: string): string | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#metrics.waiting.dec({ reason: entry.reason });
    this.#metrics.waitingGpus.dec({ reason: entry.reason }, entry.gpus);
    this.#entries.delete(key);
    const members = this.#groups.get(entry.group)!;
    members.delete(key);
    if (members.size === 0) this.#groups.delete(entry.group);
    return this.#oldestFirst(members)[askedPerGroup - 1];
  }

  /** Whom to ask after a change, the oldest job first; of one account ("namespace/name") when it is given. */
  keysToAsk(account?: string): readonly string[] {
    const asked = [...this.#groups.values()].flatMap((members) =>
      this.#oldestFirst(members).slice(0, askedPerGroup),
    );
    return this.#oldestFirst(asked).filter(
      (key) => account === undefined || this.#entries.get(key)!.account === account,
    );
  }

  /** For each reason that a job waits for now, the seconds of the one that has waited longest. */
  oldestSeconds(): ReadonlyMap<string, number> {
    const nowMs = this.#clock.now().getTime();
    const oldest = new Map<string, number>();
    for (const { reason, sinceMs } of this.#entries.values()) {
      const seconds = Math.max(0, nowMs - sinceMs) / 1_000;
      if (seconds >= (oldest.get(reason) ?? 0)) oldest.set(reason, seconds);
    }
    return oldest;
  }

  /**
   * A job goes on waiting when its reason changes, and begins anew when one of its tasks found a place. One that has
   * never run has waited since it was admitted, however many providers took a lease and gave it back.
   */
  #since(key: string, job: GPUJob, reason: string, tasks: number): number {
    const nowMs = this.#clock.now().getTime();
    const before = this.#entries.get(key);
    if (before !== undefined) {
      const isNew = tasks < before.tasks || before.reason === 'PartlyPlaced';
      return isNew ? nowMs : before.sinceMs;
    }
    const changedMs = (type: string) =>
      Date.parse(getCondition(job.status?.conditions, type)?.lastTransitionTime ?? '') || 0;
    const admittedMs = changedMs('Admitted');
    if (job.status?.startTime === undefined && tasks === tasksOf(job.spec)) {
      return admittedMs || nowMs;
    }
    // What a leader before this one has said.
    const placed = getCondition(job.status?.conditions, 'Placed');
    if (placed?.status !== 'False' || placed.reason !== reason) return nowMs;
    return Math.max(admittedMs, changedMs('Placed'));
  }

  #oldestFirst(keys: Iterable<string>): string[] {
    const createdMs = (key: string) => this.#entries.get(key)!.createdMs;
    return [...keys].sort((a, b) => createdMs(a) - createdMs(b) || (a < b ? -1 : 1));
  }
}

/** Equal for jobs that a decision would treat alike, but for their age and their past. */
function wishOf({ metadata, spec }: GPUJob): string {
  const { batch, service, gpu, placement, budget, runtime } = spec;
  const wish = [metadata.namespace, batch, service?.replicas, gpu, placement, budget, runtime];
  return JSON.stringify(wish);
}
