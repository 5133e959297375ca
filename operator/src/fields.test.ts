import { type GPUJob, type GPUJobSpecInput, gpuJob } from '@gridlease/crds/gpujob';
import type { PlacementRecord } from '@gridlease/crds/placementrecord';
import { describe, expect, test } from '@jest/globals';
import { zeroHash } from 'viem';
import { jobProgress } from './jobProgress.ts';
import { decide as decideLeases } from './lease/decide.ts';
import { decide as decidePlacement } from './match/decide.ts';
import { leaseTermsOf, leaseWorkloadOf, type TermsPolicy } from './match/lease.ts';
import { placementRecordOf } from './match/record.ts';
import { decide as decideAdmission } from './queue/decide.ts';
import {
  aChain,
  aCondition,
  aJob,
  anAccount,
  anEndedLease,
  aProvider,
  delegateAddress,
  hub,
  image,
  nowMs,
} from './testing/builders.ts';
import { factsOf, type Place } from './testing/placement.ts';
import { schemaLeaves } from './testing/schemaLeaves.ts';

/**
 * No field of a job is silently ignored: for each leaf of GPUJob.spec a row shows what it changes on
 * its way through the operator, or that it is refused by name. What the provider makes of the workload
 * document is shown beside the agent.
 */

type Spec = Partial<GPUJobSpecInput>;
type Effect =
  /** Not admitted, and the field is named. */
  | 'refusal'
  /** Where the tasks go, or why they wait. */
  | 'placement'
  /** The signed terms of the lease. */
  | 'terms'
  /** The workload document, which the terms commit to. */
  | 'document'
  /** What becomes of the leases and of the job. */
  | 'lease';
type Row = { readonly effect: Effect; readonly base?: Spec; readonly changed: Spec };

const places: readonly Place[] = [
  { name: 'alpha', price: '2.10' },
  {
    name: 'bravo',
    price: '2.50',
    offer: { product: 'H200' },
    pools: [{ memoryMiB: 141_000, clique: 'c1' }],
    provider: { region: 'us-east', jurisdiction: 'US' },
    status: { trustTier: 2, conditions: [aCondition('Ready', 'True', 'Ready')] },
    isolationClasses: ['runc', 'gvisor'],
  },
];
const policy: TermsPolicy = {
  ...{ hub, hubEpoch: 1n, intervalSeconds: 60, graceSeconds: 60, prepaySeconds: 0 },
  ...{ idleSeconds: 300, fenceSeconds: 60, acceptSeconds: 30 },
};
const many = { batch: { completions: 4 } };
const account = { accountName: 'team-a' };
const workload = (fields: Partial<GPUJobSpecInput['workload']>): Spec => ({
  workload: { image, ...fields },
});
const service = (port: Record<string, unknown>, replicas = 1): Spec => ({
  service: { replicas, ports: [{ name: 'http', port: 8000, ...port }] } as never,
});

const rows: Readonly<Record<string, Row>> = {
  'batch.completions': { effect: 'placement', changed: { batch: { completions: 2 } } },
  'batch.parallelism': {
    effect: 'placement',
    base: many,
    changed: { batch: { completions: 4, parallelism: 2 } },
  },
  'batch.retryLimit': {
    effect: 'lease',
    base: { batch: { retryLimit: 1 } },
    changed: { batch: { retryLimit: 0 } },
  },
  'service.replicas': { effect: 'placement', base: service({}), changed: service({}, 2) },
  'service.ports[].name': {
    effect: 'document',
    base: service({}),
    changed: service({ name: 'grpc' }),
  },
  'service.ports[].port': {
    effect: 'document',
    base: service({}),
    changed: service({ port: 9000 }),
  },
  'service.ports[].probe.path': {
    effect: 'document',
    base: service({ probe: { path: '/' } }),
    changed: service({ probe: { path: '/health' } }),
  },
  'service.ports[].probe.periodSeconds': {
    effect: 'document',
    base: service({ probe: { path: '/' } }),
    changed: service({ probe: { path: '/', periodSeconds: 5 } }),
  },
  'service.ports[].probe.timeoutSeconds': {
    effect: 'document',
    base: service({ probe: { path: '/' } }),
    changed: service({ probe: { path: '/', timeoutSeconds: 5 } }),
  },
  'service.ports[].probe.failureThreshold': {
    effect: 'document',
    base: service({ probe: { path: '/' } }),
    changed: service({ probe: { path: '/', failureThreshold: 5 } }),
  },
  'workload.image': {
    effect: 'document',
    changed: { workload: { image: image.replace('train', 'serve') } },
  },
  'workload.command[]': { effect: 'document', changed: workload({ command: ['python'] }) },
  'workload.args[]': { effect: 'document', changed: workload({ args: ['--epochs', '3'] }) },
  'workload.env[].name': {
    effect: 'document',
    base: workload({ env: [{ name: 'LR', value: '1' }] }),
    changed: workload({ env: [{ name: 'RATE', value: '1' }] }),
  },
  'workload.env[].value': {
    effect: 'document',
    base: workload({ env: [{ name: 'LR', value: '1' }] }),
    changed: workload({ env: [{ name: 'LR', value: '2' }] }),
  },
  'workload.env[].secretKeyRef.name': {
    effect: 'refusal',
    changed: workload({ env: [{ name: 'TOKEN', secretKeyRef: { name: 'hf', key: 'token' } }] }),
  },
  'workload.env[].secretKeyRef.key': {
    effect: 'refusal',
    changed: workload({ env: [{ name: 'TOKEN', secretKeyRef: { name: 'hf', key: 'other' } }] }),
  },
  'workload.workingDir': { effect: 'document', changed: workload({ workingDir: '/work' }) },
  'workload.imagePullSecretName': {
    effect: 'refusal',
    changed: workload({ imagePullSecretName: 'ghcr' }),
  },
  'workload.runAsUser': { effect: 'document', changed: workload({ runAsUser: 1000 }) },
  'workload.resources.cpu': { effect: 'document', changed: workload({ resources: { cpu: '8' } }) },
  'workload.resources.memory': {
    effect: 'document',
    changed: workload({ resources: { memory: '64Gi' } }),
  },
  'workload.resources.ephemeralStorage': {
    effect: 'document',
    changed: workload({ resources: { ephemeralStorage: '200Gi' } }),
  },
  'workload.resources.sharedMemory': {
    effect: 'document',
    changed: workload({ resources: { sharedMemory: '16Gi' } }),
  },
  'workload.egress': { effect: 'document', changed: workload({ egress: 'Public' }) },
  'workload.allow[].cidr': {
    effect: 'document',
    base: workload({ allow: [{ cidr: '203.0.113.0/24', port: 443 }] }),
    changed: workload({ allow: [{ cidr: '198.51.100.0/24', port: 443 }] }),
  },
  'workload.allow[].port': {
    effect: 'document',
    base: workload({ allow: [{ cidr: '203.0.113.0/24', port: 443 }] }),
    changed: workload({ allow: [{ cidr: '203.0.113.0/24', port: 8443 }] }),
  },
  'gpu.count': { effect: 'terms', changed: { gpu: { count: 2 } } },
  'gpu.products[]': { effect: 'placement', changed: { gpu: { count: 1, products: ['H200'] } } },
  'gpu.memoryMiB': { effect: 'placement', changed: { gpu: { count: 1, memoryMiB: 100_000 } } },
  'gpu.locality': {
    effect: 'placement',
    changed: { gpu: { count: 1, locality: 'SameClique' } },
  },
  'placement.regions[]': { effect: 'placement', changed: { placement: { regions: ['us-east'] } } },
  'placement.jurisdictions[]': {
    effect: 'placement',
    changed: { placement: { jurisdictions: ['US'] } },
  },
  'placement.providers.allow[]': {
    effect: 'placement',
    changed: { placement: { providers: { allow: ['bravo'] } } },
  },
  'placement.providers.deny[]': {
    effect: 'placement',
    changed: { placement: { providers: { deny: ['alpha'] } } },
  },
  'placement.minTrustTier': { effect: 'placement', changed: { placement: { minTrustTier: 2 } } },
  'placement.maxProviderSharePercent': {
    effect: 'placement',
    base: many,
    changed: { ...many, placement: { maxProviderSharePercent: 50 } },
  },
  'placement.minIsolation': {
    effect: 'placement',
    changed: { placement: { minIsolation: 'gvisor' } },
  },
  'budget.accountName': { effect: 'refusal', changed: { budget: { accountName: 'team-b' } } },
  'budget.maxPricePerGPUHour': {
    effect: 'placement',
    changed: { budget: { ...account, maxPricePerGPUHour: '1' } },
  },
  'budget.maxTotal': { effect: 'terms', changed: { budget: { ...account, maxTotal: '5' } } },
  'runtime.maxDurationSeconds': {
    effect: 'terms',
    changed: { runtime: { maxDurationSeconds: 3_600 } },
  },
  'runtime.startDeadlineSeconds': {
    effect: 'terms',
    changed: { runtime: { startDeadlineSeconds: 60 } },
  },
  'runtime.ttlSecondsAfterFinished': {
    effect: 'lease',
    changed: { runtime: { ttlSecondsAfterFinished: 10 } },
  },
  'failover.onDisconnect': {
    effect: 'terms',
    changed: { failover: { onDisconnect: 'KeepRunning' } },
  },
  'failover.checkpointURI': {
    effect: 'document',
    changed: { failover: { checkpointURI: 's3://bucket/checkpoint' } },
  },
  'failover.graceSeconds': { effect: 'document', changed: { failover: { graceSeconds: 5 } } },
  'outputs[].path': {
    effect: 'document',
    base: { outputs: [{ path: '/a', uri: 's3://b/o' }] },
    changed: { outputs: [{ path: '/o', uri: 's3://b/o' }] },
  },
  'outputs[].uri': {
    effect: 'document',
    base: { outputs: [{ path: '/o', uri: 's3://b/o' }] },
    changed: { outputs: [{ path: '/o', uri: 's3://b/p' }] },
  },
  'outputs[].secretName': {
    effect: 'refusal',
    changed: { outputs: [{ path: '/o', uri: 's3://b/o', secretName: 's3' }] },
  },
  suspend: { effect: 'lease', changed: { suspend: true } },
};

/** Everything that a spec leads to, each as text that can be compared. */
function effectsOf(spec: Spec): Readonly<Record<Exclude<Effect, 'refusal'>, string>> {
  const job = aJob({ spec });
  const facts = factsOf({ job, places });
  const { placement, waiting } = decidePlacement(facts);
  const shares = placement?.shares.map(({ candidate, indexes, parallelism }) => ({
    ...{ at: candidate.provider, indexes, parallelism },
  }));
  const source = (record: PlacementRecord) => ({
    ...{ record, job, account: anAccount(), provider: aProvider(), chain: aChain() },
  });
  const records = (placement?.shares ?? []).map((share, shard) =>
    placementRecordOf({
      ...{ job, facts, placement: placement!, share, shard, epoch: shard + 1, attempt: 0 },
      ...{ generation: 1, inputsDigest: zeroHash },
    }),
  );
  const terms = records.map((record) =>
    leaseTermsOf(source(record), zeroHash, delegateAddress, policy),
  );
  const documents = records.map((record) => leaseWorkloadOf(source(record)).spec.document);
  return {
    placement: text({ shares, waiting }),
    terms: text(terms),
    document: documents.join('\n'),
    lease: text(leaseEffects(job)),
  };
}

/** The job after its first attempt failed, and after its end. */
function leaseEffects(job: GPUJob): unknown {
  const failed = anEndedLease({
    job,
    failure: 'TaskFailed',
    status: { failedIndexes: '0' },
  });
  const ended: GPUJob = {
    ...job,
    status: {
      conditions: [aCondition('Succeeded', 'True', 'Completed')],
      completionTime: new Date(nowMs - 60_000).toISOString(),
    },
  };
  return [job, ended].map((one) => {
    const { ends, status, deleteJob } = decideLeases({
      job: one,
      leases: [failed],
      progress: jobProgress({ job: one, leases: [failed], intents: [] }),
      hasOpenIntents: false,
      providerOf: () => undefined,
      channelOf: () => undefined,
      attemptOf: () => 0,
      ...{ decimals: 6, nowMs, fundDeadlineSeconds: 120 },
      ...{ retentionSeconds: 3_600, finalRowSeconds: 600, capIsReached: false },
    });
    return { ends, succeeded: status?.succeeded, deleteJob };
  });
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? one.toString() : one));
}

function admissionOf(spec: Spec) {
  const job = aJob({ spec });
  const found = job.spec.budget.accountName === 'team-a' ? anAccount() : undefined;
  return decideAdmission({ job, account: found });
}

describe('every field of a job does something', () => {
  test('each leaf of the schema has a row, and each row a leaf', () => {
    expect(Object.keys(rows).sort()).toEqual([...schemaLeaves(gpuJob.spec)].sort());
  });

  const listed = Object.entries(rows).map(([leaf, row]) => ({ leaf, ...row }));

  test.each(listed.filter(({ effect }) => effect !== 'refusal'))(
    'spec.$leaf changes the $effect',
    ({ effect, base = {}, changed }) => {
      const before = effectsOf(base);
      const after = effectsOf(changed);
      expect(before[effect as 'terms']).not.toBe('');
      expect(after[effect as 'terms']).not.toBe(before[effect as 'terms']);
    },
  );

  test.each(listed.filter(({ effect }) => effect !== 'refusal'))(
    'spec.$leaf is not refused',
    ({ base = {}, changed }) => {
      for (const spec of [base, changed])
        expect(['Admitted', 'Suspended']).toContain(admissionOf(spec).reason);
    },
  );

  test.each(listed.filter(({ effect }) => effect === 'refusal'))(
    'spec.$leaf is refused by name',
    ({ leaf, changed }) => {
      const { status, message } = admissionOf(changed);
      expect(status).toBe('False');
      // The block is named; inside a list, by the entry's own name.
      const path = leaf.split('.').flatMap((part) => part.split('[')[0]!);
      const known = path.filter((part) => part !== '' && message.includes(part));
      expect(known.length).toBeGreaterThan(0);
    },
  );
});
