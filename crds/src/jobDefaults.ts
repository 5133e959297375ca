import type { GPUJobSpec } from './gpujob.ts';

/** Defaults that depend on other fields, so that the schema can't state them. */

/** Number of tasks; 0 for a service. */
export function completionsOf(spec: GPUJobSpec): number {
  return spec.batch?.completions ?? 0;
}

/** Tasks that run at the same time at most: batch.parallelism, else all; a service's replicas. */
export function parallelismOf(spec: GPUJobSpec): number {
  if (spec.batch === undefined) return spec.service?.replicas ?? 0;
  return Math.min(spec.batch.parallelism ?? spec.batch.completions, spec.batch.completions);
}

/** Longest billed time of one attempt in seconds: 86,400 for batch; undefined (none) for a service. */
export function maxDurationSecondsOf(spec: GPUJobSpec): number | undefined {
  return spec.runtime.maxDurationSeconds ?? (spec.batch === undefined ? undefined : 86_400);
}

/** Most replicas of a service: their leases must fit into the rows of one payment channel. */
export const MAX_REPLICAS = 256;

/** Number of tasks that exist at once in the whole job: batch.completions or service.replicas. */
export function tasksOf(spec: GPUJobSpec): number {
  return spec.service?.replicas ?? completionsOf(spec);
}

/** What happens when the provider can't reach the hub: Fence for batch, KeepRunning for a service. */
export function onDisconnectOf(spec: GPUJobSpec): 'Fence' | 'KeepRunning' {
  return spec.failover.onDisconnect ?? (spec.service === undefined ? 'Fence' : 'KeepRunning');
}
