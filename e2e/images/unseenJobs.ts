import { fileURLToPath } from 'node:url';
import type { GPUJobSpecInput } from '@gridlease/crds/gpujob';
import type { FailureReason } from '@gridlease/crds/reasons';
import { type BuiltImage, buildImage } from './buildImage.ts';
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

export type UnseenWorkload = {
  readonly name: string;
  readonly what: string;
  readonly job: JobManifest;
  /** All time in which the container runs is billed, however it ends: seconds of one task, at least and at most. */
  readonly billedSeconds: readonly [number, number];
} & ({ readonly end: BatchEnd } | { readonly life: ServiceLife });

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

/** One image for all of them. */
export const buildUnseenImage = (outDir: string): Promise<BuiltImage> =>
  buildImage({
    name: 'gridlease.test/unseen',
    base: 'node',
    files: { '/app/main.mjs': fileURLToPath(new URL('./unseen/main.mjs', import.meta.url)) },
    config: { entrypoint: ['/usr/local/bin/node', '/app/main.mjs'], workingDir: '/app' },
    outDir,
  });

/** Every byte there is, sixteen times, and a line of 40,000 bytes that are no text. */
const ALL_BYTES = Buffer.concat([
  Buffer.from(Array.from({ length: 4096 }, (_, i) => i % 256)),
  Buffer.alloc(40_000, 0xff),
  Buffer.from('\n'),
]);

type Resources = NonNullable<GPUJobSpecInput['workload']['resources']>;

/** Containers that no test of a single part has foreseen: ten that a cluster meets every day, and two cheats. */
export const unseenWorkloads = (options: UnseenOptions): readonly UnseenWorkload[] => {
  const { failAfterSeconds = 540, slowStartSeconds = 20 } = options;

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

  const http = { name: 'http', port: 8000, probe: { path: '/health', periodSeconds: 1 } };
  const completed = ['True', 'Completed'] as const;
  const failed = ['False', 'RetryLimitExceeded'] as const;

  return [
    {
      name: 'exit-code',
      what: 'a program that ends with 42',
      job: jobOf('exit-code', ['exit', '42']),
      billedSeconds: [0, 10],
      end: {
        succeeded: failed,
        message: /task 0 .*TaskFailed.*\b42\b/,
        exitCode: 42,
        log: /^ending with 42\n$/,
      },
    },
    {
      name: 'slow-start',
      what: `a service that listens only after ${slowStartSeconds} s`,
      job: serviceOf('slow-start', ['slow-start', String(slowStartSeconds)], [http]),
      billedSeconds: [slowStartSeconds, 3_600],
      life: {
        readyReplicas: 1,
        notReadyBefore: slowStartSeconds,
        answers: { 8000: { status: 200, text: 'ready at last\n' } },
      },
    },
    {
      name: 'no-output',
      what: 'a program without a word',
      job: jobOf('no-output', ['silent']),
      billedSeconds: [0, 10],
      end: { succeeded: completed, message: /succeeded/, exitCode: 0, log: Buffer.alloc(0) },
    },
    {
      name: 'binary-output',
      what: 'a program that prints bytes that are no text, in very long lines',
      job: jobOf('binary-output', ['binary']),
      billedSeconds: [0, 10],
      end: { succeeded: completed, message: /succeeded/, exitCode: 0, log: ALL_BYTES },
    },
    {
      name: 'forks',
      what: 'a program whose grandchildren would run for ever',
      job: jobOf('forks', ['forks', '4'], { resources: { memory: '512Mi' } }),
      billedSeconds: [0, 30],
      end: {
        succeeded: completed,
        message: /succeeded/,
        exitCode: 0,
        log: /^4 children ended, their own live on\n$/,
      },
    },
    {
      name: 'memory-hog',
      what: 'a program that takes more memory than it may',
      job: jobOf('memory-hog', ['memory'], { resources: { memory: '128Mi' } }),
      billedSeconds: [0, 30],
      end: {
        succeeded: ['False', 'OutOfMemory'],
        message: /OutOfMemory.*workload\.resources\.memory/,
        exitCode: 137,
        log: /took 8 MiB\n/,
      },
    },
    {
      name: 'ignores-sigterm',
      what: 'a program that runs too long and does not heed SIGTERM',
      job: jobOf('ignores-sigterm', ['ignore-sigterm'], {
        runtime: { maxDurationSeconds: 10 },
        failover: { graceSeconds: 3 },
      }),
      billedSeconds: [8, 20],
      end: {
        succeeded: ['False', 'DeadlineExceeded'],
        message: /DeadlineExceeded.*runtime\.maxDurationSeconds/,
      },
    },
    {
      name: 'one-gigabyte',
      what: 'a program that writes 1 GB and has room for it',
      job: jobOf('one-gigabyte', ['disk', '1024'], { resources: { ephemeralStorage: '2Gi' } }),
      billedSeconds: [0, 60],
      end: { succeeded: completed, message: /succeeded/, exitCode: 0, log: /^wrote 1024 MiB\n$/ },
    },
    {
      name: 'one-gigabyte-too-much',
      what: 'a program that writes 1 GB where it may write 256 MiB',
      job: jobOf('one-gigabyte-too-much', ['disk', '1024'], {
        resources: { ephemeralStorage: '256Mi' },
        stay: 120,
      }),
      billedSeconds: [0, 120],
      end: {
        succeeded: ['False', 'OutOfEphemeralStorage'],
        message: /OutOfEphemeralStorage.*workload\.resources\.ephemeralStorage/,
      },
    },
    {
      name: 'shared-memory',
      what: 'a program that needs more shared memory than a container has by default',
      job: jobOf('shared-memory', ['shared-memory', '96'], {
        resources: { memory: '512Mi', sharedMemory: '128Mi' },
      }),
      billedSeconds: [0, 20],
      end: {
        succeeded: completed,
        message: /succeeded/,
        exitCode: 0,
        log: /wrote and read 96 MiB of shared memory: the same\n$/,
      },
    },
    {
      name: 'two-ports',
      what: 'a service with two ports',
      job: serviceOf('two-ports', ['two-ports'], [http, { name: 'metrics', port: 9000 }]),
      billedSeconds: [1, 3_600],
      life: {
        readyReplicas: 1,
        answers: {
          8000: { status: 200, text: 'this is port 8000\n' },
          9000: { status: 200, text: 'this is port 9000\n' },
        },
      },
    },
    {
      name: 'never-ready',
      what: 'a cheat: a service that runs and says for ever that it is not ready',
      job: serviceOf('never-ready', ['never-ready'], [http]),
      billedSeconds: [1, 3_600],
      life: { readyReplicas: 0, answers: { 8000: { status: 503, text: 'not yet\n' } } },
    },
    {
      name: 'late-failure',
      what: `a cheat: a program that works for ${failAfterSeconds} s and then exits with 1`,
      job: jobOf('late-failure', ['fail-after', String(failAfterSeconds)]),
      billedSeconds: [failAfterSeconds - 1, failAfterSeconds + 10],
      end: {
        succeeded: failed,
        message: /task 0 .*TaskFailed.*\b1\b/,
        exitCode: 1,
        log: /and fails\n$/,
      },
    },
  ];
};
