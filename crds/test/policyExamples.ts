import { hash, signature, specs } from './samples.ts';

/** Who asks: `admin` is a cluster admin, `stranger` the agent of another provider. */
export type Caller = 'admin' | 'operator' | 'agent' | 'stranger';

/**
 * For each check of each policy: changes that are refused and changes that are accepted. The keys are the
 * names of the checks; a check without an entry fails the test.
 */
export type PolicyExample = {
  /** Which of `existing` is changed. */
  readonly object: string;
  readonly path: string;
  readonly refused: readonly unknown[];
  readonly refusedAs?: readonly Caller[];
  readonly accepted?: readonly unknown[];
  readonly acceptedAs?: Caller;
  readonly says: readonly string[];
  readonly code?: 403 | 422;
};

type Existing = {
  readonly kind: string;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly service?: true;
  /** Instead of the key. */
  readonly name?: string;
};

/** Objects that exist before each change; `spec` replaces fields of the sample. */
export const existing: Readonly<Record<string, Existing>> = {
  job: { kind: 'GPUJob' },
  service: { kind: 'GPUJob', service: true },
  account: { kind: 'PaymentAccount' },
  provider: { kind: 'GPUProvider' },
  chain: { kind: 'SettlementChain' },
  offer: { kind: 'GPUOffer' },
  lease: { kind: 'GPULease' },
  stopped: { kind: 'GPULease', spec: { desiredState: 'Stopped' } },
  workload: { kind: 'LeaseWorkload' },
  record: { kind: 'PlacementRecord' },
  anchored: { kind: 'PlacementRecord', spec: { anchor: hash('1') } },
  channel: {
    kind: 'PaymentChannel',
    spec: {
      generation: 2,
      voucher: { generation: 2, cumulative: '2000', signature: signature('9') },
    },
  },
};

function frozen(object: string, kind: string, by: Caller, remedy: string) {
  return (fields: Readonly<Record<string, unknown>>): Record<string, PolicyExample> =>
    Object.fromEntries(
      Object.entries(fields).map(([field, value]) => [
        `${kind} spec.${field}`,
        {
          object,
          path: `spec.${field}`,
          refused: [value],
          refusedAs: [by],
          acceptedAs: by,
          says: [`spec.${field} can't change`, remedy],
          code: 422,
        },
      ]),
    );
}

const sampleOf = (kind: string) => specs[kind] as Readonly<Record<string, object>>;
const otherJob = { namespace: 'team-a', name: 'other', uid: 'other-uid' };
const voucher = (generation: number, cumulative: string) => ({
  generation,
  cumulative,
  signature: signature('9'),
});

const job = frozen(
  'job',
  'GPUJob',
  'admin',
  'create a new GPUJob',
)({
  'batch.completions': 13,
  'batch.parallelism': 5,
  'batch.retryLimit': 4,
  'workload.image': `a@sha256:${'b'.repeat(64)}`,
  'workload.command': ['sh'],
  'workload.args': [],
  'workload.env': [{ name: 'LR', value: '2e-4' }],
  'workload.workingDir': undefined,
  'workload.imagePullSecretName': 'other',
  'workload.runAsUser': 1001,
  'workload.resources': { ...sampleOf('GPUJob')['workload'], cpu: '9' },
  'workload.egress': 'None',
  'workload.allow': [],
  'gpu.count': 2,
  'gpu.products': ['L40S'],
  'gpu.memoryMiB': 1,
  'gpu.locality': 'SameProvider',
  'runtime.maxDurationSeconds': undefined,
  'runtime.startDeadlineSeconds': 60,
  'failover.onDisconnect': 'KeepRunning',
  'failover.checkpointURI': 's3://other/place',
  'failover.graceSeconds': 1,
  outputs: [],
});

const lease = frozen(
  'lease',
  'GPULease',
  'operator',
  'the terms are signed',
)({
  jobRef: otherJob,
  providerName: 'bravo',
  accountRef: otherJob,
  product: 'L40S',
  pricePerGPUHour: '9',
  workloadName: 'lw-2',
  channelName: 'ch-2',
  tasks: { indexes: '0-4', parallelism: 4, gpusPerTask: 1 },
  epoch: 2,
  terms: { ...sampleOf('GPULease')['terms'], maxAmount: '1' },
  termsSignature: signature('1'),
});

const workload = frozen(
  'workload',
  'LeaseWorkload',
  'operator',
  'create a new LeaseWorkload',
)({
  document: '{"protocolVersion":2}',
  hash: hash('1'),
});

const record = frozen(
  'record',
  'PlacementRecord',
  'operator',
  'a new attempt gets a new',
)({
  jobRef: otherJob,
  accountRef: otherJob,
  epoch: 2,
  shard: 1,
  attempt: 1,
  indexes: '0',
  parallelism: 1,
  decidedTime: '2027-01-01T00:00:00Z',
  'winner.providerName': 'bravo',
  'winner.offerName': 'other',
  'winner.offerHash': hash('9'),
  'winner.product': 'L40S',
  'winner.pricePerGPUHour': '9',
  'winner.gpuCount': 1,
  'winner.maxAmount': '2',
  'winner.generation': 2,
  losers: [],
  reasonCounts: [],
  inputsDigest: hash('9'),
  digest: hash('9'),
});

const channel = frozen(
  'channel',
  'PaymentChannel',
  'operator',
  'create a new PaymentChannel',
)({
  accountRef: otherJob,
  providerName: 'bravo',
  tenant: `0x${'9'.repeat(40)}`,
  provider: `0x${'9'.repeat(40)}`,
  signer: `0x${'9'.repeat(40)}`,
  chainId: 1,
  escrow: `0x${'9'.repeat(40)}`,
});

const settled = {
  type: 'Settled',
  status: 'True',
  reason: 'Settled',
  message: 'paid',
  lastTransitionTime: '2026-01-01T00:00:00Z',
};
const settlement = {
  amount: '1',
  gpuMilliseconds: '1',
  cumulative: '1',
  transactionHash: hash('1'),
  blockNumber: '1',
};

/** Check → example. */
export const policyExamples: Readonly<Record<string, PolicyExample>> = {
  ...job,
  'GPUJob spec.service.ports': {
    object: 'service',
    path: 'spec.service.ports',
    refused: [[{ name: 'http', port: 8001 }]],
    refusedAs: ['admin'],
    says: ["spec.service.ports can't change", 'create a new GPUJob'],
    code: 422,
  },
  ...lease,
  'GPULease spec.desiredState': {
    object: 'stopped',
    path: 'spec.desiredState',
    refused: ['Running', 'Withdrawn'],
    refusedAs: ['operator'],
    acceptedAs: 'operator',
    says: ["spec.desiredState can't change from Stopped to", 'place the tasks again'],
    code: 422,
  },
  ...workload,
  ...record,
  'PlacementRecord spec.anchor': {
    object: 'anchored',
    path: 'spec.anchor',
    refused: [hash('2'), undefined],
    refusedAs: ['operator'],
    acceptedAs: 'operator',
    says: ["spec.anchor can't change from 0x11", 'leave it as it is'],
    code: 422,
  },
  ...channel,
  'PaymentChannel spec.generation': {
    object: 'channel',
    path: 'spec.generation',
    refused: [1],
    refusedAs: ['operator'],
    accepted: [3],
    acceptedAs: 'operator',
    says: ["spec.generation can't fall from 2 to 1", 'take the generation of the chain'],
    code: 422,
  },
  'PaymentChannel spec.voucher': {
    object: 'channel',
    path: 'spec.voucher',
    refused: [voucher(2, '1999'), voucher(2, '999'), voucher(1, '2001'), undefined],
    refusedAs: ['operator'],
    accepted: [voucher(2, '2000'), voucher(2, '2001'), voucher(2, '10000'), voucher(3, '1')],
    acceptedAs: 'operator',
    says: ["spec.voucher.cumulative can't fall from 2000", 'keep the best one'],
    code: 422,
  },
  operatorWritesSpec: {
    object: 'lease',
    path: 'spec.desiredState',
    refused: ['Stopped'],
    refusedAs: ['admin', 'agent'],
    accepted: ['Stopped', 'Withdrawn'],
    acceptedAs: 'operator',
    says: ['may not write gpuleases of lease', 'only the operator', 'change the GPUJob instead'],
  },
  operatorWritesStatus: {
    object: 'job',
    path: 'status.tasks',
    refused: ['12/12'],
    refusedAs: ['admin'],
    accepted: ['12/12'],
    acceptedAs: 'operator',
    says: ['may not write gpujobs/status of job', 'only the operator', 'the status follows'],
  },
  agentWritesSpec: {
    object: 'offer',
    path: 'spec.pricePerGPUHour',
    refused: ['0.01'],
    refusedAs: ['admin', 'operator'],
    accepted: ['0.01'],
    acceptedAs: 'agent',
    says: ['may not write gpuoffers of offer', 'only the agent', 'configuration of the agent'],
  },
  agentWritesChannelStatus: {
    object: 'channel',
    path: 'status.redeemed',
    refused: [{ cumulative: '1', transactionHash: hash('1'), blockNumber: '1' }],
    refusedAs: ['admin', 'operator'],
    accepted: [{ cumulative: '1', transactionHash: hash('1'), blockNumber: '1' }],
    acceptedAs: 'agent',
    says: ['may not write paymentchannels/status of channel', 'only the agent', 'spec.reply'],
  },
  agentWritesLeaseStatus: {
    object: 'lease',
    path: 'status.active',
    refused: [1],
    refusedAs: ['admin'],
    accepted: [1],
    acceptedAs: 'agent',
    says: ['may not write gpuleases/status of lease', 'only the operator and the agent'],
  },
  agentKeepsOperatorConditions: {
    object: 'lease',
    path: 'status.conditions.2',
    refused: [settled, { ...settled, type: 'MeterDisputed', status: 'False', reason: 'Agreed' }],
    refusedAs: ['agent'],
    accepted: [{ ...settled, type: 'Succeeded', reason: 'Completed' }],
    acceptedAs: 'agent',
    says: ['Settled and MeterDisputed belong to the operator', 'leave them'],
  },
  agentKeepsSettlement: {
    object: 'lease',
    path: 'status.settlement',
    refused: [settlement],
    refusedAs: ['agent'],
    acceptedAs: 'agent',
    says: ['status.settlement belongs to the operator', 'leave it'],
  },
  operatorKeepsAgentConditions: {
    object: 'lease',
    path: 'status.conditions.2',
    refused: [{ ...settled, type: 'Succeeded', reason: 'Completed' }],
    refusedAs: ['operator'],
    accepted: [settled],
    acceptedAs: 'operator',
    says: ['belong to the agent', 'leave them'],
  },
  operatorKeepsAgentFields: {
    object: 'lease',
    path: 'status.gpuMilliseconds',
    refused: ['1'],
    refusedAs: ['operator'],
    acceptedAs: 'operator',
    says: ['gpuMilliseconds', 'belong to the agent', 'leave them'],
  },
  agentStaysInItsNamespace: {
    object: 'offer',
    path: 'spec.pricePerGPUHour',
    refused: ['0.01'],
    refusedAs: ['stranger'],
    accepted: ['0.01'],
    acceptedAs: 'agent',
    says: ['an agent writes in its own namespace only'],
  },
};
