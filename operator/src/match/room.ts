import {
  type CliqueRoom,
  freeGpus,
  freeOnNodes,
  freeTasks,
  healthyGpus,
  largestNode,
  roomiestClique,
} from './capacity.ts';
import { type Candidate, nounOf, type Query, shareLeft } from './query.ts';
import { counted } from './text.ts';

/** Tasks that fit now, wherever at the provider. */
export function capacityAt(at: Candidate, { job }: Query): number {
  return freeTasks(large(at, job.memoryMiB), job.gpuCount);
}

/** Tasks that fit now as close together as the job asks for. */
export function roomTogether(at: Candidate, query: Query): number {
  return query.job.locality === 'SameClique'
    ? (cliqueAt(at, query)?.tasks ?? 0)
    : capacityAt(at, query);
}

/** Where there the tasks of a job with gpu.locality SameClique go, and for how many there is room. */
export function cliqueAt(at: Candidate, { job }: Query): CliqueRoom | undefined {
  if (job.locality !== 'SameClique') return undefined;
  return roomiestClique(large(at, job.memoryMiB), job.gpuCount, job.cliqueInUse);
}

function large(at: Candidate, memoryMiB: number): Candidate {
  if (at.pools.every((pool) => pool.memoryMiB >= memoryMiB)) return at;
  return { ...at, pools: at.pools.filter((pool) => pool.memoryMiB >= memoryMiB) };
}

/** Tasks that may be placed there at once, by the offer's limit for a lease and the provider's share. */
export function mostTasks(at: Candidate, query: Query): number {
  if (query.job.service !== undefined) return shareLeft(query, at.provider);
  return Math.min(Math.floor(at.maxGpus / query.job.gpuCount), shareLeft(query, at.provider));
}

/** "alpha has all 3 tasks that placement.maxProviderSharePercent 50 allows". */
export function shareText({ provider }: Candidate, query: Query): string {
  const { maxProviderSharePercent: percent } = query.job;
  const atOnce = query.shareLimit < query.lifeLimit ? ` (${query.shareLimit} at once)` : '';
  return `${provider} has all ${counted(query.lifeLimit, nounOf(query))}${atOnce} that placement.maxProviderSharePercent ${percent} allows`;
}

/** "alpha has 3 free of 12 H100, at most 2 on one node". */
export function roomText(at: Candidate): string {
  if (at.inventoryMs === undefined) return `${at.provider} has not reported its GPUs yet`;
  // GPUs of leases that have just ended are no room before the provider's nodes say so.
  const free = Math.min(freeGpus(at), freeOnNodes(at));
  const spread = free > 0 ? `, at most ${Math.min(free, largestNode(at))} on one node` : '';
  return `${at.provider} has ${free} free of ${healthyGpus(at)} ${at.product}${spread}`;
}
