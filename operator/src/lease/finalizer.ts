import type { GPUJob } from '@gridlease/crds/gpujob';
import { FINALIZER_LEASES } from '@gridlease/crds/labels';
import { ensureFinalizer, releaseFinalizer } from '@gridlease/kube/apply';
import type { Informer } from '@gridlease/kube/informer';
import type { ResourceClient } from '@gridlease/kube/resources';

const fieldManager = 'gridlease-lease';

type Jobs = { readonly client: ResourceClient<GPUJob>; readonly informer: Informer<GPUJob> };

/**
 * Puts the finalizer on a job: before the first record, so that nothing is ever made elsewhere for a
 * job that could vanish without a trace. Returns the job with it.
 */
export function holdJob(jobs: Jobs, job: GPUJob, signal: AbortSignal): Promise<GPUJob> {
  return ensureFinalizer({
    ...jobs,
    object: job,
    finalizer: FINALIZER_LEASES,
    fieldManager,
    signal,
  });
}

/** Lets a deleted job go. */
export function releaseJob(jobs: Jobs, job: GPUJob, signal: AbortSignal): Promise<GPUJob> {
  return releaseFinalizer({
    ...jobs,
    object: job,
    finalizer: FINALIZER_LEASES,
    fieldManager,
    signal,
  });
}
