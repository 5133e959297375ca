import { count, parseIndexes } from '@gridlease/crds/indexes';
import { MAX_REPLICAS } from '@gridlease/crds/jobDefaults';
import type { TermsInput } from './facts.ts';
import { type Policy, refuse } from './policy.ts';

/** Whether the tasks and the workload are what was signed, and fit to run here. */
export const workloadPolicies: readonly Policy<TermsInput>[] = [
  {
    name: 'the workload that was signed',
    check: ({ workload, terms, lease }) => {
      if (!workload.found) {
        return refuse('WorkloadInvalid', `there is no LeaseWorkload ${lease.spec.workloadName}`);
      }
      if (workload.hash !== terms.workloadHash) {
        return refuse(
          'WorkloadInvalid',
          `the workload hashes to ${workload.hash}, the terms commit to ${terms.workloadHash}`,
        );
      }
      if (workload.document === undefined) return refuse('WorkloadInvalid', workload.problem);
      const { job, gpu } = workload.document;
      const { namespace, name, uid } = lease.spec.jobRef;
      if (job.namespace !== namespace || job.name !== name || job.uid !== uid) {
        return refuse(
          'WorkloadInvalid',
          `the workload is of job ${job.namespace}/${job.name}, the lease of ${namespace}/${name}`,
        );
      }
      return gpu.count === lease.spec.tasks.gpusPerTask
        ? undefined
        : refuse(
            'WorkloadInvalid',
            `a task of the workload has ${gpu.count} GPUs, of the lease ${lease.spec.tasks.gpusPerTask}`,
          );
    },
  },
  {
    name: 'tasks that add up',
    check: ({ lease, terms, workload }) => {
      const { indexes, parallelism, gpusPerTask } = lease.spec.tasks;
      const total = countOf(indexes);
      if (total === undefined || total === 0) {
        return refuse('TermsInvalid', `task indexes "${indexes.slice(0, 64)}" are not valid`);
      }
      if (parallelism > total) {
        return refuse('TermsInvalid', `parallelism is ${parallelism} for ${total} tasks`);
      }
      const gpus = parallelism * gpusPerTask;
      if (terms.gpuCount !== gpus) {
        return refuse(
          'TermsInvalid',
          `the terms hold ${terms.gpuCount} GPUs, ${parallelism} tasks of ${gpusPerTask} need ${gpus}`,
        );
      }
      const document = workload.found ? workload.document : undefined;
      const last = parseIndexes(indexes).at(-1)!;
      const most = document?.completions ?? MAX_REPLICAS;
      return document !== undefined && last >= most
        ? refuse('TermsInvalid', `task ${last} is not one of ${most} tasks`)
        : undefined;
    },
  },
  {
    name: 'one replica of a service',
    check: ({ lease, workload }) => {
      const { indexes, parallelism } = lease.spec.tasks;
      const isService = workload.found && workload.document?.service !== undefined;
      if (!isService) return undefined;
      return parallelism === 1 && countOf(indexes) === 1
        ? undefined
        : refuse(
            'TermsInvalid',
            `a lease of a service holds one replica, this one "${indexes.slice(0, 64)}"`,
          );
    },
  },
  {
    // Who offers GPUs for a limited time never gets here with it: see 'a duration that is offered'.
    name: 'no lease without an end for work that has one',
    check: ({ terms, workload }) => {
      const document = workload.found ? workload.document : undefined;
      return terms.maxSeconds > 0 || document?.maxDurationSeconds === undefined
        ? undefined
        : refuse(
            'TermsInvalid',
            `the terms have no maxSeconds, the workload runs for at most ${document.maxDurationSeconds} s`,
          );
    },
  },
  {
    name: 'no destination that the provider keeps closed',
    check: ({ closedDestinations }) =>
      closedDestinations.length === 0
        ? undefined
        : refuse(
            'WorkloadInvalid',
            `workload.allow names ${closedDestinations.slice(0, 8).join(', ')}: ` +
              'private networks of the provider are not reachable',
          ),
  },
  {
    name: 'isolation that the cluster has',
    check: ({ workload, isolationClasses }) => {
      const wanted = workload.found ? workload.document?.minIsolation : undefined;
      return wanted === undefined || isolationIn(isolationClasses, wanted)
        ? undefined
        : refuse('IsolationUnsupported', `needs ${wanted}, has ${isolationClasses.join(', ')}`);
    },
  },
  {
    name: 'outputs that somebody copies',
    check: ({ workload, canCopyOutputs }) => {
      const outputs = (workload.found && workload.document?.outputs) || [];
      return outputs.length === 0 || canCopyOutputs
        ? undefined
        : refuse(
            'OutputsUnsupported',
            'the job has outputs, and the provider has configured nothing to copy them',
          );
    },
  },
];

const strengths = ['runc', 'gvisor', 'kata'];

/** Whether some class on offer is at least as strong as the one wanted. */
function isolationIn(offered: readonly string[], wanted: string): boolean {
  return offered.some((name) => strengths.indexOf(name) >= strengths.indexOf(wanted));
}

function countOf(indexes: string): number | undefined {
  try {
    return count(indexes) > 10_000 ? undefined : count(indexes);
  } catch {
    // Malformed ranges come from a hub that ignored its own schema.
    return undefined;
  }
}
