import { keccak256, stringToHex } from 'viem';
import { type Candidate, lifeLeft, type Query, shareLeft, tasksOfOneLease } from './query.ts';
import { capacityAt, cliqueAt, mostTasks } from './room.ts';

/** Tasks at one candidate: how many at once, and which indexes. */
export type Share = {
  readonly candidate: Candidate;
  readonly parallelism: number;
  readonly indexes: readonly number[];
  /** NVLink domain that they must run in. */
  readonly clique?: string;
};

/**
 * Divides the waiting tasks over the candidates, cheapest first. When fewer tasks fit at once than the
 * job wants, only that fraction of the indexes is given away: the rest waits for room instead of
 * queueing behind the few that started.
 */
export function allocate(eligible: readonly Candidate[], query: Query): readonly Share[] {
  const slots = takeSlots(cheapestFirst(eligible, query), query);
  const got = slots.reduce((total, slot) => total + slot.tasks, 0);
  if (got === 0) return [];
  const waiting = query.waiting.length;
  const placed = Math.max(got, Math.floor((waiting * got) / query.want));
  const shares = divideIndexes(slots, placed, got, query);
  return query.job.service === undefined ? shares : shares.flatMap(oneByOne);
}

/** A replica is scaled, replaced and ended by itself: it gets a lease of its own. */
function oneByOne(share: Share): readonly Share[] {
  return share.indexes.map((index) => ({ ...share, parallelism: 1, indexes: [index] }));
}

/**
 * Lowest price first; equals are ordered by a hash over the job and the offer, so that the order of
 * the lists never matters and no provider always wins the ties.
 */
export function cheapestFirst(candidates: readonly Candidate[], query: Query): Candidate[] {
  const ranks = new Map<Candidate, string>();
  const rank = (at: Candidate): string => {
    const known = ranks.get(at);
    if (known !== undefined) return known;
    const identity = `${query.job.uid}/${at.providerAddress.toLowerCase()}/${at.offerHash}`;
    const made = keccak256(stringToHex(identity));
    ranks.set(at, made);
    return made;
  };
  return [...candidates].sort((a, b) => {
    if (a.price !== b.price) return a.price < b.price ? -1 : 1;
    return rank(a) < rank(b) ? -1 : 1;
  });
}

type Slot = { readonly candidate: Candidate; readonly tasks: number };

function takeSlots(ordered: readonly Candidate[], query: Query): Slot[] {
  const taken = new Map<string, number>();
  const slots: Slot[] = [];
  let left = query.want;
  for (const candidate of ordered) {
    if (left === 0) break;
    // Two offers for one product share its GPUs, two products of a provider share its part of the job.
    const pool = `${candidate.provider}/${candidate.product}`;
    const tasks = Math.min(
      left,
      capacityAt(candidate, query) - (taken.get(pool) ?? 0),
      mostTasks(candidate, query),
      shareLeft(query, candidate.provider) - (taken.get(candidate.provider) ?? 0),
    );
    const gpus = tasksOfOneLease(query, tasks) * query.job.gpuCount;
    if (tasks <= 0 || gpus < candidate.minGpus) continue;
    slots.push({ candidate, tasks });
    for (const key of [pool, candidate.provider]) taken.set(key, (taken.get(key) ?? 0) + tasks);
    left -= tasks;
    // The filter has shown that all tasks fit here; together means one lease.
    if (query.job.locality !== 'Any') break;
  }
  return slots;
}

function divideIndexes(
  slots: readonly Slot[],
  placed: number,
  got: number,
  query: Query,
): readonly Share[] {
  const shares: Share[] = [];
  let next = 0;
  let slotsLeft = got;
  let tasksLeft = placed;
  // Beyond one task a slot: those must not take another slot of the provider its only one.
  const spare = new Map<string, number>();
  for (const { candidate, tasks } of slots) {
    const { provider } = candidate;
    spare.set(provider, (spare.get(provider) ?? lifeLeft(query, provider)) - tasks);
  }
  for (const { candidate, tasks } of slots) {
    // What is left, in proportion to the slots that are left: nothing is lost to rounding.
    const fair = Math.floor((tasksLeft * tasks) / slotsLeft);
    const left = spare.get(candidate.provider)!;
    const given = Math.min(fair, tasks * roundsWithin(candidate, query), tasks + left);
    spare.set(candidate.provider, left - (given - tasks));
    const clique = cliqueAt(candidate, query)?.clique;
    shares.push({
      candidate,
      ...(clique === undefined ? {} : { clique }),
      parallelism: tasks,
      indexes: query.waiting.slice(next, next + given),
    });
    next += given;
    tasksLeft -= given;
    slotsLeft -= tasks;
  }
  return shares;
}

/** How often a slot may run another task before the lease is longer than the offer allows. */
function roundsWithin(candidate: Candidate, { job }: Query): number {
  if (candidate.maxDurationSeconds === 0) return Number.MAX_SAFE_INTEGER;
  if (job.maxDurationSeconds === 0) return 1;
  const running = candidate.maxDurationSeconds - job.startDeadlineSeconds;
  return Math.max(1, Math.floor(running / job.maxDurationSeconds));
}
