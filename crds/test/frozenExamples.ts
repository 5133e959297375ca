import { hash, signature } from './basics.ts';
import type { Caller, PolicyExample } from './policyExample.ts';
import { specs } from './samples.ts';

/** For each frozen field another valid value, which must be refused. */
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
const job = frozen(
  'job',
  'GPUJob',
  'admin',
  'create another GPUJob with it; in front of a service wait until the new one is Serving',
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
  workloadDocument: '{"protocolVersion":2}',
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
  winner: { ...sampleOf('PlacementRecord')['winner'], providerName: 'bravo' },
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

const transaction = frozen(
  'transaction',
  'ChainTransaction',
  'operator',
  'one nonce has one intent',
)({
  operation: 'FundChannel',
  description: 'other',
  to: `0x${'9'.repeat(40)}`,
  value: '1',
  gas: '1',
  signed: { ...sampleOf('ChainTransaction')['signed'], maxFeePerGas: '1' },
  refs: [],
  digests: [],
});

/** Check → example. */
export const frozenExamples: Readonly<Record<string, PolicyExample>> = {
  ...job,
  ...lease,
  ...workload,
  ...record,
  ...channel,
  ...transaction,
};
