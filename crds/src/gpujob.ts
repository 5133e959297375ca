import {
  defineKind,
  type ObjectOf,
  type SpecInput,
  type SpecOf,
  type StatusOf,
} from './defineKind.ts';
import { flag, list, struct } from './fields.ts';
import { budget, failover, output, runtime } from './jobLimits.ts';
import { gpu, placement } from './jobPlacement.ts';
import { status } from './jobStatus.ts';
import { gpuJobs } from './resources.ts';
import { batch, service, workload } from './workload.ts';

const spec = struct(
  'What to run, on which GPUs, where, and for how much. Immutable but suspend, budget, placement, service.replicas and runtime.ttlSecondsAfterFinished.',
  {
    batch: batch.optional(),
    service: service.optional(),
    workload,
    gpu,
    placement: placement.prefault({}),
    budget,
    runtime: runtime.prefault({}),
    failover: failover.prefault({}),
    outputs: list(
      'Folders to keep: each starts empty, and when the task has ended its files are copied to uri; a task whose files can’t be copied has failed. At most failover.graceSeconds, unbilled, within what workload.egress and allow let out. Only for batch. Default: none.',
      output,
      {
        max: 16,
      },
    ).optional(),
    suspend: flag('true stops the tasks and places no new ones. Mutable. Default false.').default(
      false,
    ),
  },
  {
    rules: [
      {
        name: 'exactlyOneOfBatchAndService',
        rule: 'has(self.batch) != has(self.service)',
        message: 'spec takes exactly one of batch and service',
        messageExpression:
          "has(self.batch) ? 'spec has both batch and service: remove one of them' : 'spec has neither batch nor service: add batch: {} for tasks that end, or service for replicas that stay'",
      },
    ],
  },
);

/** A GPU job of a team: the one object that tenants write. */
export const gpuJob = defineKind({
  resource: gpuJobs,
  shortNames: ['gj'],
  cluster: 'hub',
  description:
    'GPUJob runs containers on GPUs of independent providers and pays for them second by second from a PaymentAccount. Written by tenants; the operator writes the status.',
  columns: [
    {
      name: 'State',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Succeeded")].reason',
      description: 'Why the job is where it is.',
    },
    {
      name: 'Provider',
      type: 'string',
      jsonPath: '.status.provider',
      description: 'Where it runs or ran.',
    },
    { name: 'Product', type: 'string', jsonPath: '.status.product', description: 'GPU product.' },
    {
      name: 'GPUs',
      type: 'integer',
      jsonPath: '.spec.gpu.count',
      description: 'GPUs of one task.',
    },
    {
      name: 'Done',
      type: 'string',
      jsonPath: '.status.tasks',
      description: 'Succeeded tasks of all tasks; of a service, ready replicas of all.',
    },
    {
      name: 'Cost',
      type: 'string',
      jsonPath: '.status.amount',
      description: 'Cost so far, in token units.',
    },
    {
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
      description: 'Time since creation.',
    },
    {
      name: 'Account',
      type: 'string',
      jsonPath: '.spec.budget.accountName',
      description: 'Who pays.',
      wide: true,
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Succeeded")].message',
      description: 'The same in words and figures.',
      wide: true,
    },
  ],
  selectableFields: ['.spec.budget.accountName', '.status.provider'],
  scale: {
    specReplicasPath: '.spec.service.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  },
  spec,
  status,
  rules: [
    {
      name: 'nameFitsLabel',
      rule: "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')",
      message:
        'metadata.name is too long or has a dot: write at most 63 lower-case letters, digits and -',
      messageExpression:
        "'metadata.name is \"' + self.metadata.name + '\": write at most 63 lower-case letters, digits and -, because it becomes a label'",
    },
  ],
});

export type GPUJob = ObjectOf<typeof gpuJob>;
export type GPUJobSpec = SpecOf<typeof gpuJob>;
export type GPUJobStatus = StatusOf<typeof gpuJob>;
/** What a person writes: fields with a default may be missing. */
export type GPUJobSpecInput = SpecInput<typeof gpuJob>;
/** One line of status.leases. */
export type GPUJobLeaseSummary = NonNullable<GPUJobStatus['leases']>[number];
