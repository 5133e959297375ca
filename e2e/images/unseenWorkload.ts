import type { GPUJobSpecInput } from '@gridlease/crds/gpujob';
import type { FailureReason } from '@gridlease/crds/reasons';
import type { JobManifest } from './fillJob.ts';

/** How a workload ends, as somebody who knows Kubernetes would expect. */
export type BatchEnd = {
  /** Status and reason of the GPUJob's Succeeded condition. */
  readonly succeeded: readonly [
    'True' | 'False',
    'Completed' | 'RetryLimitExceeded' | FailureReason,
  ];
  /** What its message says: the task's own reason, and what to do. */
  readonly message: RegExp;
  /** Of the container; undefined where the kubelet takes the pod away and says none. */
  readonly exitCode?: number;
  /** What is left of the log; undefined where it doesn't matter. */
  readonly log?: Buffer | RegExp;
};

/** What a service does until it is deleted. */
export type ServiceLife = {
  readonly readyReplicas: 0 | 1;
  /** Seconds after its container started before which it must not be ready. */
  readonly notReadyBefore?: number;
  /** What each of its ports answers to GET /. */
  readonly answers: Readonly<Record<number, { readonly status: number; readonly text: string }>>;
};

type Workload = {
  readonly name: string;
  readonly what: string;
  readonly job: JobManifest;
  /** All time in which the container runs is billed, however it ends: seconds of one task, at least and at most. */
  readonly billedSeconds: readonly [number, number];
};

export type BatchWorkload = Workload & { readonly end: BatchEnd };
export type ServiceWorkload = Workload & { readonly life: ServiceLife };
export type UnseenWorkload = BatchWorkload | ServiceWorkload;

export type UnseenOptions = {
  /** Of the image that buildUnseenImage has made. */
  readonly reference: string;
  readonly namespace: string;
  readonly accountName: string;
  readonly products: readonly string[];
  /** How long the late failure works. Default 540. */
  readonly failAfterSeconds?: number;
  /** How long the slow start takes. Default 20. */
  readonly slowStartSeconds?: number;
};

type Resources = NonNullable<GPUJobSpecInput['workload']['resources']>;

/** Makes the jobs of the unseen image, each with one task or one replica on one GPU. */
export function unseenJobMaker(options: UnseenOptions) {
  const jobOf = (
    name: string,
    args: readonly string[],
    more: Partial<GPUJobSpecInput> & {
      readonly resources?: Resources;
      readonly stay?: number;
    } = {},
  ): JobManifest => {
    const { resources, stay, ...spec } = more;
    return {
      apiVersion: 'gridlease.dev/v1alpha1',
      kind: 'GPUJob',
      metadata: { name, namespace: options.namespace },
      spec: {
        // Once only: what is asked is how one attempt ends.
        ...(spec.service === undefined ? { batch: { completions: 1, retryLimit: 0 } } : {}),
        workload: {
          image: options.reference,
          args: [...args],
          runAsUser: 1000,
          ...(stay === undefined ? {} : { env: [{ name: 'STAY_SECONDS', value: String(stay) }] }),
          resources: {
            cpu: '200m',
            memory: '256Mi',
            ephemeralStorage: '64Mi',
            sharedMemory: '16Mi',
            ...resources,
          },
        },
        gpu: { count: 1, products: [...options.products] },
        budget: { accountName: options.accountName, maxTotal: '5.00' },
        failover: { graceSeconds: 5 },
        ...spec,
      },
    };
  };
  const serviceOf = (
    name: string,
    args: readonly string[],
    ports: NonNullable<GPUJobSpecInput['service']>['ports'],
  ): JobManifest => jobOf(name, args, { service: { replicas: 1, ports } });
  return { jobOf, serviceOf };
}

export type UnseenJobMaker = ReturnType<typeof unseenJobMaker>;
