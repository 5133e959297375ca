import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseIsActive, leaseOutcome } from '@gridlease/crds/leaseState';
import { getCondition } from '@gridlease/kube/conditions';
import { Controller } from '@gridlease/kube/controller';
import { objectKey } from '@gridlease/kube/object';
import type { Intent } from './commit.ts';
import type { MatchDeps } from './deps.ts';
import { followLease } from './holdings.ts';
import { Ledger } from './ledger.ts';
import { Market } from './market.ts';
import { matchMetrics, showOldestWaiting } from './metrics.ts';
import { OfferBook } from './offerBook.ts';
import { reconcileMatch } from './reconcile.ts';
import { placedReporter } from './report.ts';
import { WaitingJobs } from './waitingJobs.ts';

/** Writes that wait for an answer beside each other; decisions themselves don't overlap. */
const concurrency = 16;
/** Changes within this time ask the waiting jobs once. */
const sweepPauseMs = 500;

/** The match stage: admitted jobs and offers in, records and leases out. */
export function createMatchStage(deps: MatchDeps): {
  start(signal: AbortSignal): void;
  readonly stopped: Promise<void>;
} {
  const { informers } = deps;
  const metrics = matchMetrics(deps.registry);
  const ledger = new Ledger();
  const market = new Market({ ...informers, book: new OfferBook(deps.checkOffer), ledger });
  const waitingJobs = new WaitingJobs(metrics, deps.clock);
  showOldestWaiting(deps.registry, () => waitingJobs.oldestSeconds());
  const reporter = placedReporter(deps, waitingJobs, (key) => controller.enqueue(key));
  const unsure = new Map<string, readonly Intent[]>();
  const controller = new Controller({
    name: 'match',
    concurrency,
    reconcile: reconcileMatch(deps, {
      ...{ ledger, market, reporter, metrics, unsure },
      hasHeldRecords: false,
    }),
    registry: deps.registry,
    log: deps.log,
    clock: deps.clock,
    timers: deps.timers,
  });
  const sweep = throttled(deps, () => {
    for (const key of waitingJobs.keysToAsk()) controller.enqueue(key);
  });

  controller.watch(informers.jobs, (job, old) =>
    old === undefined || mattersToMatch(job, old) ? [objectKey(job)] : [],
  );
  const jobOf = ({ spec }: GPULease): string => `${spec.jobRef.namespace}/${spec.jobRef.name}`;
  informers.leases.onChange((lease, _old, { type }) => {
    followLease(ledger, lease, type === 'deleted');
    // Deleted by hand, it is the same as it was: only the kind of the change tells.
    if (type === 'deleted' && leaseIsActive(lease)) {
      controller.enqueue(jobOf(lease));
      sweep();
    }
  });
  controller.watch(informers.leases, (lease, old) => {
    if (old !== undefined && leaseIsActive(old) && !leaseIsActive(lease)) sweep();
    return old !== undefined && sameProgress(lease, old) ? [] : [jobOf(lease)];
  });
  controller.watch(informers.records, ({ spec }) => [
    `${spec.jobRef.namespace}/${spec.jobRef.name}`,
  ]);
  controller.watch(informers.accounts, (account) => waitingJobs.keysToAsk(objectKey(account)));
  informers.providers.onChange(({ metadata: { name } }, _old, { type }) => {
    // From zero, so that the first placement is seen as a step.
    if (type === 'added') metrics.placements.inc({ provider: name }, 0);
  });
  const supply = (): readonly string[] => {
    market.supplyChanged();
    sweep();
    return [];
  };
  controller.watch(informers.offers, supply);
  controller.watch(informers.inventories, supply);
  controller.watch(informers.providers, supply);
  controller.watch(informers.chains, supply);
  controller.watch(informers.channels, () => []);

  return {
    start(signal) {
      controller.start(signal);
    },
    get stopped() {
      return controller.stopped;
    },
  };
}

/** Our own status writes come back as changes; only what a decision reads is worth another look. */
function mattersToMatch(job: GPUJob, old: GPUJob): boolean {
  if (job.metadata.generation !== old.metadata.generation) return true;
  if (job.metadata.deletionTimestamp !== old.metadata.deletionTimestamp) return true;
  return ['Admitted', 'Succeeded'].some((type) => {
    const now = getCondition(job.status?.conditions, type);
    const before = getCondition(old.status?.conditions, type);
    return now?.status !== before?.status || now?.observedGeneration !== before?.observedGeneration;
  });
}

function sameProgress(lease: GPULease, old: GPULease): boolean {
  return (
    leaseOutcome(lease).state === leaseOutcome(old).state &&
    lease.status?.completedIndexes === old.status?.completedIndexes &&
    lease.status?.failedIndexes === old.status?.failedIndexes
  );
}

/** At once, and then at most every `sweepPauseMs`: a burst of inventories is one sweep. */
function throttled({ timers }: MatchDeps, action: () => void): () => void {
  let waiting = false;
  let again = false;
  const run = (): void => {
    if (waiting) {
      again = true;
      return;
    }
    waiting = true;
    action();
    timers.after(sweepPauseMs, () => {
      waiting = false;
      if (!again) return;
      again = false;
      run();
    });
  };
  return run;
}
