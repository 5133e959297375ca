import type { GPUJob } from '@gridlease/crds/gpujob';
import { updateStatus } from '@gridlease/kube/apply';
import type { Timers } from '@gridlease/kube/clock';
import type { Informer } from '@gridlease/kube/informer';
import type { ResourceClient } from '@gridlease/kube/resources';

type Mutate = (current: GPUJob) => NonNullable<GPUJob['status']>;

type Batch = {
  readonly mutations: Mutate[];
  readonly written: Promise<GPUJob>;
};

/** Writes what a stage has to say on a job; resolves with the job as it is afterwards. */
export type WriteJobStatus = (job: GPUJob, mutate: Mutate) => Promise<GPUJob>;

type Options = {
  readonly client: ResourceClient<GPUJob>;
  readonly informer: Informer<GPUJob>;
  readonly timers: Timers;
  /** Last word on every write: what must agree with the rest. */
  readonly follow: (before: GPUJob, after: GPUJob) => GPUJob;
  /** How long a write waits for those of other stages, milliseconds. Default: 30. */
  readonly windowMs?: number;
};

/**
 * Three stages write on one job, each its own fields, often within milliseconds of each other. One
 * PUT carries what they have to say: fewer writes, and no conflicts of the operator with itself.
 */
export function jobStatusWriter(options: Options): WriteJobStatus {
  const { client, informer, timers, follow, windowMs = 30 } = options;
  const batches = new Map<string, Batch>();
  const flush = async (job: GPUJob, mutations: readonly Mutate[]): Promise<GPUJob> => {
    await new Promise<void>((resolve) => {
      timers.after(windowMs, resolve);
    });
    batches.delete(job.metadata.uid!);
    return updateStatus({
      client,
      informer,
      object: job,
      fieldManager: 'gridlease-operator',
      mutate: (current) => {
        let job = current;
        for (const mutate of mutations) job = { ...job, status: mutate(job) };
        return inOrder(follow(current, job));
      },
    });
  };
  return (job, mutate) => {
    const known = batches.get(job.metadata.uid!);
    if (known !== undefined) {
      known.mutations.push(mutate);
      return known.written;
    }
    const mutations = [mutate];
    const written = flush(job, mutations);
    batches.set(job.metadata.uid!, { mutations, written });
    return written;
  };
}

/** The conditions in the order in which they come true, whoever wrote first. */
function inOrder({ status }: GPUJob): GPUJob['status'] {
  if (status?.conditions === undefined) return status;
  const order = ['Admitted', 'Placed', 'Succeeded'];
  const conditions = [...status.conditions].sort(
    (a, b) => order.indexOf(a.type) - order.indexOf(b.type),
  );
  return { ...status, conditions };
}
