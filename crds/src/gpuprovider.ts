import {
  defineKind,
  type ObjectOf,
  type SpecInput,
  type SpecOf,
  type StatusOf,
} from './defineKind.ts';
import {
  address,
  conditions,
  flag,
  integer,
  objectName,
  observedGeneration,
  struct,
  text,
} from './fields.ts';
import { gpuProviders } from './resources.ts';
import { writtenAddress, writtenAs } from './userFields.ts';

const spec = struct('Who the provider is, and whether this hub uses it. Written by a hub admin.', {
  address: writtenAddress('address', 'Address that owns the provider and is paid. Set once.', [
    {
      name: 'addressIsSetOnce',
      rule: 'self == oldSelf',
      message: 'address is set once: channels and grants are bound to it; create a new GPUProvider',
      messageExpression:
        "'address can\\'t change from ' + oldSelf + ' to ' + self + ': channels and grants are bound to it; create a new GPUProvider'",
    },
  ]),
  hubAccepted: flag('true lets the agent in and its offers compete. Default false.').default(false),
  suspended: flag('true stops its leases and places no new ones. Default false.').default(false),
  unschedulable: flag('true places no new leases; those that run go on. Default false.').default(
    false,
  ),
  abandoned: struct(
    'Set it to give a provider up that is gone for good: its agent loses its rights, its leases count as lost at once and their tasks are placed elsewhere. Remove it to let the provider back; what was lost stays lost.',
    {
      reason: text('Why, for whoever asks later; it is kept on every lease that is lost by it.', {
        minLength: 1,
        maxLength: 1024,
      }),
    },
  ).optional(),
  region: writtenAs('region', 'Where its GPUs are, such as eu-central; jobs select by it.', {
    maxLength: 63,
    pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
    remedy: 'write lower-case letters, digits and -, such as eu-central',
  }),
  jurisdiction: writtenAs(
    'jurisdiction',
    'Country whose law holds, ISO 3166 alpha-2, such as DE.',
    {
      maxLength: 8,
      pattern: '^[A-Z]{2}$',
      remedy: 'write the two capital letters of an ISO 3166 country, such as DE',
    },
  ),
});

const status = struct('How the provider does. Written by the operator.', {
  observedGeneration: observedGeneration().optional(),
  namespace: objectName('Its namespace in this hub.').optional(),
  agentAddress: address('Address of the agent whose grant and offers are valid.').optional(),
  gpus: text('Free GPUs of all healthy ones, such as "12/20".', { maxLength: 32 }).optional(),
  products: text('Products on offer, separated by commas.', { maxLength: 1024 }).optional(),
  trustTier: integer('Trust earned by checks, 0 to 3.', { min: 0, max: 3 }).optional(),
  reputation: text('Share of leases kept, from 0 to 1, as a decimal string.', {
    maxLength: 16,
    pattern: /^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)$/,
  }).optional(),
  stake: text('Stake on the registry, in token units.', {
    maxLength: 42,
    pattern: /^(0|[1-9][0-9]{0,22})(\.[0-9]{1,18})?$/,
  }).optional(),
  conditions: conditions(['Joined', 'Accepted', 'Ready', 'OffersValid', 'Replaceable']).optional(),
});

/** An independent owner of GPUs. */
export const gpuProvider = defineKind({
  resource: gpuProviders,
  shortNames: ['gp'],
  cluster: 'hub',
  description:
    'GPUProvider is an independent owner of GPUs that this hub may place jobs at. Written by a hub admin; the operator writes the status.',
  columns: [
    {
      name: 'State',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
      description: 'Whether it takes leases, or why not.',
    },
    {
      name: 'GPUs',
      type: 'string',
      jsonPath: '.status.gpus',
      description: 'Free GPUs of all healthy ones.',
    },
    {
      name: 'Products',
      type: 'string',
      jsonPath: '.status.products',
      description: 'Products on offer.',
    },
    {
      name: 'Region',
      type: 'string',
      jsonPath: '.spec.region',
      description: 'Where its GPUs are.',
    },
    {
      name: 'Jurisdiction',
      type: 'string',
      jsonPath: '.spec.jurisdiction',
      description: 'Whose law holds.',
    },
    {
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
      description: 'Time since creation.',
    },
    {
      name: 'Accepted',
      type: 'boolean',
      jsonPath: '.spec.hubAccepted',
      description: 'Let in by an admin.',
      wide: true,
    },
    {
      name: 'Address',
      type: 'string',
      jsonPath: '.spec.address',
      description: 'Address that is paid.',
      wide: true,
    },
    {
      name: 'Agent',
      type: 'string',
      jsonPath: '.status.agentAddress',
      description: 'Address of the agent.',
      wide: true,
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].message',
      description: 'The state in words.',
      wide: true,
    },
  ],
  selectableFields: ['.spec.address', '.spec.region'],
  spec,
  status,
  rules: [
    {
      name: 'nameFitsNamespace',
      rule: "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$')",
      message:
        'metadata.name is too long or has a dot: write at most 40 lower-case letters, digits and -',
      messageExpression:
        "'metadata.name is \"' + self.metadata.name + '\": write at most 40 lower-case letters, digits and -, because the namespace gridlease-provider-<name> is made from it'",
    },
  ],
});

export type GPUProvider = ObjectOf<typeof gpuProvider>;
export type GPUProviderSpec = SpecOf<typeof gpuProvider>;
export type GPUProviderStatus = StatusOf<typeof gpuProvider>;
/** What an admin writes: fields with a default may be missing. */
export type GPUProviderSpecInput = SpecInput<typeof gpuProvider>;
