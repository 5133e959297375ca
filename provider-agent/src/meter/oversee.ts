import { leaseExposure } from '@gridlease/contracts/channel';
import type { ChannelRecordSpec } from '@gridlease/crds/channelrecord';
import type { UsageRowOnObject } from '@gridlease/crds/statement';
import { type ChannelMemory, oldestUnpaid } from './channelMemory.ts';
import { type ChannelStanding, decideLease } from './decide.ts';
import type { MeterDeps } from './deps.ts';
import type { Leases } from './leases.ts';
import type { LookedLease } from './lookedLease.ts';
import type { MeterMetrics } from './metrics.ts';
import { coversFullDuration, rowFromObject, voucherOf } from './onObject.ts';

/**
 * Tells the run stage which leases may go on. Called at every look; speaks up only when something
 * changed, or for the first time after a restart.
 */
export function createOverseer(deps: MeterDeps, leases: Leases, metrics: MeterMetrics) {
  const said = new Map<string, string>();
  const beganMs = deps.clock.monotonicMs();

  const standingOf = (
    name: string,
    record: ChannelRecordSpec,
    memory: ChannelMemory,
    looked: readonly LookedLease[],
  ): ChannelStanding => {
    const cover = deps.cover(name);
    const { generation } = record.channel;
    const rows = record.rows.map(rowFromObject);
    const unpaidSince = oldestUnpaid(memory, voucherOf(record), rows);
    const holding = looked.filter(({ record: { spec } }) => spec.state === 'Running');
    const active = holding.filter(({ clocks }) => clocks.suspendedMs === undefined);
    const chainAgeMs = deps.chainAgeMs();
    const wasClosed = cover !== undefined && cover.generation > generation;
    return {
      remaining: cover?.remaining,
      leastCover: total(active, record.rows, { stopSeconds: deps.stopSeconds, withGrace: false }),
      fullCover: total(holding, record.rows, { stopSeconds: deps.stopSeconds, withGrace: true }),
      viewAgeMs: Number.isFinite(chainAgeMs) ? chainAgeMs : undefined,
      soughtMs: deps.clock.monotonicMs() - beganMs,
      unpaidMs: unpaidSince === undefined ? undefined : deps.clock.monotonicMs() - unpaidSince,
      closeAtSeconds: wasClosed ? cover.nowSeconds : cover?.closeAtSeconds,
      closeWindowSeconds: deps.closeWindowSeconds(),
      nowSeconds: cover?.nowSeconds ?? 0,
    };
  };

  return (
    name: string,
    record: ChannelRecordSpec,
    memory: ChannelMemory,
    looked: readonly LookedLease[],
  ): void => {
    const standing = standingOf(name, record, memory, looked);
    for (const { lease, record: leaseRecord, usage, clocks, startDeadlineSeconds } of looked) {
      const { spec } = leaseRecord;
      // Before it runs, waiting for funds is the accept stage's to judge.
      if (spec.state !== 'Running') {
        if (spec.state === 'Ended') said.delete(lease.leaseUid);
        continue;
      }
      const decision = decideLease(
        {
          isBudgetReached: usage.amount >= lease.maxAmount,
          coversFullDuration: coversFullDuration(leaseRecord),
          wasEverBilled: usage.gpuMs > 0n,
          unbilledMs: clocks.unbilledMs,
          startDeadlineSeconds,
          idleSeconds: spec.terms.idleSeconds,
          refusal: memory.refusals.get(lease.leaseId),
          graceSeconds: spec.terms.graceSeconds,
          suspendedMs: clocks.suspendedMs,
        },
        standing,
      );
      const key = decision.action === 'run' ? 'run' : `${decision.action}/${decision.reason}`;
      leases.setSuspended(lease.leaseUid, decision.action === 'suspend');
      if (said.get(lease.leaseUid) === key) continue;
      said.set(lease.leaseUid, key);
      if (decision.action === 'run') {
        deps.resume(lease.leaseUid);
        continue;
      }
      const { action, reason, message } = decision;
      metrics.interventions.inc({ action, reason });
      deps.log.info({ lease: lease.leaseName, reason }, `Lease to ${action}: ${message}`);
      if (action === 'stop') deps.requestStop(lease.leaseUid, reason, message);
      else deps.suspend(lease.leaseUid, reason, message);
    }
  };
}

/** What leases can cost beyond what is stated: never more than their maximum leaves. */
export function total(
  looked: readonly Pick<LookedLease, 'lease' | 'record'>[],
  rows: readonly Pick<UsageRowOnObject, 'leaseId' | 'amount' | 'credit'>[],
  { stopSeconds, withGrace }: { readonly stopSeconds: number; readonly withGrace: boolean },
): bigint {
  const stated = new Map(
    rows.map(({ leaseId, amount, credit }) => [leaseId, BigInt(amount) - BigInt(credit)]),
  );
  return looked.reduce((sum, { lease, record }) => {
    const { intervalSeconds, graceSeconds } = record.spec.terms;
    const exposure = leaseExposure({
      gpuCount: lease.gpuCount,
      pricePerGpuHour: lease.pricePerGpuHour,
      intervalSeconds,
      graceSeconds: withGrace ? graceSeconds : 0,
      stopSeconds,
      left: lease.maxAmount - (stated.get(lease.leaseId) ?? 0n),
    });
    return sum + exposure;
  }, 0n);
}
