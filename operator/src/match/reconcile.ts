import type { GPUJob } from '@gridlease/crds/gpujob';
import { jobSpan } from '@gridlease/crds/traces';
import { getCondition } from '@gridlease/kube/conditions';
import type { Reconcile, ReconcileResult } from '@gridlease/kube/controller';
import { inTrace, withSpan } from '@gridlease/kube/tracing';
import { carryOut, leaseKeyOf } from './carryOut.ts';
import { holdPlacement } from './commit.ts';
import { decide } from './decide.ts';
import { indexNames, type MatchDeps } from './deps.ts';
import { holdRecords, isVoid, lastEpoch, recordsWithoutLease } from './intents.ts';
import type { Ledger } from './ledger.ts';
import { dueNow, soonest } from './pauses.ts';
import { accountOf, gatherFacts } from './placementFacts.ts';
import { announcePlacement } from './report.ts';
import type { MatchState } from './state.ts';
import { carryOutSpan, placementSpan } from './traces.ts';
import { settleUnsure, writePlacement } from './writePlacement.ts';

/**
 * Places one job as far as it can be placed now: finishes what was decided before, decides about the
 * rest, and says why what is left waits. Decisions don't overlap: from reading the ledger to holding
 * in it there is no await.
 */
export function reconcileMatch(deps: MatchDeps, state: MatchState): Reconcile {
  return async (key, { signal }) => {
    const job = deps.informers.jobs.get(key);
    if (job === undefined || !isToBePlaced(job)) {
      state.reporter.forget(key);
      return;
    }
    if (!state.hasHeldRecords) {
      // Before the first decision: what was decided before the start and isn't a lease yet.
      state.hasHeldRecords = true;
      holdRecords(deps, state.ledger);
    }
    const place = async () => {
      await settleUnsure(job, deps, state, signal);
      await finishIntents(job, deps, state.ledger, signal);
      await state.market.refresh(deps.clock.now().getTime());
      return placeRest(job, key, deps, state, signal);
    };
    return inTrace(() => jobSpan(deps.policy.hub, job.metadata.uid!), place);
  };
}

/** Admitted as it is now, wanted, and not over. */
function isToBePlaced(job: GPUJob): boolean {
  const { deletionTimestamp, generation } = job.metadata;
  if (deletionTimestamp !== undefined || job.spec.suspend) return false;
  const admitted = getCondition(job.status?.conditions, 'Admitted');
  if (admitted?.status !== 'True' || admitted.observedGeneration !== generation) return false;
  const end = getCondition(job.status?.conditions, 'Succeeded')?.status;
  return end !== 'True' && end !== 'False';
}

async function finishIntents(
  job: GPUJob,
  deps: MatchDeps,
  ledger: Ledger,
  signal: AbortSignal,
): Promise<void> {
  for (const record of recordsWithoutLease(job, deps)) {
    if (isVoid(record, deps)) ledger.release(leaseKeyOf(record));
    else {
      const span = () => carryOutSpan(record, job, deps.policy.hub);
      const lease = await withSpan(span, () => carryOut(record, job, deps, signal));
      deps.informers.leases.observe(lease);
    }
  }
}

async function placeRest(
  job: GPUJob,
  key: string,
  deps: MatchDeps,
  state: MatchState,
  signal: AbortSignal,
): Promise<ReconcileResult> {
  const leases = deps.informers.leases.byIndex(indexNames.jobUid, job.metadata.uid!);
  const nowMs = deps.clock.now().getTime();
  const { progress, nextMs } = dueNow(deps.progressOf(job, leases, []), nowMs);
  if (progress.waiting.length === 0 && nextMs !== undefined) {
    return { requeueAfterMs: nextMs - nowMs };
  }
  if (progress.waiting.length > 0 && (progress.retryAtMs ?? 0) > nowMs) {
    return { requeueAfterMs: progress.retryAtMs! - nowMs };
  }
  const source = accountOf(job, deps);
  // Queue takes the admission back and says why.
  if (source === undefined) return { requeueAfterMs: 5_000 };
  const facts = gatherFacts(job, leases, progress, source, deps, state, nowMs);
  const stopTimer = state.metrics.decisionSeconds.startTimer();
  const decision = decide(facts);
  stopTimer();
  if (decision.placement === undefined) {
    const report = { job, key, progress, leases, decision, signal };
    return soonest(await state.reporter.report(report), nextMs, nowMs);
  }
  const intents = holdPlacement(job, decision.placement, {
    nextEpoch: lastEpoch(job, leases, deps) + 1,
    accountUid: facts.account.uid,
    ledger: state.ledger,
  });
  const made = { decision, facts, progress, source };
  const placed = await withSpan(
    () => placementSpan({ job, intents, leases, candidates: facts.candidates.length }, deps),
    async () => {
      const held = await writePlacement(job, intents, made, deps, { state, signal });
      deps.log.info({ job: key, leases: intents.map(({ leaseKey }) => leaseKey) }, 'Job placed');
      return held;
    },
  );
  for (const { candidate } of decision.placement.shares) {
    state.metrics.placements.inc({ provider: candidate.provider });
  }
  announcePlacement(deps.recorder, job, decision.placement, facts.account);
  const now = deps.informers.leases.byIndex(indexNames.jobUid, job.metadata.uid!);
  const after = deps.progressOf(placed, now, []);
  const report = { job: placed, key, progress: after, leases: now, decision, signal };
  return soonest(await state.reporter.report(report), nextMs, nowMs);
}
