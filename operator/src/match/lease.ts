import { parseTokenAmount } from '@gridlease/contracts/amount';
import { canonicalJson } from '@gridlease/contracts/canonicalJson';
import { channelObjectName } from '@gridlease/contracts/channel';
import { escrowDomain } from '@gridlease/contracts/domain';
import { uidToBytes32 } from '@gridlease/contracts/ids';
import { type LeaseTerms, signLeaseTerms } from '@gridlease/contracts/leaseTerms';
import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease, GPULeaseSpec } from '@gridlease/crds/gpulease';
import { MAX_INLINE_DOCUMENT_LENGTH } from '@gridlease/crds/gpulease';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import { count } from '@gridlease/crds/indexes';
import { maxDurationSecondsOf, onDisconnectOf } from '@gridlease/crds/jobDefaults';
import { API_VERSION, providerNamespace } from '@gridlease/crds/labels';
import type { LeaseWorkload } from '@gridlease/crds/leaseworkload';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { PlacementRecord } from '@gridlease/crds/placementrecord';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { buildWorkloadDocument } from '@gridlease/crds/workloadDocument';
import { type Hex, keccak256, type LocalAccount, stringToHex } from 'viem';

/** What the hub puts into every lease's terms. Seconds. */
export type TermsPolicy = {
  readonly hub: Hex;
  readonly hubEpoch: bigint;
  readonly intervalSeconds: number;
  readonly graceSeconds: number;
  readonly prepaySeconds: number;
  readonly idleSeconds: number;
  readonly fenceSeconds: number;
  readonly acceptSeconds: number;
};

/** Where the numbers of a lease come from: the record, and objects that can't change under it. */
export type LeaseSource = {
  readonly record: PlacementRecord;
  readonly job: GPUJob;
  readonly account: PaymentAccount;
  readonly provider: GPUProvider;
  readonly chain: SettlementChain;
};

const largestUint32 = 2 ** 32 - 1;

/** The document that the tasks run, in the provider's namespace; shared by the job's leases there. */
export function leaseWorkloadOf({ job, record }: LeaseSource): LeaseWorkload {
  const document = canonicalJson(buildWorkloadDocument(job, record.spec.winner));
  const hash = keccak256(stringToHex(document));
  const identity = keccak256(stringToHex(`${hash}${job.metadata.uid}`));
  return {
    apiVersion: API_VERSION,
    kind: 'LeaseWorkload',
    metadata: {
      namespace: providerNamespace(record.spec.winner.providerName),
      name: `lw-${identity.slice(2, 18)}`,
      labels: jobLabels(record),
    },
    spec: { document, hash },
  };
}

/** Whether a workload travels in the lease: one object less to write, and to wait for. */
export function isInline({ spec }: LeaseWorkload): boolean {
  return spec.document.length <= MAX_INLINE_DOCUMENT_LENGTH;
}

/** Unix seconds after which the terms made from a record can no longer be accepted. */
export function acceptByOf(record: PlacementRecord, acceptSeconds: number): number {
  return Math.floor(Date.parse(record.spec.decidedTime) / 1_000) + acceptSeconds;
}

/** The terms that a record stands for. The same record always gives the same terms. */
export function leaseTermsOf(
  source: LeaseSource,
  workloadHash: Hex,
  signer: Hex,
  policy: TermsPolicy,
): LeaseTerms {
  const { record, job, account, provider, chain } = source;
  const { spec } = record;
  const rounds = Math.ceil(count(spec.indexes) / spec.parallelism);
  const running = maxDurationSecondsOf(job.spec);
  const seconds =
    running === undefined ? 0 : running * rounds + job.spec.runtime.startDeadlineSeconds;
  return {
    tenant: account.spec.address,
    provider: provider.spec.address,
    signer,
    generation: spec.winner.generation,
    hub: policy.hub,
    hubEpoch: policy.hubEpoch,
    jobUid: uidToBytes32(job.metadata.uid!),
    shard: spec.shard,
    attempt: spec.epoch,
    offerHash: spec.winner.offerHash,
    workloadHash,
    gpuCount: spec.winner.gpuCount,
    spot: false,
    pricePerGpuHour: parseTokenAmount(spec.winner.pricePerGPUHour, chain.spec.token.decimals),
    maxAmount: BigInt(spec.winner.maxAmount),
    maxSeconds: Math.min(seconds, largestUint32),
    intervalSeconds: policy.intervalSeconds,
    graceSeconds: policy.graceSeconds,
    prepaySeconds: policy.prepaySeconds,
    idleSeconds: policy.idleSeconds,
    fenceSeconds: onDisconnectOf(job.spec) === 'KeepRunning' ? 0 : policy.fenceSeconds,
    retentionBps: 0,
    acceptBy: BigInt(acceptByOf(record, policy.acceptSeconds)),
  };
}

/** The lease with its signed terms, named like its record. */
export async function gpuLeaseOf(
  source: LeaseSource,
  workload: LeaseWorkload,
  signer: LocalAccount,
  policy: TermsPolicy,
): Promise<GPULease> {
  const { record, job, chain } = source;
  const { winner, indexes, parallelism, epoch, accountRef, jobRef } = record.spec;
  const terms = leaseTermsOf(source, workload.spec.hash, signer.address, policy);
  const spec: GPULeaseSpec = {
    jobRef,
    providerName: winner.providerName,
    accountRef,
    product: winner.product,
    pricePerGPUHour: winner.pricePerGPUHour,
    workloadName: workload.metadata.name,
    ...(isInline(workload) ? { workloadDocument: workload.spec.document } : {}),
    channelName: channelObjectName(accountRef.uid, terms.provider, signer.address),
    tasks: { indexes, parallelism, gpusPerTask: job.spec.gpu.count },
    epoch,
    terms: onObject(terms),
    termsSignature: await signLeaseTerms(signer, escrowDomain(chain.spec), terms),
    desiredState: 'Running',
  };
  return {
    apiVersion: API_VERSION,
    kind: 'GPULease',
    metadata: {
      namespace: providerNamespace(winner.providerName),
      name: record.metadata.name,
      labels: record.metadata.labels ?? {},
    },
    spec,
  };
}

/** uint64 and uint96 are decimal strings on objects; the rest is as signed. */
function onObject(terms: LeaseTerms): GPULeaseSpec['terms'] {
  return {
    ...terms,
    hubEpoch: terms.hubEpoch.toString(),
    pricePerGpuHour: terms.pricePerGpuHour.toString(),
    maxAmount: terms.maxAmount.toString(),
    acceptBy: terms.acceptBy.toString(),
  };
}

function jobLabels({ metadata }: PlacementRecord): Record<string, string> {
  const shared = Object.entries(metadata.labels ?? {}).filter(
    ([name]) => name !== 'gridlease.dev/epoch',
  );
  return Object.fromEntries(shared);
}
