import type { GPUJob } from '@gridlease/crds/gpujob';
import { ConnectionError } from '@gridlease/kube/apiError';
import { carryOut, leaseKeyOf } from './carryOut.ts';
import { commit, findLostRecords, type Intent } from './commit.ts';
import type { Decision } from './decide.ts';
import type { MatchDeps } from './deps.ts';
import type { PlacementFacts } from './facts.ts';
import type { Progress } from './gather.ts';
import { recordsOf } from './intents.ts';
import type { Source } from './placementFacts.ts';
import type { MatchState } from './state.ts';

/** Writes what was decided: the job's finalizer, the records, then their leases. */
export async function writePlacement(
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
      releaseUnwritten(job, intents, deps, state);
    }
    throw error;
  }
}

/** Finds out whether records were written whose answers were lost, and gives back what the others held. */
export async function settleUnsure(
  job: GPUJob,
  deps: MatchDeps,
  state: MatchState,
  signal: AbortSignal,
): Promise<void> {
  const intents = state.unsure.get(job.metadata.uid!);
  if (intents === undefined) return;
  await findLostRecords(job, intents, deps, signal);
  state.unsure.delete(job.metadata.uid!);
  releaseUnwritten(job, intents, deps, state);
}

/** Gives back what is held for leases of which no record was written. */
function releaseUnwritten(
  job: GPUJob,
  intents: readonly Intent[],
  deps: MatchDeps,
  { ledger }: Pick<MatchState, 'ledger'>,
): void {
  const written = new Set(recordsOf(job, deps).map(leaseKeyOf));
  for (const { leaseKey } of intents) if (!written.has(leaseKey)) ledger.release(leaseKey);
}
