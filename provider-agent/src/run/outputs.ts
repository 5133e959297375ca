import { UPLOADER } from '@gridlease/crds/uploader';
import { terminationSecondsOf, type WorkloadDocument } from '@gridlease/crds/workloadDocument';
import type { TaskFailure } from './failure.ts';
import type { TaskJob, TaskPod } from './objects.ts';
import { cut } from './obstacle.ts';

/** What copying takes, and no more than that is counted beside what the task asked for. */
const amounts = { cpu: '100m', memory: '256Mi', 'ephemeral-storage': '64Mi' } as const;

type Outputs = NonNullable<WorkloadDocument['outputs']>;

/** What a pod has besides, for a task whose outputs are kept; nothing without any. */
export function outputParts(
  { outputs = [], env, resources }: Pick<WorkloadDocument, 'outputs' | 'env' | 'resources'>,
  uploaderImage: string | undefined,
): {
  readonly mounts: readonly object[];
  readonly volumes: readonly object[];
  readonly initContainers: readonly object[];
} {
  if (outputs.length === 0) return { mounts: [], volumes: [], initContainers: [] };
  if (uploaderImage === undefined) {
    throw new TypeError('a task with outputs was accepted, and there is no uploader for them');
  }
  const named = outputs.map((output, position) => ({ ...output, name: `output-${position}` }));
  const mounts = named.map(({ name, path }) => ({ name, mountPath: path }));
  const uploader = {
    name: UPLOADER,
    image: uploaderImage,
    // Starts before the task and is told to end after it: its node waits for it as for the task.
    restartPolicy: 'Always',
    env: [{ name: 'GRIDLEASE_OUTPUTS', value: listOf(outputs) }, ...credentials(env)],
    resources: { requests: { ...amounts }, limits: { ...amounts } },
    securityContext: {
      allowPrivilegeEscalation: false,
      privileged: false,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: mounts.map((mount) => ({ ...mount, readOnly: true })),
  };
  return {
    mounts,
    volumes: named.map(({ name }) => ({
      name,
      emptyDir: { sizeLimit: resources.ephemeralStorage },
    })),
    initContainers: [uploader],
  };
}

function listOf(outputs: Outputs): string {
  return JSON.stringify(outputs.map(({ path, uri }) => ({ path, uri })));
}

/** What the task itself would use to reach its store; nothing else of it is the uploader's business. */
function credentials(env: WorkloadDocument['env']): WorkloadDocument['env'] {
  return env.filter(({ name }) => name.startsWith('AWS_'));
}

/** How long copying may take once a task has ended, seconds: its node allows no more. 0 without outputs. */
export function copyingSeconds(
  document: Pick<WorkloadDocument, 'outputs' | 'terminationGracePeriodSeconds'>,
): number {
  return (document.outputs ?? []).length === 0 ? 0 : terminationSecondsOf(document);
}

/** How long the pod of a Job that is complete may stay away from the cache before it counts as gone. */
const lateMs = 60_000;

/**
 * How the copying went, for a task that succeeded: its Job says nothing of it. 'pending' while the
 * pod's last word isn't here yet.
 */
export function uploadOf(
  index: number,
  job: TaskJob,
  pods: readonly TaskPod[],
  nowMs: number,
): TaskFailure | 'done' | 'pending' {
  const failed = (why: string): TaskFailure => {
    const message = cut(`task ${index} succeeded, and its outputs could not be copied: ${why}`);
    return { index, reason: 'OutputUploadFailed', message };
  };
  const pod = pods.find(({ status }) => status?.phase === 'Succeeded');
  if (pod === undefined) {
    // One that was ended for its time, though its task had succeeded before, has no time of completion.
    const ended = job.status?.conditions?.find(({ type }) => type === 'Failed');
    const completedMs = Date.parse(job.status?.completionTime ?? ended?.lastTransitionTime ?? '');
    return nowMs - completedMs > lateMs ? failed('its pod is gone, nobody knows') : 'pending';
  }
  const status = pod.status?.initContainerStatuses?.find(({ name }) => name === UPLOADER);
  const ended = status?.state?.terminated;
  if (ended?.exitCode === 0) return 'done';
  if (ended?.exitCode === 137 && ended.reason !== 'OOMKilled') {
    return failed('it took longer than failover.graceSeconds: raise it, 600 is the most');
  }
  const said = ended?.message?.trim();
  return failed(said || (ended === undefined ? 'it never ran' : `exit code ${ended.exitCode}`));
}
