import { chainTransaction } from './chaintransaction.ts';
import { gpuJob } from './gpujob.ts';
import { gpuLease } from './gpulease.ts';
import { immutableFields } from './immutability.ts';
import { leaseWorkload } from './leaseworkload.ts';
import { paymentChannel } from './paymentchannel.ts';
import { placementRecord } from './placementrecord.ts';
import { type Policy, policyBinding, policyObject, SPEC_CHANGED } from './policy.ts';
import { structuralSchema } from './structuralSchema.ts';
import { writerPolicies } from './writers.ts';

/** What the hub's API server refuses on top of the schemas. RBAC decides who reads, these who writes. */

const specOf = (
  kind:
    | typeof gpuJob
    | typeof gpuLease
    | typeof paymentChannel
    | typeof placementRecord
    | typeof leaseWorkload
    | typeof chainTransaction,
) => structuralSchema(kind.spec, `${kind.resource.kind} spec`);

const jobIsImmutable: Policy = {
  name: 'gpujob-spec-is-immutable',
  description:
    'What a GPUJob runs can’t change under a running job: only suspend, budget, placement, service.replicas and runtime.ttlSecondsAfterFinished may.',
  resources: ['gpujobs'],
  operations: ['UPDATE'],
  matchConditions: [SPEC_CHANGED],
  rules: immutableFields({
    kind: 'GPUJob',
    spec: specOf(gpuJob),
    mutable: [
      'suspend',
      'budget',
      'placement',
      'service.replicas',
      'runtime.ttlSecondsAfterFinished',
    ],
    remedy:
      'create another GPUJob with it; in front of a service wait until the new one is Serving, then delete this one',
  }),
};

const leaseIsImmutable: Policy = {
  name: 'gpulease-spec-is-immutable',
  description:
    'A GPULease is what was signed: only desiredState may change, and only to an end, whose time is set once; that it is lost is said once.',
  resources: ['gpuleases'],
  operations: ['UPDATE'],
  matchConditions: [SPEC_CHANGED],
  rules: [
    ...immutableFields({
      kind: 'GPULease',
      wholeBlocks: true,
      spec: specOf(gpuLease),
      mutable: ['desiredState', 'stopTime', 'lost'],
      remedy: 'the terms are signed; stop this lease and place the tasks again',
    }),
    {
      name: 'GPULease spec.desiredState',
      expression:
        "object.spec.desiredState == oldObject.spec.desiredState || (oldObject.spec.desiredState == 'Running' && object.spec.desiredState in ['Stopped', 'Withdrawn'])",
      message:
        "spec.desiredState can't change so: only from Running to Stopped or Withdrawn; place the tasks again",
      messageExpression:
        '"spec.desiredState can\'t change from " + oldObject.spec.desiredState + " to " + object.spec.desiredState + ": only from Running to Stopped or Withdrawn; place the tasks again"',
      reason: 'Invalid',
    },
    {
      name: 'GPULease spec.stopTime',
      expression:
        '!has(oldObject.spec.stopTime) || oldObject.spec.?stopTime == object.spec.?stopTime',
      message: "spec.stopTime can't change: what is paid depends on it; leave it as it is",
      messageExpression:
        '"spec.stopTime can\'t change from " + oldObject.spec.stopTime + ": what is paid depends on it; leave it as it is"',
      reason: 'Invalid',
    },
    {
      name: 'GPULease spec.lost',
      expression: '!has(oldObject.spec.lost) || oldObject.spec.?lost == object.spec.?lost',
      message: "spec.lost can't change: another lease runs its tasks since; leave it as it is",
      messageExpression:
        '"spec.lost can\'t change from " + oldObject.spec.lost.reason + " at " + oldObject.spec.lost.time + ": another lease runs its tasks since; leave it as it is"',
      reason: 'Invalid',
    },
    {
      name: 'GPULease spec.lost ends it',
      expression:
        "!has(object.spec.lost) || (object.spec.desiredState != 'Running' && has(object.spec.stopTime))",
      message: 'spec.lost ends the lease: set desiredState Stopped and stopTime in the same write',
      reason: 'Invalid',
    },
  ],
};

const neverEdited: readonly Policy[] = [
  {
    name: 'leaseworkload-is-immutable',
    description: 'Signed terms commit to the document of a LeaseWorkload.',
    resources: ['leaseworkloads'],
    operations: ['UPDATE'],
    matchConditions: [SPEC_CHANGED],
    rules: immutableFields({
      kind: 'LeaseWorkload',
      wholeBlocks: true,
      spec: specOf(leaseWorkload),
      mutable: [],
      remedy: 'leases commit to it; create a new LeaseWorkload',
    }),
  },
  {
    name: 'placementrecord-is-immutable',
    description: 'A PlacementRecord is a record: only its anchor may be added, once.',
    resources: ['placementrecords'],
    operations: ['UPDATE'],
    matchConditions: [SPEC_CHANGED],
    rules: [
      ...immutableFields({
        kind: 'PlacementRecord',
        wholeBlocks: true,
        spec: specOf(placementRecord),
        mutable: ['anchor'],
        remedy: 'a decision is recorded once; a new attempt gets a new PlacementRecord',
      }),
      {
        name: 'PlacementRecord spec.anchor',
        expression: '!has(oldObject.spec.anchor) || oldObject.spec.?anchor == object.spec.?anchor',
        message: "spec.anchor can't change: it is set once; leave it as it is",
        messageExpression:
          '"spec.anchor can\'t change from " + oldObject.spec.anchor + ": it is set once; leave it as it is"',
        reason: 'Invalid',
      },
    ],
  },
  {
    name: 'chaintransaction-is-immutable',
    description: 'A ChainTransaction is the intent behind one nonce: what was signed stays.',
    resources: ['chaintransactions'],
    operations: ['UPDATE'],
    matchConditions: [SPEC_CHANGED],
    rules: immutableFields({
      kind: 'ChainTransaction',
      wholeBlocks: true,
      spec: specOf(chainTransaction),
      // Its name is made from these three, and the kind's own rule holds it to that.
      mutable: ['chainId', 'signer', 'nonce'],
      remedy: 'one nonce has one intent; the next one gets the next nonce',
    }),
  },
];

/** uint96 as text: longer is larger, equally long ones compare as text. */
const VOUCHER_NEVER_FALLS = [
  '!has(oldObject.spec.voucher) || object.spec.generation != oldObject.spec.generation || (has(object.spec.voucher) && ',
  'object.spec.voucher.generation >= oldObject.spec.voucher.generation && ',
  '(object.spec.voucher.generation > oldObject.spec.voucher.generation || ',
  'object.spec.voucher.cumulative.size() > oldObject.spec.voucher.cumulative.size() || ',
  '(object.spec.voucher.cumulative.size() == oldObject.spec.voucher.cumulative.size() && ',
  'object.spec.voucher.cumulative >= oldObject.spec.voucher.cumulative)))',
].join('');

const channelOnlyGrows: Policy = {
  name: 'paymentchannel-only-grows',
  description:
    'The two ends of a PaymentChannel never change, its generation and the cumulative of its voucher never fall.',
  resources: ['paymentchannels'],
  operations: ['UPDATE'],
  matchConditions: [SPEC_CHANGED],
  rules: [
    ...immutableFields({
      kind: 'PaymentChannel',
      wholeBlocks: true,
      spec: specOf(paymentChannel),
      immutable: [
        'accountRef',
        'providerName',
        'tenant',
        'provider',
        'signer',
        'chainId',
        'escrow',
      ],
      remedy: 'the name is made from both ends; create a new PaymentChannel',
    }),
    {
      name: 'PaymentChannel spec.generation',
      expression: 'object.spec.generation >= oldObject.spec.generation',
      message: "spec.generation can't fall: take the generation of the chain",
      messageExpression:
        '"spec.generation can\'t fall from " + string(oldObject.spec.generation) + " to " + string(object.spec.generation) + ": take the generation of the chain"',
      reason: 'Invalid',
    },
    {
      name: 'PaymentChannel spec.voucher',
      expression: VOUCHER_NEVER_FALLS,
      message: "spec.voucher can't fall or vanish within a generation: keep the best one",
      messageExpression:
        '"spec.voucher.cumulative can\'t fall from " + oldObject.spec.voucher.cumulative + " to " + object.spec.?voucher.?cumulative.orValue("(unset)") + " within a generation: keep the best one"',
      reason: 'Invalid',
    },
  ],
};

/** Every policy, in the order of the manifest. */
export const policies: readonly Policy[] = [
  jobIsImmutable,
  leaseIsImmutable,
  ...neverEdited,
  channelOnlyGrows,
  ...writerPolicies,
];

/** Policies and bindings, ready to be applied. */
export function policyObjects() {
  return policies.flatMap((policy) => [policyObject(policy), policyBinding(policy)]);
}
