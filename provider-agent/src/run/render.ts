import { terminationSecondsOf, type WorkloadDocument } from '@gridlease/crds/workloadDocument';
import { type GPUSelection, nodesFor, tolerationsFor } from './affinity.ts';
import { type LeaseIdentity, taskLabels } from './labels.ts';
import { type Manifest, synthesise } from './manifests.ts';
import { taskName } from './names.ts';
import { copyingSeconds, outputParts } from './outputs.ts';

export type TaskInput = {
  readonly identity: LeaseIdentity;
  readonly namespace: string;
  readonly index: number;
  readonly document: WorkloadDocument;
  readonly gpus: GPUSelection;
  /** RuntimeClass for this isolation; undefined for the cluster's default. */
  readonly runtimeClassName: string | undefined;
  /** Image of what copies outputs away; undefined where the provider has none. */
  readonly uploaderImage?: string | undefined;
};

/**
 * The Job of one task. Everything in it is built from fields of the signed document, never passed
 * through: what isn't here, a tenant can't have. Pure; the same task gives the same text.
 */
export function renderTask(input: TaskInput): Manifest {
  const { identity, document, index } = input;
  const name = taskName({ ...identity, jobName: identity.job.name, index });
  const [job] = synthesise({ namespace: input.namespace, labels: taskLabels(identity, index) }, [
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name },
      spec: {
        completions: 1,
        parallelism: 1,
        // A failed task is the hub's to place again, maybe elsewhere.
        backoffLimit: 0,
        podReplacementPolicy: 'Failed',
        // Time to start, to run and to copy what was made. The agent shortens it to the running time alone once the
        // task has used that up; this is what holds when the agent is away.
        activeDeadlineSeconds:
          document.maxDurationSeconds! + document.startDeadlineSeconds + copyingSeconds(document),
        template: {
          metadata: { labels: taskLabels(identity, index) },
          spec: { restartPolicy: 'Never', ...podSpec(input) },
        },
      },
    },
  ]);
  return job!;
}

/** The pod of a task or a replica; `more` is what its one container has besides. */
export function podSpec(
  input: TaskInput,
  more: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const { document, gpus, runtimeClassName } = input;
  const outputs = outputParts(document, input.uploaderImage);
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: terminationSecondsOf(document),
    ...(runtimeClassName === undefined ? {} : { runtimeClassName }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: document.runAsUser,
      runAsGroup: document.runAsUser,
      fsGroup: document.runAsUser,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    affinity: {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: nodesFor(gpus, document) },
    },
    tolerations: tolerationsFor(gpus),
    ...(outputs.initContainers.length === 0 ? {} : { initContainers: outputs.initContainers }),
    containers: [
      {
        name: 'task',
        image: document.image,
        ...(document.command === undefined ? {} : { command: document.command }),
        ...(document.args === undefined ? {} : { args: document.args }),
        ...(document.workingDir === undefined ? {} : { workingDir: document.workingDir }),
        env: environment(input),
        resources: sameRequestsAndLimits({
          cpu: document.resources.cpu,
          memory: document.resources.memory,
          'ephemeral-storage': document.resources.ephemeralStorage,
          [gpus.resourceName]: String(document.gpu.count),
        }),
        securityContext: {
          allowPrivilegeEscalation: false,
          privileged: false,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [{ name: 'shared-memory', mountPath: '/dev/shm' }, ...outputs.mounts],
        ...more,
      },
    ],
    volumes: [
      {
        name: 'shared-memory',
        emptyDir: { medium: 'Memory', sizeLimit: document.resources.sharedMemory },
      },
      ...outputs.volumes,
    ],
  };
}

/** The tenant's variables, then the agent's: a name that both use is the agent's. */
function environment({ identity, document, index }: TaskInput): readonly unknown[] {
  const own = {
    JOB_COMPLETION_INDEX: String(index),
    GRIDLEASE_JOB_NAME: document.job.name,
    GRIDLEASE_JOB_NAMESPACE: document.job.namespace,
    GRIDLEASE_INDEX: String(index),
    ...(document.completions === undefined
      ? {}
      : { GRIDLEASE_COMPLETIONS: String(document.completions) }),
    GRIDLEASE_EPOCH: String(identity.epoch),
    // Under the name that programs look for; it rises with each attempt of the job's tasks.
    GRIDLEASE_ATTEMPT: String(identity.epoch),
    GRIDLEASE_PROVIDER: identity.providerName,
    ...(document.checkpointURI === undefined
      ? {}
      : { GRIDLEASE_CHECKPOINT_URI: document.checkpointURI }),
  };
  const theirs = document.env.filter((variable) => !(variable.name in own));
  return [...theirs, ...Object.entries(own).map(([name, value]) => ({ name, value }))];
}

function sameRequestsAndLimits(amounts: Readonly<Record<string, string>>): unknown {
  return { requests: { ...amounts }, limits: { ...amounts } };
}
