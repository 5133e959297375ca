import type { ChannelRecordSpec } from '@gridlease/crds/channelrecord';
import { LABEL_LEASE_UID } from '@gridlease/crds/labels';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import { Controller } from '@gridlease/kube/controller';
import { describeError } from '@gridlease/kube/errors';
import type { Logger } from '@gridlease/kube/log';
import type { ChannelMemory } from './channelMemory.ts';
import { createConfirmations } from './confirmations.ts';
import type { MeterDeps } from './deps.ts';
import { createExporters } from './exporters.ts';
import { nextChannelRecord } from './generation.ts';
import { createLeases } from './leases.ts';
import type { LookedLease, ShownUsage } from './lookedLease.ts';
import { meterMetrics } from './metrics.ts';
import { createOverseer } from './oversee.ts';
import { createPublisher } from './publish.ts';
import { createStatements } from './statements.ts';
import { storeAll } from './storeAll.ts';

/** Ends that fall together are stated together. */
const coalesceMs = 200;
/** Between two statements of a channel, however many leases end. */
const shortestPauseMs = 1_000;
/** The same while the last one is not answered: a payer that is slow must not find another each time it answers. */
const unansweredPauseMs = 5_000;
const longestPauseMs = 5_000;

export type MeterStage = {
  start(signal: AbortSignal): void;
  readonly stopped: Promise<void>;
  /** What was delivered to a lease; undefined when there is no record of it. */
  usage(leaseUid: string): ShownUsage | undefined;
  /** What to store of the meter with the end of a lease; undefined when it has not seen all of it. */
  finalMeter(leaseUid: string): LeaseRecord['spec']['meter'];
  /** Calls back when a lease's usage changed, or became final. */
  onUsage(callback: (leaseUid: string) => void): () => void;
};

/**
 * Meters the pods of accepted leases and states, channel by channel, what they have had: every
 * interval, and at once when a lease has ended. A statement is stored before anybody sees it.
 */
export function createMeterStage(deps: MeterDeps): MeterStage {
  const { informers, records, clock, log, registry } = deps;
  const metrics = meterMetrics(registry);
  const confirmations = createConfirmations({
    nodes: informers.nodes,
    pods: informers.pods,
    podClient: deps.clients.pods,
    nodeLeases: deps.clients.nodeLeases,
    clock,
  });
  const exporters = createExporters({
    sources: deps.exporters,
    intervalMs: deps.exporterIntervalMs ?? 10_000,
    onChange: () => lookAtAll(),
    clock,
    log,
  });
  const leases = createLeases(deps, confirmations, exporters.view, metrics);
  const oversee = createOverseer(deps, leases, metrics);
  const statements = createStatements(deps, leases, metrics);
  const listeners = new Set<(leaseUid: string) => void>();
  const told = new Map<string, string>();

  /** Says that a lease's usage is another one; most looks change nothing. */
  const tell = ({ lease, usage, isDelivering, problem, record }: LookedLease): void => {
    const state = `${isDelivering}/${problem?.reason}/${leases.isStoredFinal(record)}`;
    const now = `${usage.gpuMs}/${state}`;
    if (told.get(lease.leaseUid) === now) return;
    told.set(lease.leaseUid, now);
    for (const listener of listeners) listener(lease.leaseUid);
  };

  const isAnswered = (name: string, { statement }: ChannelRecordSpec): boolean => {
    const reply = informers.channels.get(`${deps.hubNamespace}/${name}`)?.spec.reply;
    return statement === undefined || reply?.statementHash === statement.hash;
  };

  const controller = new Controller({
    name: 'meter',
    queue: { baseDelayMs: 100, maxDelayMs: 5_000 },
    concurrency: 4,
    log,
    registry,
    async reconcile(name, { signal, log: logger }) {
      const all = informers.leaseRecords.byIndex('statedOn', name);
      if (all.length === 0) return undefined;
      const isObserved = await refreshed(confirmations.refresh(signal), informers, logger);
      const next = nextChannelRecord(records.get(name), all, deps.domain);
      if (next !== undefined) {
        if (next.channel.generation !== records.get(name)?.channel.generation) {
          statements.forget(name);
        }
        await records.update(name, (now) => nextChannelRecord(now, all, deps.domain), signal);
      }
      const record = records.get(name);
      if (record === undefined) return { requeueAfterMs: shortestPauseMs };
      await statements.followReply(name, record, logger);
      const memory = statements.memory(name);
      const looked = all.map((lease) => leases.look(lease, isObserved));
      const { generation } = record.channel;
      const listed = new Set(record.rows.map(({ leaseId }) => leaseId));
      const current = looked.filter(
        ({ record: { spec }, isVoid }) =>
          spec.terms.generation === generation && !(isVoid && !listed.has(spec.leaseId)),
      );
      oversee(name, record, memory, current);
      metrics.refusedRows.set(statements.refusedRows());
      // Before the statement: a lease may only be folded once it is stored that it was, or a crash
      // between the two would list it anew.
      const { unstored, error } = await storeAll(
        looked,
        (lease) => leases.persist(lease, isDone(lease, record, memory), signal),
        signal,
      );
      const intervalMs = intervalOf(current);
      const urgentMs = isAnswered(name, record) ? shortestPauseMs : unansweredPauseMs;
      const dueMs = isUrgent(current, record, memory) ? Math.min(urgentMs, intervalMs) : intervalMs;
      const waitMs = memory.statedMs + dueMs - clock.monotonicMs();
      if (waitMs <= 0) await statements.make(name, record, current, signal, unstored);
      for (const lease of looked) tell(lease);
      // Only now: what could not be stored is tried again, and the others did not wait for it.
      if (error !== undefined) throw error;
      const isIdle =
        looked.every(({ isFinal }) => isFinal) && !isUrgent(current, records.get(name), memory);
      if (isIdle) return undefined;
      const pauseMs = waitMs > 0 ? waitMs : intervalMs;
      return { requeueAfterMs: Math.min(Math.max(pauseMs, 50), longestPauseMs) };
    },
  });
  const publisher = createPublisher(deps, metrics);

  const enqueueLease = (leaseUid: string): void => {
    const record = informers.leaseRecords.get(`${deps.recordNamespace}/${leaseUid}`);
    if (record !== undefined) controller.enqueue(record.spec.channelName, coalesceMs);
  };

  const lookAtAll = (): void => {
    const open = informers.leaseRecords.list().filter(({ spec }) => spec.state === 'Running');
    for (const name of new Set(open.map(({ spec }) => spec.channelName))) {
      controller.enqueue(name, coalesceMs);
    }
  };

  const watch = (): void => {
    controller.watch(informers.leaseRecords, () => []);
    informers.leaseRecords.onChange(({ spec }) => controller.enqueue(spec.channelName, coalesceMs));
    // Not as a source that is waited for: an agent that starts while the hub is away must meter.
    informers.channels.onChange(({ metadata }) => controller.enqueue(metadata.name));
    // Not through the controller's watch: every state of a pod counts, also those that are soon replaced.
    informers.pods.onChange((pod, _, { type }) => {
      const leaseUid = pod.metadata.labels?.[LABEL_LEASE_UID];
      if (leaseUid === undefined) return;
      if (type === 'deleted') leases.podDeleted(leaseUid, pod);
      else leases.observePod(leaseUid, pod);
      enqueueLease(leaseUid);
    });
    informers.leaseRecords.onChange(({ metadata, spec }, _, { type }) => {
      if (type === 'deleted' || spec.meter?.folded === true) {
        leases.forget(metadata.name, spec.leaseId);
        told.delete(metadata.name);
      }
    });
    records.onChange((name) => {
      publisher.enqueue(`${deps.hubNamespace}/${name}`);
      controller.enqueue(name, coalesceMs);
    });
  };

  let stopped: Promise<unknown> = Promise.resolve();
  return {
    start(signal) {
      watch();
      exporters.start(signal);
      stopped = Promise.all([startWhenSynced(), publisher.start(signal)]);
      async function startWhenSynced(): Promise<void> {
        try {
          await Promise.all([informers.pods.synced(signal), informers.nodes.synced(signal)]);
        } catch (error) {
          if (signal.aborted) return;
          log.warn({ error: describeError(error) }, 'Waiting for pods and nodes');
          return startWhenSynced();
        }
        controller.start(signal);
        await controller.stopped;
      }
    },
    get stopped() {
      return Promise.all([stopped, publisher.stopped, exporters.stopped]).then(() => undefined);
    },
    usage: leases.usageOf,
    finalMeter: leases.finalMeter,
    onUsage(callback) {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
  };
}

/** False when the provider's API server could not be heard: then nothing is concluded from silence. */
async function refreshed(
  refresh: Promise<void>,
  informers: MeterDeps['informers'],
  log: Logger,
): Promise<boolean> {
  try {
    await refresh;
    return informers.pods.lastError === undefined && informers.nodes.lastError === undefined;
  } catch (error) {
    log.warn({ error: describeError(error) }, 'Node heartbeats could not be read');
    return false;
  }
}

/** A lease has ended and its final row is not signed yet, or not as it was conceded since. */
function isUrgent(
  looked: readonly LookedLease[],
  record: ChannelRecordSpec | undefined,
  { conceded, dropped }: ChannelMemory,
): boolean {
  const signed = new Map(record?.rows.map((row) => [row.leaseId, row]));
  return looked.some(({ isFinal, lease: { leaseId } }) => {
    const row = signed.get(leaseId);
    if (dropped.has(leaseId)) return row !== undefined;
    const most = conceded.get(leaseId);
    const claimed = row === undefined ? 0n : BigInt(row.amount) - BigInt(row.credit);
    return isFinal && (row?.last !== true || (most !== undefined && claimed > most));
  });
}

/**
 * Whether a lease needs no statement any more: accepted for good, left behind with its generation, or
 * never in force.
 */
function isDone(lease: LookedLease, record: ChannelRecordSpec, memory: ChannelMemory): boolean {
  const { generation } = lease.record.spec.terms;
  const isRetired = record.retiredGenerations.includes(generation);
  const isListed = record.rows.some(({ leaseId }) => leaseId === lease.lease.leaseId);
  const isDropped = memory.dropped.has(lease.lease.leaseId);
  const isUnneeded = isRetired || ((lease.isVoid || isDropped) && !isListed);
  return lease.isFinal && (isUnneeded || memory.accepted.has(lease.lease.leaseId));
}

function intervalOf(looked: readonly LookedLease[]): number {
  const seconds = looked.map(({ record }: { record: LeaseRecord }) =>
    Math.max(1, record.spec.terms.intervalSeconds),
  );
  return Math.min(60, ...seconds) * 1000;
}
