import type { CandidateFacts, PoolFacts } from './facts.ts';

/**
 * How many tasks of `gpusPerTask` GPUs fit at a candidate now. The inventory may be older than the
 * last placements, so leases that the provider hasn't counted yet are taken off the nodes as if each
 * opened a new one: rather one task too few than two jobs on one GPU.
 */
export function freeTasks(candidate: CandidateFacts, gpusPerTask: number): number {
  return tasksIn(candidate.pools, gpusPerTask, candidate.heldGpus, uncounted(candidate));
}

export type CliqueRoom = { readonly clique: string; readonly tasks: number };

/**
 * The clique with the most room, or the one that is wanted; undefined when there is none. Leases
 * aren't known by clique, so all count against each.
 */
export function roomiestClique(
  candidate: CandidateFacts,
  gpusPerTask: number,
  wanted?: string,
): CliqueRoom | undefined {
  const missing = uncounted(candidate);
  const cliques = new Map<string, PoolFacts[]>();
  for (const pool of candidate.pools) {
    if (pool.clique === undefined || (wanted ?? pool.clique) !== pool.clique) continue;
    const members = cliques.get(pool.clique);
    if (members === undefined) cliques.set(pool.clique, [pool]);
    else members.push(pool);
  }
  const rooms = [...cliques].map(([clique, pools]) => {
    const held = sum(pools.map((pool) => pool.leased)) + missing;
    return { clique, tasks: tasksIn(pools, gpusPerTask, held, missing) };
  });
  // The name decides between equals, so the order of the pools doesn't.
  return rooms.sort((a, b) => b.tasks - a.tasks || (a.clique < b.clique ? -1 : 1))[0];
}

/** Healthy GPUs of the product that nobody holds; never below zero. */
export function freeGpus(candidate: CandidateFacts): number {
  const usable = sum(candidate.pools.map((pool) => pool.healthy - pool.used));
  return Math.max(0, usable - candidate.heldGpus);
}

/** Healthy GPUs of the product, free or not. */
export function healthyGpus(candidate: CandidateFacts): number {
  return sum(candidate.pools.map((pool) => pool.healthy));
}

/** Free GPUs of all nodes, as the provider last saw them; the hub may know of more or fewer. */
export function freeOnNodes(candidate: CandidateFacts): number {
  return sum(candidate.pools.flatMap((pool) => pool.nodeFree));
}

/** The most free GPUs on one node, as the provider last saw it. */
export function largestNode(candidate: CandidateFacts): number {
  return Math.max(0, ...candidate.pools.flatMap((pool) => pool.nodeFree));
}

function uncounted(candidate: CandidateFacts): number {
  const known = sum(candidate.pools.map((pool) => pool.leased));
  return Math.max(0, candidate.heldGpus - known);
}

function tasksIn(
  pools: readonly PoolFacts[],
  gpusPerTask: number,
  heldGpus: number,
  uncountedGpus: number,
): number {
  let usable = -heldGpus;
  let onNodes = -Math.ceil(uncountedGpus / gpusPerTask);
  for (const pool of pools) {
    usable += pool.healthy - pool.used;
    for (const free of pool.nodeFree) onNodes += Math.floor(free / gpusPerTask);
  }
  return Math.max(0, Math.min(Math.floor(usable / gpusPerTask), onNodes));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
