import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { jobSpan } from '@gridlease/crds/traces';
import { ConnectionError } from '@gridlease/kube/apiError';
import { getCondition } from '@gridlease/kube/conditions';
import type { Reconcile, ReconcileResult } from '@gridlease/kube/controller';
import { inTrace, withSpan } from '@gridlease/kube/tracing';
import { accountMoney } from './accountMoney.ts';
import { carryOut, leaseKeyOf } from './carryOut.ts';
import { commit, findLostRecords, holdPlacement, type Intent } from './commit.ts';
import { type Decision, decide } from './decide.ts';
import { indexNames, type MatchDeps } from './deps.ts';
import type { PlacementFacts } from './facts.ts';
import { accountFacts, jobFacts, type Progress } from './gather.ts';
import { historyOf } from './history.ts';
import {
  cliqueOf,
  holdRecords,
  isVoid,
  lastEpoch,
  recordsOf,
  recordsWithoutLease,
} from './intents.ts';
import { costReader } from './leaseCost.ts';
import type { Ledger } from './ledger.ts';
import type { Market } from './market.ts';
import type { MatchMetrics } from './metrics.ts';
import { dueNow, soonest } from './pauses.ts';
import { announcePlacement, type PlacedReporter } from './report.ts';
import { carryOutSpan, placementSpan } from './traces.ts';

export type MatchState = {
  readonly ledger: Ledger;
  readonly market: Market;
  readonly reporter: PlacedReporter;
  readonly metrics: MatchMetrics;
  /** Intents whose record may or may not have been written, per job UID. */
  readonly unsure: Map<string, readonly Intent[]>;
  hasHeldRecords: boolean;
};

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
export function isToBePlaced(job: GPUJob): boolean {
  const { deletionTimestamp, generation } = job.metadata;
  if (deletionTimestamp !== undefined || job.spec.suspend) return false;
  const admitted = getCondition(job.status?.conditions, 'Admitted');
  if (admitted?.status !== 'True' || admitted.observedGeneration !== generation) return false;
  const end = getCondition(job.status?.conditions, 'Succeeded')?.status;
  return end !== 'True' && end !== 'False';
}

async function settleUnsure(
  job: GPUJob,
  deps: MatchDeps,
  { unsure, ledger }: MatchState,
  signal: AbortSignal,
): Promise<void> {
  const intents = unsure.get(job.metadata.uid!);
  if (intents === undefined) return;
  await findLostRecords(job, intents, deps, signal);
  unsure.delete(job.metadata.uid!);
  const written = new Set(recordsOf(job, deps).map(leaseKeyOf));
  for (const { leaseKey } of intents) if (!written.has(leaseKey)) ledger.release(leaseKey);
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

type Source = { readonly account: PaymentAccount; readonly chain: SettlementChain };

async function writePlacement(
  job: GPUJob,
  intents: readonly Intent[],
  made: {
    readonly decision: Decision;
    readonly facts: PlacementFacts;
    readonly progress: Progress;
    readonly source: Source;
  },
  deps: MatchDeps,
  context: { readonly state: MatchState; readonly signal: AbortSignal },
): Promise<GPUJob> {
  const { state, signal } = context;
  try {
    const held = await deps.holdJob(job, signal);
    const records = await commit(
      {
        job: held,
        facts: made.facts,
        placement: made.decision.placement!,
        intents,
        chainName: made.source.chain.metadata.name,
        failures: made.progress.failures,
        signal,
      },
      deps,
    );
    for (const record of records) {
      deps.informers.leases.observe(await carryOut(record, held, deps, signal));
    }
    return held;
  } catch (error) {
    // Without an answer the record may exist; what it holds is given back once that is known.
    if (error instanceof ConnectionError || signal.aborted) {
      state.unsure.set(job.metadata.uid!, intents);
    } else {
      const written = new Set(recordsOf(job, deps).map(leaseKeyOf));
      for (const { leaseKey } of intents) {
        if (!written.has(leaseKey)) state.ledger.release(leaseKey);
      }
    }
    throw error;
  }
}

function gatherFacts(
  job: GPUJob,
  leases: readonly GPULease[],
  progress: Progress,
  { account, chain }: Source,
  deps: MatchDeps,
  state: MatchState,
  nowMs: number,
): PlacementFacts {
  const { decimals } = chain.spec.token;
  const { channels, leases: allLeases } = deps.informers;
  const accountUid = account.metadata.uid!;
  const ofAccount = channels.byIndex(indexNames.accountUid, accountUid);
  const { refusals, spent, committed } = historyOf(
    leases,
    // A lease that somebody deleted is no fault of its provider.
    recordsWithoutLease(job, deps).filter(({ spec }) => spec.epoch > (job.status?.epoch ?? 0)),
    costReader(ofAccount),
  );
  const money = accountMoney({
    holdings: state.ledger.ofAccount(accountUid),
    channels: ofAccount,
    leases:
      account.spec.caps?.perHour === undefined && account.spec.caps?.perDay === undefined
        ? []
        : allLeases.byIndex(indexNames.accountUid, accountUid),
    nowMs,
  });
  const cliqueInUse = cliqueOf(leases, recordsOf(job, deps));
  return {
    protocolVersion: 1,
    nowMs,
    job: jobFacts({
      ...{ job, progress, refusals, cliqueInUse, spent, committed, decimals },
      intervalSeconds: deps.policy.intervalSeconds,
    }),
    account: accountFacts(account, chain, money),
    candidates: state.market.candidates(chain),
  };
}

function accountOf(job: GPUJob, { informers }: MatchDeps): Source | undefined {
  const name = job.spec.budget.accountName;
  const account = informers.accounts.get(`${job.metadata.namespace}/${name}`);
  const chain = informers.chains.get(account?.spec.chainName ?? '');
  return account === undefined || chain === undefined ? undefined : { account, chain };
}
