import { recoverLeaseTerms } from '@gridlease/contracts/leaseTerms';
import type { RefusalReason } from '@gridlease/crds/reasons';
import { describe, expect, test } from '@jest/globals';
import {
  aLease,
  anOffer,
  aServiceDocument,
  aWorkloadDocument,
  type LeaseOptions,
  people,
  testDomain,
  testHub,
  testNowMs,
  testProduct,
} from '../testing/builders.ts';
import { capacityPolicies, channelPolicies } from './channelPolicies.ts';
import { decideCapacity, decideChannel, decideTerms } from './decide.ts';
import type { CapacityInput, ChannelInput, TermsInput } from './facts.ts';
import { readWorkload } from './gather.ts';
import { identityPolicies } from './identityPolicies.ts';
import { offerPolicies } from './offerPolicies.ts';
import { workloadPolicies } from './workloadPolicies.ts';

type Input = TermsInput & ChannelInput & CapacityInput;

/** Everything that the policies judge, in order; a case changes the lease, or what the agent knows. */
async function anInput(
  leaseOptions: LeaseOptions = {},
  facts: (input: Input) => Partial<Input> = () => ({}),
): Promise<Input> {
  const { lease, workload, terms } = await aLease(leaseOptions);
  const input: Input = {
    lease,
    terms,
    recovered: await recoverLeaseTerms(testDomain, terms, lease.spec.termsSignature),
    offer: { product: testProduct, offer: leaseOptions.offer ?? anOffer(), withdrawn: false },
    workload: readWorkload(workload.spec.document),
    closedDestinations: [],
    isolationClasses: ['runc'],
    canCopyOutputs: true,
    laterEpoch: undefined,
    nowMs: testNowMs,
    own: {
      providerName: 'alpha',
      owner: people.owner.address,
      hub: testHub,
      hubEpochSeen: 1n,
      chainId: 31_337n,
      escrow: testDomain.verifyingContract,
      token: { symbol: 'tUSD', decimals: 6 },
    },
    channel: {
      generation: 1,
      retired: false,
      closing: false,
      openLeases: 0,
      acceptedAs: undefined,
    },
    capacity: { tasksThatFit: 2, freeGPUs: 8, allocatable: [aNodeRoom] },
  };
  return { ...input, ...facts(input) };
}

const aNodeRoom = { cpu: '64', memory: '512Gi', 'ephemeral-storage': '1Ti' };

const decide = (input: Input) =>
  decideTerms(input) ?? decideChannel(input) ?? decideCapacity(input);

const policies = [
  ...identityPolicies,
  ...offerPolicies,
  ...workloadPolicies,
  ...channelPolicies,
  ...capacityPolicies,
];

type Case = {
  readonly policy: string;
  readonly refuses: string;
  readonly lease?: LeaseOptions;
  readonly facts?: (input: Input) => Partial<Input>;
  readonly reason: RefusalReason;
  readonly says: string;
};

const offerWith = (overrides: Parameters<typeof anOffer>[0]) => (input: Input) => ({
  offer: { ...input.offer!, offer: anOffer(overrides) },
});
const documentWith = (overrides: Parameters<typeof aWorkloadDocument>[0]): LeaseOptions => ({
  document: aWorkloadDocument(overrides),
});
const textOf = (value: unknown) => () => ({ workload: readWorkload(JSON.stringify(value)) });

const cases: readonly Case[] = [
  {
    policy: 'for this provider',
    refuses: 'a lease of another provider',
    lease: { providerName: 'bravo' },
    reason: 'TermsInvalid',
    says: 'names provider bravo, this agent serves alpha',
  },
  {
    policy: 'for this provider',
    refuses: 'terms that pay somebody else',
    lease: { terms: { provider: people.stranger.address } },
    reason: 'ChannelMismatch',
    says: `this provider is paid at ${people.owner.address}`,
  },
  {
    policy: 'from this hub',
    refuses: 'terms of another hub',
    lease: { terms: { hub: `0x${'99'.repeat(32)}` } },
    reason: 'HubNotAllowed',
    says: `this agent knows ${testHub}`,
  },
  {
    policy: 'not from before a restore of the hub',
    refuses: 'a lower hub epoch than was seen',
    facts: (input) => ({ own: { ...input.own, hubEpochSeen: 2n } }),
    reason: 'HubEpochTooLow',
    says: 'carry hub epoch 1, this agent has seen 2',
  },
  {
    policy: 'signed by the one who pays',
    refuses: 'a signature of somebody else',
    facts: () => ({ recovered: people.stranger.address }),
    reason: 'SignatureInvalid',
    says: `but by ${people.stranger.address}`,
  },
  {
    policy: 'signed by the one who pays',
    refuses: 'what is no signature',
    facts: () => ({ recovered: undefined }),
    reason: 'SignatureInvalid',
    says: 'are not signed by',
  },
  {
    policy: 'about the job that the lease names',
    refuses: 'terms of another job',
    lease: { terms: { jobUid: `0x${'77'.repeat(32)}` } },
    reason: 'TermsInvalid',
    says: 'not about job UID job-uid',
  },
  {
    policy: 'under the epoch that was signed',
    refuses: 'an epoch that was not signed',
    lease: { terms: { attempt: 7 } },
    reason: 'TermsInvalid',
    says: 'the lease has epoch 1, its terms were signed for 7',
  },
  {
    policy: 'on the channel that its parties derive',
    refuses: 'another channel',
    lease: { spec: { channelName: 'ch-other' } },
    reason: 'ChannelMismatch',
    says: 'the channel is ch-other, expected ch-',
  },
  {
    policy: 'no older than what was accepted before',
    refuses: 'an epoch below one that was accepted for the same tasks',
    facts: () => ({ laterEpoch: 3 }),
    reason: 'EpochTooLow',
    says: 'epoch 3 of these tasks was accepted here, the lease has 1',
  },
  {
    policy: 'before the terms lapse',
    refuses: 'terms that have lapsed',
    facts: () => ({ nowMs: testNowMs + 31_000 }),
    reason: 'OfferExpired',
    says: 'had to be accepted 1 s earlier',
  },
  {
    policy: 'for an offer of this agent',
    refuses: 'an offer that it never signed',
    facts: () => ({ offer: undefined }),
    reason: 'OfferUnknown',
    says: 'has signed no offer 0x',
  },
  {
    policy: 'for an offer that still stands',
    refuses: 'an offer that another price replaced',
    facts: (input) => ({ offer: { ...input.offer!, withdrawn: true } }),
    reason: 'OfferUnknown',
    says: 'was replaced by another price',
  },
  {
    policy: 'for an offer that still stands',
    refuses: 'an offer that has ended',
    facts: offerWith({ validUntil: BigInt(testNowMs / 1000) - 1n }),
    reason: 'OfferExpired',
    says: 'ended 1 s ago',
  },
  {
    policy: 'the product of the offer',
    refuses: 'another product than the offer’s',
    lease: { product: 'B200' },
    reason: 'TermsInvalid',
    says: 'asks for B200, the offer is for H100-80GB-HBM3',
  },
  {
    policy: 'the price of the offer',
    refuses: 'a lower price',
    facts: offerWith({ pricePerGpuHour: 2_100_001n }),
    reason: 'PriceBelowOffer',
    says: 'the terms pay 2.1 tUSD, the offer asks 2.100001',
  },
  {
    policy: 'the price of the offer',
    refuses: 'a higher price, which is a mistake of the hub',
    facts: offerWith({ pricePerGpuHour: 2_000_000n }),
    reason: 'TermsInvalid',
    says: 'the offer asks 2 for one',
  },
  {
    policy: 'the price of the offer',
    refuses: 'a spot lease where spot is not offered',
    lease: { terms: { spot: true } },
    reason: 'OfferUnknown',
    says: 'is not offered at a spot price',
  },
  {
    policy: 'the price of the offer',
    refuses: 'a shown price that is not the signed one',
    lease: { pricePerGPUHour: '1.00' },
    reason: 'TermsInvalid',
    says: 'the lease shows 1.00 tUSD, its terms 2.1',
  },
  {
    policy: 'a size that is offered',
    refuses: 'a smaller lease than offered',
    facts: offerWith({ minGpus: 4 }),
    reason: 'GPUCountOutOfRange',
    says: 'needs 2 GPUs, the offer is for 4 to 64',
  },
  {
    policy: 'a size that is offered',
    refuses: 'a larger lease than offered',
    facts: offerWith({ maxGpus: 1 }),
    reason: 'GPUCountOutOfRange',
    says: 'the offer is for 1 to 1',
  },
  {
    policy: 'a duration that is offered',
    refuses: 'a longer lease than offered',
    facts: offerWith({ maxSeconds: 3600 }),
    reason: 'DurationTooLong',
    says: 'needs 8100 s, the offer is for at most 3600 s',
  },
  {
    policy: 'a duration that is offered',
    refuses: 'a lease without end where the offer has one',
    lease: { terms: { maxSeconds: 0 } },
    facts: offerWith({ maxSeconds: 3600 }),
    reason: 'DurationTooLong',
    says: 'needs no limit',
  },
  {
    policy: 'paid soon enough',
    refuses: 'terms under which a day of work may stay unpaid',
    lease: { terms: { intervalSeconds: 60, graceSeconds: 86_400 } },
    reason: 'TermsInvalid',
    says: 'leave 86460 s unpaid, at most 3600 s',
  },
  {
    policy: 'GPUs that are not held for nothing',
    refuses: 'terms under which GPUs may be held for years',
    lease: { terms: { idleSeconds: 4_294_967_295 } },
    reason: 'TermsInvalid',
    says: 'idleSeconds is 4294967295, at most 86400',
  },
  {
    policy: 'nothing held back',
    refuses: 'a part of the pay that is held back',
    lease: { terms: { retentionBps: 500 } },
    reason: 'TermsInvalid',
    says: 'retentionBps is 500',
  },
  {
    policy: 'the workload that was signed',
    refuses: 'a lease without its workload',
    facts: () => ({ workload: { found: false } }),
    reason: 'WorkloadInvalid',
    says: 'there is no LeaseWorkload lw-',
  },
  {
    policy: 'the workload that was signed',
    refuses: 'a workload that was changed after signing',
    facts: textOf(aWorkloadDocument({ runAsUser: 1001 })),
    reason: 'WorkloadInvalid',
    says: 'the terms commit to 0x',
  },
  ...(
    [
      ['a field that it does not know', { hostNetwork: true }, 'hostNetwork'],
      ['a version that it does not know', { protocolVersion: 2 }, 'protocolVersion'],
      ['an image without a digest', { image: 'train:latest' }, 'image'],
      ['the root user', { runAsUser: 0 }, 'runAsUser'],
      ['LD_PRELOAD', { env: [{ name: 'LD_PRELOAD', value: '/x.so' }] }, 'is reserved'],
      [
        'NVIDIA_VISIBLE_DEVICES',
        { env: [{ name: 'NVIDIA_VISIBLE_DEVICES', value: 'all' }] },
        'is reserved',
      ],
      [
        'a pipe directory of MPS',
        { env: [{ name: 'CUDA_MPS_PIPE_DIRECTORY', value: '/' }] },
        'is reserved',
      ],
    ] as const
  ).map(
    ([what, change, says]): Case => ({
      policy: 'the workload that was signed',
      refuses: `a workload with ${what}`,
      facts: (input) => {
        const text = JSON.stringify({ ...aWorkloadDocument(), ...change });
        const workload = readWorkload(text);
        const hash = workload.found ? workload.hash : input.terms.workloadHash;
        // Signed as it is: a hub may sign anything.
        return { workload, terms: { ...input.terms, workloadHash: hash } };
      },
      reason: 'WorkloadInvalid',
      says,
    }),
  ),
  {
    policy: 'the workload that was signed',
    refuses: 'the workload of another job',
    lease: {
      ...documentWith({ job: { namespace: 'team-b', name: 'finetune', uid: 'job-uid' } }),
      spec: { jobRef: { namespace: 'team-a', name: 'finetune', uid: 'job-uid' } },
    },
    reason: 'WorkloadInvalid',
    says: 'is of job team-b/finetune, the lease of team-a/finetune',
  },
  {
    policy: 'the workload that was signed',
    refuses: 'another number of GPUs than the lease pays for',
    lease: {
      ...documentWith({ gpu: { count: 8 } }),
      tasks: { indexes: '0-3', parallelism: 2, gpusPerTask: 1 },
    },
    reason: 'WorkloadInvalid',
    says: 'a task of the workload has 8 GPUs, of the lease 1',
  },
  {
    policy: 'tasks that add up',
    refuses: 'malformed indexes',
    lease: { tasks: { indexes: '3-1', parallelism: 1, gpusPerTask: 1 } },
    reason: 'TermsInvalid',
    says: 'task indexes "3-1" are not valid',
  },
  {
    policy: 'tasks that add up',
    refuses: 'a range that would fill the memory',
    lease: { tasks: { indexes: '0-99999999', parallelism: 1, gpusPerTask: 1 } },
    reason: 'TermsInvalid',
    says: 'are not valid',
  },
  {
    policy: 'tasks that add up',
    refuses: 'more parallel tasks than tasks',
    lease: { tasks: { indexes: '0', parallelism: 2, gpusPerTask: 1 } },
    reason: 'TermsInvalid',
    says: 'parallelism is 2 for 1 tasks',
  },
  {
    policy: 'tasks that add up',
    refuses: 'terms for fewer GPUs than the tasks hold',
    lease: { terms: { gpuCount: 1 } },
    reason: 'TermsInvalid',
    says: 'the terms hold 1 GPUs, 2 tasks of 1 need 2',
  },
  {
    policy: 'tasks that add up',
    refuses: 'a task that the job does not have',
    lease: { tasks: { indexes: '3-4', parallelism: 2, gpusPerTask: 1 } },
    reason: 'TermsInvalid',
    says: 'task 4 is not one of 4 tasks',
  },
  {
    policy: 'one replica of a service',
    refuses: 'two replicas in one lease',
    lease: {
      document: aServiceDocument(),
      tasks: { indexes: '0-1', parallelism: 2, gpusPerTask: 1 },
      terms: { maxSeconds: 0 },
    },
    reason: 'TermsInvalid',
    says: 'holds one replica, this one "0-1"',
  },
  {
    policy: 'tasks that add up',
    refuses: 'a replica that no service has',
    lease: {
      document: aServiceDocument(),
      tasks: { indexes: '256', parallelism: 1, gpusPerTask: 1 },
      terms: { maxSeconds: 0 },
    },
    reason: 'TermsInvalid',
    says: 'task 256 is not one of 256 tasks',
  },
  {
    policy: 'no lease without an end for work that has one',
    refuses: 'tasks that end, for ever',
    lease: { terms: { maxSeconds: 0 } },
    reason: 'TermsInvalid',
    says: 'the terms have no maxSeconds, the workload runs for at most 3600 s',
  },
  {
    policy: 'no destination that the provider keeps closed',
    refuses: 'a way into the provider’s own network',
    facts: () => ({ closedDestinations: ['10.0.0.0/24:443'] }),
    reason: 'WorkloadInvalid',
    says: 'workload.allow names 10.0.0.0/24:443',
  },
  {
    policy: 'isolation that the cluster has',
    refuses: 'isolation that is not there',
    lease: documentWith({ minIsolation: 'kata' }),
    facts: () => ({ isolationClasses: ['runc', 'gvisor'] }),
    reason: 'IsolationUnsupported',
    says: 'needs kata, has runc, gvisor',
  },
  {
    policy: 'outputs that somebody copies',
    refuses: 'outputs where nothing copies them',
    lease: documentWith({ outputs: [{ path: '/outputs', uri: 's3://bucket/run' }] }),
    facts: () => ({ canCopyOutputs: false }),
    reason: 'OutputsUnsupported',
    says: 'the provider has configured nothing to copy them',
  },
  {
    policy: 'the present generation',
    refuses: 'a generation that is not the one on the chain',
    facts: (input) => ({ channel: { ...input.channel, generation: 2 } }),
    reason: 'ChannelMismatch',
    says: 'for generation 1, the channel is in 2',
  },
  {
    policy: 'the present generation',
    refuses: 'a generation that the agent knows to be closed',
    facts: (input) => ({ channel: { ...input.channel, retired: true } }),
    reason: 'ChannelMismatch',
    says: 'generation 1 of this channel was closed',
  },
  {
    policy: 'a channel that stays open',
    refuses: 'a channel that is being closed',
    facts: (input) => ({ channel: { ...input.channel, closing: true } }),
    reason: 'ChannelClosing',
    says: 'no new leases',
  },
  {
    policy: 'room in the statement',
    refuses: 'more leases than a statement can list',
    facts: (input) => ({ channel: { ...input.channel, openLeases: 250 } }),
    reason: 'TooManyLeases',
    says: 'carries 250 leases whose last row is not accepted, at most 250',
  },
  {
    policy: 'terms that were not accepted before',
    refuses: 'a second lease with the terms of another',
    facts: (input) => ({ channel: { ...input.channel, acceptedAs: 'finetune-0' } }),
    reason: 'TermsInvalid',
    says: 'the same terms were accepted for lease finetune-0',
  },
  {
    policy: 'a node large enough',
    refuses: 'a task that no node could hold',
    lease: documentWith({
      resources: { cpu: '65', memory: '1Gi', ephemeralStorage: '1Gi', sharedMemory: '64Mi' },
    }),
    reason: 'NodesTooSmall',
    says: 'resources.cpu 65, the largest node has 64',
  },
  {
    policy: 'free GPUs',
    refuses: 'more GPUs than are free',
    facts: () => ({ capacity: { tasksThatFit: 1, freeGPUs: 1, allocatable: [aNodeRoom] } }),
    reason: 'InsufficientCapacity',
    says: 'needs 2 H100-80GB-HBM3 (2 tasks of 1), has 1 free, room for 1 tasks',
  },
];

describe('accepting a lease', () => {
  test('accepts a lease that keeps to the offer', async () => {
    expect(decide(await anInput())).toBeUndefined();
  });

  test.each([
    ['the last moment of the offer', {}, offerWith({ validUntil: BigInt(testNowMs / 1000) })],
    [
      'a spot lease at the spot price',
      { terms: { spot: true } },
      offerWith({ spotPricePerGpuHour: 2_100_000n }),
    ],
    ['the same price written otherwise', { pricePerGPUHour: '2.10' }, undefined],
    [
      'addresses in another letter case',
      {
        terms: { provider: people.owner.address.toLowerCase() as `0x${string}` },
      },
      undefined,
    ],
    [
      'a stronger isolation than asked for',
      documentWith({ minIsolation: 'gvisor' }),
      () => ({
        isolationClasses: ['runc', 'kata'],
      }),
    ],
    ['a higher hub epoch than was seen', { terms: { hubEpoch: 7n } }, undefined],
    ['a duration within the offer’s', {}, offerWith({ maxSeconds: 8100 })],
    [
      'a service without an end, where the offer has no limit',
      {
        document: aServiceDocument(),
        tasks: { indexes: '255', parallelism: 1, gpusPerTask: 1 },
        terms: { maxSeconds: 0, fenceSeconds: 0 },
      },
      undefined,
    ],
  ] as readonly [string, LeaseOptions, Case['facts']][])(
    'accepts %s',
    async (_name, lease, facts) => {
      expect(decide(await anInput(lease, facts))).toBeUndefined();
    },
  );

  test.each(cases.map((one) => [one.refuses, one] as const))('refuses %s', async (_name, one) => {
    const input = await anInput(one.lease, one.facts);
    const refusal = decide(input);
    expect(refusal).toMatchObject({ reason: one.reason });
    expect(refusal?.message).toContain(one.says);
    // The case shows the policy that it names, and no other before it.
    const policy = policies.find((candidate) => candidate.check(input) !== undefined);
    expect(policy?.name).toBe(one.policy);
  });

  test('every policy is shown refusing', () => {
    const shown = new Set(cases.map((one) => one.policy));
    expect(policies.map((policy) => policy.name).filter((name) => !shown.has(name))).toEqual([]);
  });

  test('a signature for another escrow recovers somebody else', async () => {
    const { lease, terms } = await aLease({
      domain: { ...testDomain, verifyingContract: people.stranger.address },
    });
    const recovered = await recoverLeaseTerms(testDomain, terms, lease.spec.termsSignature);
    const input = { ...(await anInput()), recovered };
    expect(decide(input)?.reason).toBe('SignatureInvalid');
  });
});
