import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { PlacementRecord } from '@gridlease/crds/placementrecord';
import { jobSpan, matchSpan } from '@gridlease/crds/traces';
import { getCondition } from '@gridlease/kube/conditions';
import { childOf, type SpanStart } from '@gridlease/kube/tracing';
import type { Hex } from 'viem';
import type { Intent } from './commit.ts';
import type { MatchDeps } from './deps.ts';

/** One decision, from when there was something to place to when its leases are written. */
export function placementSpan(
  made: {
    readonly job: GPUJob;
    readonly intents: readonly Intent[];
    readonly leases: readonly GPULease[];
    readonly candidates: number;
  },
  { policy }: Pick<MatchDeps, 'policy'>,
): SpanStart | undefined {
  const { job, intents, leases, candidates } = made;
  const [first] = intents;
  if (first === undefined) return undefined;
  const uid = job.metadata.uid!;
  const { provider, product } = first.share.candidate;
  return {
    name: 'match place',
    isDerived: true,
    context: matchSpan(policy.hub, uid, first.epoch),
    parentSpanId: jobSpan(policy.hub, uid).spanId,
    startMs: waitingSinceMs(job, leases),
    attributes: {
      ...ofJob(job),
      'gridlease.provider.name': provider,
      'gridlease.product': product,
      'gridlease.leases': intents.length,
      'gridlease.candidates': candidates,
      'gridlease.lease.epoch': first.epoch,
    },
  };
}

/** What an earlier process decided and this one carries out. */
export function carryOutSpan({ spec }: PlacementRecord, job: GPUJob, hub: Hex): SpanStart {
  const uid = job.metadata.uid!;
  const decision = matchSpan(hub, uid, spec.epoch - spec.shard);
  return {
    name: 'match place',
    isDerived: true,
    // Of the shards of one decision one stands for it; the decision itself was not told any more.
    context: spec.shard === 0 ? decision : childOf(decision),
    parentSpanId: spec.shard === 0 ? jobSpan(hub, uid).spanId : decision.spanId,
    startMs: Date.parse(spec.decidedTime),
    attributes: {
      ...ofJob(job),
      'gridlease.provider.name': spec.winner.providerName,
      'gridlease.product': spec.winner.product,
      'gridlease.lease.epoch': spec.epoch,
      'gridlease.resumed': true,
    },
  };
}

/** It was admitted, or the last lease of an earlier attempt ended; whichever came later. */
function waitingSinceMs(job: GPUJob, leases: readonly GPULease[]): number {
  const admitted = getCondition(job.status?.conditions, 'Admitted')?.lastTransitionTime ?? '';
  const ends = leases.flatMap(({ status }) => status?.endTime ?? []);
  return Math.max(...[admitted, ...ends].map((time) => Date.parse(time)).filter(Number.isFinite));
}

const ofJob = ({ metadata }: GPUJob) => ({
  'gridlease.job.namespace': metadata.namespace,
  'gridlease.job.name': metadata.name,
  'gridlease.job.uid': metadata.uid,
});
