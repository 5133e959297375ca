import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import { terminationSecondsOf } from '@gridlease/crds/workloadDocument';
import { delay, linkedAbort } from '@gridlease/kube/abort';
import { describeError } from '@gridlease/kube/errors';
import {
  asking,
  confirmed,
  decideFence,
  firstStanding,
  followRenewals,
  mayAskAgain,
  mayStartPods,
  onFirstRenewal,
  type Standing,
} from './decide.ts';
import type { FenceDeps } from './deps.ts';
import { type Condemned, kill } from './kill.ts';
import { lastCheck } from './lastCheck.ts';
import { fenceMetrics } from './metrics.ts';

const lookMs = 500;
/** One pass at the own cluster; the next one goes on where it ended. */
const killLimitMs = 10_000;
/** Between two lists of a fenced lease of which nothing was left. */
const quietMs = 5_000;

export type Fence = {
  start(signal: AbortSignal): void;
  readonly stopped: Promise<void>;
  /** Whether the hub was heard recently enough to start pods of a lease with this fence. */
  mayStart(fenceSeconds: number): boolean;
  /** One look at all leases; what `start` repeats. Resolves when what it led to is done. */
  look(signal: AbortSignal): Promise<void>;
};

/**
 * Kills the pods of leases whose hub was not reached for terms.fenceSeconds: from then on the hub may
 * place their tasks elsewhere. It needs nothing but the shared clock and the own API server, and no
 * leadership, so that the replica that leads may be the very one that hangs.
 */
export function createFence(deps: FenceDeps): Fence {
  const { clock, informers, log, renewals } = deps;
  const metrics = fenceMetrics(deps.registry);
  const standings = new Map<string, Standing>();
  const startedMs = clock.monotonicMs();
  const startedAt = clock.now().getTime();
  let quietUntilMs = Number.NEGATIVE_INFINITY;

  /** A record says that pods exist some time after they do. */
  const mayHavePods = ({ metadata, spec }: LeaseRecord): boolean =>
    spec.terms.fenceSeconds > 0 &&
    (spec.state === 'Running' ||
      (spec.state === 'Accepted' && informers.pods.byIndex('leaseUid', metadata.name).length > 0));

  const lookAt = (record: LeaseRecord) => ({
    nowMs: clock.monotonicMs(),
    lastRenewalMs: renewals.lastRenewalMs,
    fenceMs: record.spec.terms.fenceSeconds * 1000,
  });

  const standingOf = (record: LeaseRecord): Standing => {
    const uid = record.metadata.name;
    const isNew = Number(record.spec.acceptance.acceptedMs) >= startedAt;
    const { lastRenewalMs } = renewals;
    const nowMs = clock.monotonicMs();
    const first = firstStanding({ isNew, startedMs, nowMs, lastRenewalMs });
    const before = onFirstRenewal(standings.get(uid) ?? first, first);
    const after = followRenewals(before, lookAt(record));
    standings.set(uid, after);
    return after;
  };

  const decide = (record: LeaseRecord) => {
    const standing = standingOf(record);
    const decision = decideFence(standing, {
      ...lookAt(record),
      isLeader: deps.isLeader(),
      terminationSeconds: graceSecondsOf(record),
      isMarked: record.spec.fenced !== undefined,
    });
    const isAsking = decision.kind === 'check';
    standings.set(record.metadata.name, asking(standing, isAsking, clock.monotonicMs()));
    return decision;
  };

  const condemn = ({ metadata, spec }: LeaseRecord, why: string): void => {
    const standing = standings.get(metadata.name)!;
    if (standing.isCondemned) return;
    standings.set(metadata.name, { ...standing, isCondemned: true });
    metrics.fenced.inc();
    log.error({ lease: spec.leaseRef.name, why }, 'Lease fenced: its pods are being killed');
  };

  /** Leases of which the hub says that they go on are held; all others are condemned. */
  const check = async (records: readonly LeaseRecord[], signal: AbortSignal): Promise<void> => {
    const outcomes = await lastCheck(records, deps, signal);
    if (signal.aborted) return;
    for (const record of records) {
      const uid = record.metadata.name;
      const outcome = outcomes.get(uid) ?? 'unknown';
      metrics.checks.inc({ outcome });
      // The renewal first: it came after the pause that the confirmation is for.
      const seen = standingOf(record);
      const now = outcome === 'held' ? confirmed(seen) : seen;
      standings.set(uid, now);
      // A restarted agent may have learned meanwhile that it renewed a moment before it ended.
      const isSure = now.brokenMs === undefined && now.overdueMs === undefined;
      if (outcome === 'lost') condemn(record, 'the hub has given it up');
      else if (!isSure && !mayAskAgain(now, clock.monotonicMs()))
        condemn(record, 'the hub did not answer');
    }
  };

  const look = async (signal: AbortSignal): Promise<void> => {
    const records = informers.records.list(deps.recordNamespace).filter(mayHavePods);
    const known = new Set(records.map(({ metadata }) => metadata.name));
    for (const uid of standings.keys()) if (!known.has(uid)) standings.delete(uid);
    const decisions = records.map((record) => [record, decide(record)] as const);
    const toCheck = decisions.filter(([, { kind }]) => kind === 'check').map(([record]) => record);
    if (toCheck.length > 0) await check(toCheck, signal);
    // What another replica has stored decides, not what this one has seen of it: it may have slept.
    else if (decisions.some(([, { kind }]) => kind === 'wait')) await reread(signal);
    if (signal.aborted) return;
    const condemned = records.flatMap((record): readonly Condemned[] => {
      const decision = decide(record);
      if (decision.kind !== 'kill') return [];
      if (record.spec.fenced === undefined) condemn(record, 'nobody reached the hub');
      return [{ record, graceSeconds: decision.graceSeconds }];
    });
    if (condemned.length > 0) await killAll(condemned, signal);
    // The last of them were over before they were looked at again.
    else metrics.pods.set(0);
  };

  const reread = async (signal: AbortSignal): Promise<void> => {
    using limit = linkedAbort([signal], lookMs, 'Reading the shared clock');
    await renewals.refresh(limit.signal).catch(() => undefined);
  };

  const killAll = async (condemned: readonly Condemned[], signal: AbortSignal): Promise<void> => {
    const isSeen = condemned.some(
      ({ record: { metadata, spec } }) =>
        spec.fenced === undefined ||
        informers.pods.byIndex('leaseUid', metadata.name).some(({ status }) => isAlive(status)),
    );
    if (!isSeen && clock.monotonicMs() < quietUntilMs) return;
    using limit = linkedAbort([signal], killLimitMs, 'Killing the pods of fenced leases');
    const left = await kill(condemned, deps, limit.signal);
    metrics.pods.set(left);
    quietUntilMs = clock.monotonicMs() + (left === 0 ? quietMs : 0);
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      try {
        if (informers.records.hasSynced) await look(signal);
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ error: describeError(error) }, 'The fence could not do its work, trying again');
      }
      await delay(lookMs, signal).catch(() => undefined);
    }
  };

  let stopped: Promise<void> = Promise.resolve();
  return {
    start(signal) {
      stopped = run(signal);
    },
    get stopped() {
      return stopped;
    },
    mayStart: (fenceSeconds) =>
      mayStartPods({
        nowMs: clock.monotonicMs(),
        lastRenewalMs: renewals.lastRenewalMs,
        fenceMs: fenceSeconds * 1000,
      }),
    look,
  };
}

function isAlive(status: { readonly phase?: string } | undefined): boolean {
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

/** The document was checked when the lease was accepted; without the field nothing is waited for. */
function graceSecondsOf({ spec }: LeaseRecord): number {
  const document = JSON.parse(spec.workloadDocument) as Readonly<Record<string, unknown>>;
  const terminationGracePeriodSeconds = Number(document['terminationGracePeriodSeconds'] ?? 1);
  return terminationSecondsOf({ terminationGracePeriodSeconds });
}
