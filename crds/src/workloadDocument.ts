import { z } from 'zod';
import type { GPUJob } from './gpujob.ts';
import { maxDurationSecondsOf } from './jobDefaults.ts';

/** Version of the document. An agent refuses one it doesn't know instead of guessing. */
export const WORKLOAD_PROTOCOL_VERSION = 1;

const name = z.string().min(1).max(253);
const words = (max: number) => z.array(z.string().max(4096)).max(max);
const quantity = z
  .string()
  .regex(/^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/)
  .max(32);
const reserved =
  /^(LD_PRELOAD|LD_AUDIT|JOB_COMPLETION_INDEX|NVIDIA_VISIBLE_DEVICES|NVIDIA_DRIVER_CAPABILITIES|CUDA_.*MPS.*)$/;

const seconds = z.int().min(1).max(3_600);

/** One port of a service, with the check that decides whether a replica gets traffic through it. */
const servicePort = z.strictObject({
  name: z
    .string()
    .max(15)
    .regex(/^[a-z]([a-z0-9]|-[a-z0-9])*$/),
  port: z.int().min(1).max(65_535),
  probe: z
    .strictObject({
      path: z
        .string()
        .max(1024)
        .regex(/^\/[^ ]*$/),
      periodSeconds: seconds,
      timeoutSeconds: seconds,
      failureThreshold: z.int().min(1).max(100),
    })
    .optional(),
});

/** What is served; how many replicas there are is not in it, so that scaling changes no document. */
const service = z.strictObject({
  ports: z
    .array(servicePort)
    .min(1)
    .max(8)
    .refine((ports) => isUnique(ports.map((port) => port.name)), 'has a name twice')
    .refine((ports) => isUnique(ports.map(({ port }) => port)), 'has a port twice')
    .refine(
      (ports) => ports.filter(({ probe }) => probe !== undefined).length <= 1,
      'has a probe at more than one port',
    ),
});

const location = z
  .string()
  .max(1024)
  .regex(/^[a-z][a-z0-9+.-]*:\/\/[^ ]+$/);

/** A folder of its own: not the whole file system, and none that the container is made from. */
const outputPath = z
  .string()
  .max(1024)
  .regex(/^\/[^:]*$/)
  .refine(
    (path) => !path.split('/').includes('..') && !/^\/+(dev|proc|sys|etc)?(\/|$)/.test(path),
    'is no folder of the task’s own: write one such as /outputs',
  );

const fields = z.strictObject({
  protocolVersion: z.literal(WORKLOAD_PROTOCOL_VERSION),
  /** Whose it is; decides the tenant namespace at the provider. */
  job: z.strictObject({ namespace: name.max(63), name: name.max(63), uid: name.max(64) }),
  /** Number of tasks in the whole job, not in one lease; absent for a service. */
  completions: z.int().min(1).max(10_000).optional(),
  /** Absent for tasks that end. */
  service: service.optional(),
  image: z
    .string()
    .max(512)
    .regex(/^[a-zA-Z0-9][-a-zA-Z0-9._/:]*@sha256:[0-9a-f]{64}$/),
  command: words(64).optional(),
  args: words(256).optional(),
  env: z
    .array(
      z.strictObject({
        name: z
          .string()
          .max(128)
          .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
          .refine((value) => !reserved.test(value), 'is reserved'),
        value: z.string().max(4096),
      }),
    )
    .max(128)
    .refine((env) => isUnique(env.map((entry) => entry.name)), 'has a name twice'),
  workingDir: z
    .string()
    .max(1024)
    .regex(/^\/[^:]*$/)
    .optional(),
  runAsUser: z.int().min(1).max(2_147_483_647),
  resources: z.strictObject({
    cpu: quantity,
    memory: quantity,
    ephemeralStorage: quantity,
    sharedMemory: quantity,
  }),
  egress: z.enum(['None', 'Public']),
  allow: z
    .array(z.strictObject({ cidr: z.string().max(64), port: z.int().min(1).max(65_535) }))
    .max(32),
  gpu: z.strictObject({
    count: z.int().min(1).max(64),
    memoryMiB: z.int().min(1).optional(),
    /** The one NVLink domain that all tasks run in: the value of the node label nvidia.com/gpu.clique. */
    clique: z
      .string()
      .max(63)
      .regex(/^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/)
      .optional(),
  }),
  minIsolation: z.enum(['runc', 'gvisor', 'kata']),
  /** Longest billed time of one attempt of a task; absent only for a service without an end. */
  maxDurationSeconds: z.int().min(1).max(31_536_000).optional(),
  startDeadlineSeconds: z.int().min(10).max(86_400),
  /** Between SIGTERM and SIGKILL. */
  terminationGracePeriodSeconds: z.int().min(0).max(600),
  checkpointURI: location.optional(),
  /** Folders whose files are copied when the task has ended; absent when there are none. */
  outputs: z
    .array(z.strictObject({ path: outputPath, uri: location }))
    .min(1)
    .max(16)
    .refine((outputs) => isUnique(outputs.map(({ path }) => path)), 'has a path twice')
    .optional(),
});

/**
 * The canonical workload document that LeaseTerms.workloadHash commits to, as both sides read it: strict,
 * so that an unknown field is a refusal and never silently ignored. Its limits hold again here because an
 * agent trusts no hub to have checked them.
 */
export const workloadDocumentSchema = fields
  .refine(
    ({ completions, service: served }) => (completions === undefined) !== (served === undefined),
    'takes exactly one of completions and service',
  )
  .refine(
    ({ service: served, maxDurationSeconds }) =>
      served !== undefined || maxDurationSeconds !== undefined,
    'needs maxDurationSeconds: only a service may run without an end',
  );

export type WorkloadDocument = z.output<typeof workloadDocumentSchema>;

/**
 * The document of a job. Pure: equal specs give equal documents, so all leases of one job at one
 * provider share one LeaseWorkload. The caller canonicalises and hashes it. Fields that are refused at
 * admission (secretKeyRef, outputs of a service) must not reach it: env entries without a literal value throw.
 * `clique` is where gpu.locality SameClique has put the tasks: another one is another document.
 */
export function buildWorkloadDocument(
  job: GPUJob,
  { clique }: { readonly clique?: string | undefined } = {},
): WorkloadDocument {
  const { spec, metadata } = job;
  const { workload, gpu, outputs = [] } = spec;
  const maxDurationSeconds = maxDurationSecondsOf(spec);
  return workloadDocumentSchema.parse({
    protocolVersion: WORKLOAD_PROTOCOL_VERSION,
    job: { namespace: metadata.namespace, name: metadata.name, uid: metadata.uid },
    ...(spec.batch === undefined ? {} : { completions: spec.batch.completions }),
    ...(spec.service === undefined ? {} : { service: { ports: spec.service.ports } }),
    image: workload.image,
    ...(workload.command === undefined ? {} : { command: workload.command }),
    ...(workload.args === undefined ? {} : { args: workload.args }),
    env: (workload.env ?? []).map(({ name: key, value }) => ({ name: key, value })),
    ...(workload.workingDir === undefined ? {} : { workingDir: workload.workingDir }),
    runAsUser: workload.runAsUser,
    resources: workload.resources,
    egress: workload.egress,
    allow: workload.allow ?? [],
    gpu: {
      count: gpu.count,
      ...(gpu.memoryMiB === undefined ? {} : { memoryMiB: gpu.memoryMiB }),
      ...(clique === undefined ? {} : { clique }),
    },
    minIsolation: spec.placement.minIsolation,
    ...(maxDurationSeconds === undefined ? {} : { maxDurationSeconds }),
    startDeadlineSeconds: spec.runtime.startDeadlineSeconds,
    terminationGracePeriodSeconds: spec.failover.graceSeconds,
    ...(spec.failover.checkpointURI === undefined
      ? {}
      : { checkpointURI: spec.failover.checkpointURI }),
    ...(outputs.length === 0 ? {} : { outputs: outputs.map(({ path, uri }) => ({ path, uri })) }),
  });
}

/**
 * Seconds between SIGTERM and SIGKILL: never 0, for which Kubernetes forgets a pod at once and nobody
 * hears when its container has ended, while it still runs and has its GPUs.
 */
export function terminationSecondsOf(
  document: Pick<WorkloadDocument, 'terminationGracePeriodSeconds'>,
): number {
  return Math.max(1, document.terminationGracePeriodSeconds);
}

function isUnique(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}
