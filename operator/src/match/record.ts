import { createHash } from 'node:crypto';
import { formatTokenAmount } from '@gridlease/contracts/amount';
import { hashDocument } from '@gridlease/contracts/canonicalJson';
import type { GPUJob } from '@gridlease/crds/gpujob';
import { formatIndexes } from '@gridlease/crds/indexes';
import {
  API_VERSION,
  LABEL_ACCOUNT_UID,
  LABEL_EPOCH,
  LABEL_JOB_NAME,
  LABEL_JOB_NAMESPACE,
  LABEL_JOB_UID,
  LABEL_MANAGED_BY,
  LABEL_PROVIDER,
} from '@gridlease/crds/labels';
import type { PlacementRecord, PlacementRecordSpec } from '@gridlease/crds/placementrecord';
import { toKubeTime } from '@gridlease/kube/conditions';
import type { Hex } from 'viem';
import type { Loser, Placement } from './decide.ts';
import type { AccountFacts, PlacementFacts } from './facts.ts';
import type { PricedShare } from './money.ts';

const mostLosers = 16;
const largestRecord = 32 * 1024;

type RecordInput = {
  readonly job: GPUJob;
  readonly facts: PlacementFacts;
  readonly placement: Placement;
  readonly share: PricedShare;
  readonly shard: number;
  readonly epoch: number;
  /** Failed attempts of the share's tasks, at most. */
  readonly attempt: number;
  /** Of the channel that pays. */
  readonly generation: number;
  readonly inputsDigest: Hex;
};

/** The intent that one lease is derived from. The name is derived from the job's UID and the epoch. */
export function placementRecordOf(input: RecordInput): PlacementRecord {
  const { job, share, epoch } = input;
  const { candidate } = share;
  const { account } = input.facts;
  const intent: Omit<PlacementRecordSpec, 'digest' | 'losers'> = {
    jobRef: { namespace: job.metadata.namespace!, name: job.metadata.name, uid: job.metadata.uid! },
    accountRef: { namespace: job.metadata.namespace!, name: account.name, uid: account.uid },
    epoch,
    shard: input.shard,
    attempt: input.attempt,
    indexes: formatIndexes(share.indexes),
    parallelism: share.parallelism,
    decidedTime: toKubeTime(new Date(input.facts.nowMs)),
    winner: {
      providerName: candidate.provider,
      offerName: candidate.offerName,
      offerHash: candidate.offerHash,
      product: candidate.product,
      pricePerGPUHour: formatTokenAmount(candidate.price, account.decimals),
      gpuCount: share.parallelism * job.spec.gpu.count,
      maxAmount: share.maxAmount.toString(),
      generation: input.generation,
      ...(share.clique === undefined ? {} : { clique: share.clique }),
    },
    reasonCounts: input.placement.reasonCounts.slice(0, 64),
    inputsDigest: input.inputsDigest,
  };
  const losers = fitting(input.placement.losers, JSON.stringify(intent).length, account);
  const spec = { ...intent, losers };
  return {
    apiVersion: API_VERSION,
    kind: 'PlacementRecord',
    metadata: {
      namespace: job.metadata.namespace!,
      name: recordName(job.metadata.name, job.metadata.uid!, epoch),
      labels: {
        [LABEL_JOB_UID]: job.metadata.uid!,
        [LABEL_JOB_NAME]: job.metadata.name,
        [LABEL_JOB_NAMESPACE]: job.metadata.namespace!,
        [LABEL_PROVIDER]: candidate.provider,
        [LABEL_ACCOUNT_UID]: account.uid,
        [LABEL_EPOCH]: String(epoch),
        [LABEL_MANAGED_BY]: 'gridlease-operator',
      },
    },
    spec: { ...spec, digest: hashDocument(spec) },
  };
}

/** The name of a record and of its lease: a namesake of the job created later gets other ones. */
export function recordName(jobName: string, jobUid: string, epoch: number): string {
  const identity = createHash('sha256').update(jobUid).digest('hex').slice(0, 8);
  return `${jobName.slice(0, 40).replace(/-+$/, '')}-${identity}-${epoch}`;
}

/** The nearest losers, as many as the record has room for. */
function fitting(losers: readonly Loser[], used: number, account: AccountFacts) {
  const kept: PlacementRecordSpec['losers'][number][] = [];
  let size = used;
  for (const { candidate, reason, message } of losers.slice(0, mostLosers)) {
    const loser = {
      providerName: candidate.provider,
      offerName: candidate.offerName,
      product: candidate.product,
      pricePerGPUHour: formatTokenAmount(candidate.price, account.decimals),
      reason,
      message,
    };
    size += JSON.stringify(loser).length + 1;
    // Room for labels and the digest beside the spec.
    if (size > largestRecord - 2_048) break;
    kept.push(loser);
  }
  return kept;
}
