import { canonicalJson } from '@gridlease/contracts/canonicalJson';
import { channelObjectName } from '@gridlease/contracts/channel';
import { type EscrowDomain, escrowDomain } from '@gridlease/contracts/domain';
import { hubId, productId, uidToBytes32 } from '@gridlease/contracts/ids';
import { hashLeaseTerms, type LeaseTerms, signLeaseTerms } from '@gridlease/contracts/leaseTerms';
import { hashOffer, type Offer } from '@gridlease/contracts/offer';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { LeaseWorkload } from '@gridlease/crds/leaseworkload';
import type { WorkloadDocument } from '@gridlease/crds/workloadDocument';
import { type Hex, keccak256, type LocalAccount, stringToHex, zeroHash } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

/** Objects for tests: valid as they are, so that a test states only what it is about. */

const keyOf = (name: string): LocalAccount => privateKeyToAccount(keccak256(stringToHex(name)));

/** Well-known accounts; development keys derived from their names. */
export const people = {
  tenant: keyOf('test tenant'),
  owner: keyOf('test owner'),
  agent: keyOf('test agent'),
  signer: keyOf('test signer'),
  stranger: keyOf('test stranger'),
} as const;

export const testDomain: EscrowDomain = escrowDomain({
  chainId: 31337,
  escrow: '0x00000000000000000000000000000000000e5c80',
});
export const testHub = hubId('hub-uid');
export const testProduct = 'H100-80GB-HBM3';
export const testImage = `registry.example/train@sha256:${'ab'.repeat(32)}`;

/** 2026-01-01T00:00:00Z, unix milliseconds. */
export const testNowMs = 1_767_225_600_000;

export function aWorkloadDocument(overrides: Partial<WorkloadDocument> = {}): WorkloadDocument {
  return {
    protocolVersion: 1,
    job: { namespace: 'team-a', name: 'finetune', uid: 'job-uid' },
    completions: 4,
    image: testImage,
    command: ['python', 'train.py'],
    env: [{ name: 'LR', value: '1e-4' }],
    runAsUser: 1000,
    resources: { cpu: '1', memory: '1Gi', ephemeralStorage: '1Gi', sharedMemory: '64Mi' },
    egress: 'None',
    allow: [],
    gpu: { count: 1 },
    minIsolation: 'runc',
    maxDurationSeconds: 3600,
    startDeadlineSeconds: 900,
    terminationGracePeriodSeconds: 5,
    ...overrides,
  };
}

/** A replica that stays: no completions, and no end unless `overrides` gives one. */
export function aServiceDocument(overrides: Partial<WorkloadDocument> = {}): WorkloadDocument {
  const { completions: _tasks, maxDurationSeconds: _end, ...rest } = aWorkloadDocument();
  const probe = { path: '/health', periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 3 };
  const ports = [
    { name: 'http', port: 8000, probe },
    { name: 'metrics', port: 9000 },
  ];
  return { ...rest, service: { ports }, ...overrides };
}

export function anOffer(overrides: Partial<Offer> = {}): Offer {
  return {
    provider: people.owner.address,
    hub: testHub,
    product: productId(testProduct),
    pricePerGpuHour: 2_100_000n,
    spotPricePerGpuHour: 0n,
    minGpus: 1,
    maxGpus: 64,
    maxSeconds: 0,
    policyHash: zeroHash,
    validUntil: BigInt(testNowMs / 1000 + 3600),
    salt: zeroHash,
    ...overrides,
  };
}

export type LeaseOptions = {
  readonly name?: string;
  readonly uid?: string;
  readonly namespace?: string;
  readonly providerName?: string;
  readonly document?: WorkloadDocument;
  readonly offer?: Offer;
  readonly product?: string;
  readonly pricePerGPUHour?: string;
  readonly domain?: EscrowDomain;
  readonly signer?: LocalAccount;
  readonly accountUid?: string;
  readonly epoch?: number;
  readonly tasks?: GPULease['spec']['tasks'];
  readonly terms?: Partial<LeaseTerms>;
  readonly spec?: Partial<GPULease['spec']>;
};

/** A lease with signed terms, and the workload that they commit to. */
export async function aLease(
  options: LeaseOptions = {},
): Promise<{ lease: GPULease; workload: LeaseWorkload; terms: LeaseTerms; leaseId: Hex }> {
  const {
    namespace = 'gridlease-provider-alpha',
    name = 'finetune-1',
    uid = 'lease-uid',
  } = options;
  const { domain = testDomain, signer = people.signer, accountUid = 'account-uid' } = options;
  const document = options.document ?? aWorkloadDocument();
  const offer = options.offer ?? anOffer();
  const tasks = options.tasks ?? {
    indexes: '0-3',
    parallelism: 2,
    gpusPerTask: document.gpu.count,
  };
  const epoch = options.epoch ?? 1;
  const text = canonicalJson(document);
  const hash = keccak256(stringToHex(text));
  const terms: LeaseTerms = {
    tenant: people.tenant.address,
    provider: offer.provider,
    signer: signer.address,
    generation: 1,
    hub: offer.hub,
    hubEpoch: 1n,
    jobUid: uidToBytes32(document.job.uid),
    shard: 0,
    attempt: epoch,
    offerHash: hashOffer(domain, offer),
    workloadHash: hash,
    gpuCount: tasks.parallelism * tasks.gpusPerTask,
    spot: false,
    pricePerGpuHour: offer.pricePerGpuHour,
    maxAmount: 10_000_000n,
    maxSeconds: 8100,
    intervalSeconds: 5,
    graceSeconds: 60,
    prepaySeconds: 0,
    idleSeconds: 300,
    fenceSeconds: 60,
    retentionBps: 0,
    acceptBy: BigInt(Math.floor(testNowMs / 1000)) + 30n,
    ...options.terms,
  };
  const workloadName = `lw-${hash.slice(2, 18)}`;
  const type = { apiVersion: 'gridlease.dev/v1alpha1' };
  const lease: GPULease = {
    ...type,
    kind: 'GPULease',
    metadata: { namespace, name, uid, resourceVersion: '1', generation: 1 },
    spec: {
      jobRef: document.job,
      providerName: options.providerName ?? 'alpha',
      accountRef: { namespace: document.job.namespace, name: 'account', uid: accountUid },
      product: options.product ?? testProduct,
      pricePerGPUHour: options.pricePerGPUHour ?? '2.1',
      workloadName,
      channelName: channelObjectName(accountUid, terms.provider, terms.signer),
      tasks,
      epoch,
      terms: {
        ...terms,
        hubEpoch: terms.hubEpoch.toString(),
        pricePerGpuHour: terms.pricePerGpuHour.toString(),
        maxAmount: terms.maxAmount.toString(),
        acceptBy: terms.acceptBy.toString(),
      },
      termsSignature: await signLeaseTerms(signer, domain, terms),
      desiredState: 'Running',
      ...options.spec,
    },
  };
  const workload: LeaseWorkload = {
    ...type,
    kind: 'LeaseWorkload',
    metadata: { namespace, name: workloadName },
    spec: { document: text, hash },
  };
  return { lease, workload, terms, leaseId: hashLeaseTerms(domain, terms) };
}

/** The agent's record of an accepted lease. */
export async function aLeaseRecord(
  options: LeaseOptions & { readonly record?: Partial<LeaseRecord['spec']> } = {},
): Promise<LeaseRecord> {
  const { lease, workload, leaseId } = await aLease(options);
  const { spec, metadata } = lease;
  const uid = metadata.uid!;
  return {
    apiVersion: 'gridlease.dev/v1alpha1',
    kind: 'LeaseRecord',
    metadata: { namespace: 'gridlease-agent', name: uid },
    spec: {
      hub: 'hub',
      leaseRef: { namespace: metadata.namespace!, name: metadata.name, uid },
      jobRef: spec.jobRef,
      leaseId,
      terms: spec.terms,
      termsSignature: spec.termsSignature,
      tasks: spec.tasks,
      epoch: spec.epoch,
      product: spec.product,
      workloadDocument: workload.spec.document,
      channelName: spec.channelName,
      acceptance: {
        leaseUid: uidToBytes32(uid),
        acceptedMs: String(testNowMs),
        agent: people.agent.address,
        signature: `0x${'11'.repeat(65)}`,
      },
      desiredState: 'Running',
      state: 'Running',
      ...options.record,
    },
  };
}
