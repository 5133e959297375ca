import type { z } from 'zod';
import {
  defineKind,
  type ObjectOf,
  type SpecInput,
  type SpecOf,
  type StatusOf,
} from './defineKind.ts';
import {
  choice,
  conditions,
  flag,
  indexSet,
  integer,
  list,
  objectName,
  observedGeneration,
  reason,
  struct,
  text,
  time,
  tokenUnits,
  uint64,
} from './fields.ts';
import { gpuJobs } from './resources.ts';
import {
  absolutePath,
  locationOf,
  money,
  nameOf,
  providerNameOf,
  writtenAs,
} from './userFields.ts';
import { batch, service, workload } from './workload.ts';

const gpu = struct('The GPUs that each task gets. Immutable.', {
  count: integer('GPUs of one task, all on one node.', { min: 1, max: 64 }),
  products: list(
    'Acceptable products, any of them: "H100" also matches H100-80GB-HBM3. MIG and shared variants only when named in full. Default: any product.',
    writtenAs('gpu.products', 'One product, such as H100 or RTX-4090.', {
      maxLength: 63,
      pattern: '^[A-Za-z0-9][-A-Za-z0-9._ ]*$',
      remedy: 'write a product such as H100, L40S or RTX-4090: letters, digits, . _ - and spaces',
    }),
    { max: 16, unique: true },
  ).optional(),
  memoryMiB: integer('Least memory of each GPU, in MiB. Default: any.', {
    min: 1,
    max: 16_777_216,
  }).optional(),
  locality: choice(
    'Any: tasks may be spread over providers. SameProvider, SameClique: all tasks together at one provider, or in one NVLink domain. Default Any.',
    ['Any', 'SameProvider', 'SameClique'],
  ).default('Any'),
});

const providers = struct(
  'Providers by name.',
  {
    allow: list('Only these. Default: all.', providerNameOf('providers.allow', 'A GPUProvider.'), {
      max: 64,
      unique: true,
    }).optional(),
    deny: list('Never these. Default: none.', providerNameOf('providers.deny', 'A GPUProvider.'), {
      max: 64,
      unique: true,
    }).optional(),
  },
  {
    rules: [
      {
        name: 'providersNotAllowedAndDenied',
        rule: '!has(self.allow) || !has(self.deny) || !self.allow.exists(name, name in self.deny)',
        message: 'placement.providers allows and denies the same provider: remove it from one list',
        messageExpression:
          "'placement.providers allows and denies ' + self.allow.filter(name, name in self.deny)[0] + ': remove it from allow or from deny'",
      },
    ],
  },
);

const placement = struct('Where tasks may run. Mutable: holds for attempts placed afterwards.', {
  regions: list(
    'Regions of GPUProvider.spec.region, any of them. Default: all.',
    writtenAs('placement.regions', 'One region, such as eu-central.', {
      maxLength: 63,
      pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
      remedy: 'write lower-case letters, digits and -, such as eu-central',
    }),
    { max: 64, unique: true },
  ).optional(),
  jurisdictions: list(
    'Countries of GPUProvider.spec.jurisdiction, any of them. Default: all.',
    writtenAs('placement.jurisdictions', 'Two-letter ISO 3166 country code, such as DE.', {
      maxLength: 8,
      pattern: '^[A-Z]{2}$',
      remedy: 'write the two capital letters of an ISO 3166 country, such as DE',
    }),
    { max: 64, unique: true },
  ).optional(),
  providers: providers.optional(),
  minTrustTier: integer('Least trust tier of the provider, 0 to 3. Default 0.', {
    min: 0,
    max: 3,
  }).default(0),
  maxProviderSharePercent: integer(
    'Share of the tasks that one provider may run at most, in percent. Default 100.',
    { min: 1, max: 100 },
  ).default(100),
  minIsolation: choice(
    'Weakest acceptable container isolation: runc, gvisor or kata, in rising strength. Default runc.',
    ['runc', 'gvisor', 'kata'],
  ).default('runc'),
});

const budget = struct('Who pays, and how much at most. Mutable.', {
  accountName: nameOf('budget.accountName', 'PaymentAccount in the same namespace that pays.'),
  maxPricePerGPUHour: money(
    'budget.maxPricePerGPUHour',
    'Dearest acceptable price of one GPU for one hour. Default: any price.',
  ).optional(),
  maxTotal: money(
    'budget.maxTotal',
    'Most that the whole job may cost, all attempts together. Default: bounded by the account only.',
  ).optional(),
});

const runtime = struct('How long things may take.', {
  maxDurationSeconds: integer(
    'Longest billed running time of one attempt of a task, in seconds; then it is stopped and failed. Immutable. Default 86400 for batch, none for service.',
    { min: 1, max: 31_536_000 },
  ).optional(),
  startDeadlineSeconds: integer(
    'Longest time a lease may hold GPUs before its containers run, in seconds; then it ends unbilled and the tasks are placed elsewhere. Immutable. Default 900.',
    { min: 10, max: 86_400 },
  ).default(900),
  ttlSecondsAfterFinished: integer(
    'Seconds after which a finished job is deleted. Mutable. Default: never.',
    { min: 0, max: 31_536_000 },
  ).optional(),
});

const failover = struct('What happens when a provider can’t be reached. Immutable.', {
  onDisconnect: choice(
    'Fence: the provider kills the tasks, the hub replaces them. KeepRunning: they go on, no replacement until the provider is back. Default Fence for batch, KeepRunning for service.',
    ['Fence', 'KeepRunning'],
  ).optional(),
  checkpointURI: locationOf(
    'failover.checkpointURI',
    'Where tasks keep their checkpoint.',
  ).optional(),
  graceSeconds: integer('Seconds between SIGTERM and SIGKILL when a task is stopped. Default 60.', {
    min: 0,
    max: 600,
  }).default(60),
});

const output = struct('One folder that is kept after a task ended.', {
  path: absolutePath('outputs.path', 'Folder in the container.'),
  uri: locationOf('outputs.uri', 'Where it is copied to.'),
  secretName: nameOf('outputs.secretName', 'Secret with the credentials of uri.').optional(),
});

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
      'Folders to keep. Refused with reason FieldNotSupported until available.',
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

const leaseSummary = struct('One attempt of some of the tasks at one provider.', {
  name: objectName('Name of the GPULease.'),
  namespace: objectName('Its namespace.'),
  providerName: objectName('The GPUProvider.'),
  product: text('GPU product.', { maxLength: 63 }),
  epoch: integer('Fencing epoch of the attempt.', { min: 1, max: 4_294_967_295 }),
  attempt: integer('0 for the first attempt of these tasks.', { min: 0, max: 4_294_967_295 }),
  indexes: indexSet('Tasks in the lease, such as "0-3,7".'),
  state: reason('Where the lease stands: the reason of its latest condition.'),
  gpuCount: integer('GPUs held at most.', { min: 0, max: 640_000 }),
  pricePerGPUHour: tokenUnits('Agreed price of one GPU for one hour, in token units.'),
  gpuMilliseconds: uint64('Billed GPU time, in milliseconds.'),
  amount: tokenUnits('Cost so far, in token units.'),
});

const status = struct('What became of the job. Written by the operator.', {
  observedGeneration: observedGeneration().optional(),
  conditions: conditions(['Admitted', 'Placed', 'Succeeded']).optional(),
  epoch: integer('Last fencing epoch used; 0 before the first placement.', {
    min: 0,
    max: 4_294_967_295,
  }).optional(),
  provider: text('Providers that run or ran tasks, separated by commas.', {
    maxLength: 1024,
  }).optional(),
  product: text('GPU products in use, separated by commas.', { maxLength: 1024 }).optional(),
  tasks: text('Succeeded tasks of all tasks, such as "7/12".', { maxLength: 32 }).optional(),
  active: integer('Tasks whose containers run now.', { min: 0, max: 10_000 }).optional(),
  succeeded: integer('Tasks that ended with exit code 0.', { min: 0, max: 10_000 }).optional(),
  failed: integer('Tasks that failed for good.', { min: 0, max: 10_000 }).optional(),
  completedIndexes: indexSet('Tasks that succeeded.').optional(),
  failedIndexes: indexSet('Tasks that failed for good.').optional(),
  gpuMilliseconds: uint64('Billed GPU time of all attempts, in milliseconds.').optional(),
  amount: tokenUnits('Cost of all attempts so far, in token units.').optional(),
  startTime: time('When the first container ran.').optional(),
  completionTime: time('When the last task ended.').optional(),
  leases: list('The attempts, oldest first.', leaseSummary, { max: 256 }).optional(),
});

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
      description: 'Succeeded tasks of all tasks.',
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
export type GPUJobLeaseSummary = z.output<typeof leaseSummary>;
