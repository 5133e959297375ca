import type { UsageRow } from '@gridlease/contracts/usageRow';
import { hashUsageStatement, signUsageStatement } from '@gridlease/contracts/usageStatement';
import type { ChannelRecordSpec } from '@gridlease/crds/channelrecord';
import { GridleaseError } from '@gridlease/kube/errors';
import type { Logger } from '@gridlease/kube/log';
import { withSpan } from '@gridlease/kube/tracing';
import type { Hex } from 'viem';
import {
  type ChannelMemory,
  emptyMemory,
  noteReply,
  noteStatement,
  openRefusals,
  recallStatement,
} from './channelMemory.ts';
import type { MeterDeps } from './deps.ts';
import type { Leases } from './leases.ts';
import type { LookedLease } from './lookedLease.ts';
import type { MeterMetrics } from './metrics.ts';
import { bookOf, replyFromObject, rowToObject, statementToObject, voucherOf } from './onObject.ts';
import { checkReply } from './reply.ts';
import { type NamedRow, usageRow } from './row.ts';
import { planStatement } from './statement.ts';
import { statementStart } from './traces.ts';

/** Makes statements and takes in the answers to them, channel by channel. */
export function createStatements(deps: MeterDeps, leases: Leases, metrics: MeterMetrics) {
  const { informers, records, clock } = deps;
  const memories = new Map<string, ChannelMemory>();

  const memoryOf = (name: string): ChannelMemory => {
    let memory = memories.get(name);
    if (memory === undefined) {
      memory = emptyMemory();
      const record = records.get(name);
      const { rows } = bookOf(record);
      if (record?.statement !== undefined) {
        const { hash, cumulative } = record.statement;
        const statement = {
          hash,
          rows,
          cumulative: BigInt(cumulative),
          nowMs: clock.monotonicMs(),
        };
        recallStatement(memory, statement, voucherOf(record));
      }
      leases.noteSigned(rows);
      memories.set(name, memory);
    }
    return memory;
  };

  const followReply = async (name: string, record: ChannelRecordSpec, logger: Logger) => {
    const memory = memoryOf(name);
    const reply = informers.channels.get(`${deps.hubNamespace}/${name}`)?.spec.reply;
    if (reply === undefined || reply.signature === memory.replySignature) return;
    const parsed = replyFromObject(reply);
    if (!memory.recent.has(parsed.statementHash)) return;
    memory.replySignature = reply.signature;
    const check = await checkReply(deps.domain, record.channel, parsed);
    metrics.replies.inc({ result: check.valid ? 'valid' : 'invalid' });
    if (check.valid) noteReply(memory, parsed);
    else logger.warn({ reason: check.reason }, `A reply is not followed: ${check.message}`);
  };

  /** Signs and stores the next statement, if there is anything new to say. What is `unstored` stays listed. */
  const make = async (
    name: string,
    record: ChannelRecordSpec,
    looked: readonly LookedLease[],
    signal: AbortSignal,
    unstored: ReadonlySet<Hex> = new Set(),
  ): Promise<void> => {
    const memory = memoryOf(name);
    const book = bookOf(record);
    const metered = looked
      .filter(({ usage, isFinal }) => usage.gpuMs > 0n || isFinal)
      .map(({ lease, runs, isFinal }) => usageRow(lease, runs, isFinal));
    const planned = planStatement({
      channel: record.channel,
      book,
      metered: transform(metered, deps.transforms?.rows),
      accepted: memory.accepted,
      unstored,
      conceded: memory.conceded,
      dropped: memory.dropped,
      nowMs: clock.now().getTime(),
    });
    if (planned === undefined) return;
    const hash = hashUsageStatement(deps.domain, planned.statement);
    const signAndStore = async () => {
      const signature = await signUsageStatement(deps.agent, deps.domain, planned.statement);
      const agent = deps.agent.address;
      const statement = statementToObject(planned.statement, { hash, agent, signature });
      return records.update(
        name,
        (current) =>
          // Somebody stored another one meanwhile: this one would be a second successor of the same.
          current?.statement?.hash !== book.last?.hash
            ? undefined
            : {
                ...current!,
                statement,
                rows: planned.rows.map(rowToObject),
                folded: { amount: planned.folded.amount.toString(), head: planned.folded.head },
              },
        signal,
      );
    };
    const { rows } = planned;
    const { seq, generation, cumulative } = planned.statement;
    const span = () => statementStart(name, { hash, seq, generation, rows }, looked);
    const stored = await withSpan(span, signAndStore);
    if (stored?.statement?.hash !== hash) {
      throw new GridleaseError(`Another statement was stored for channel ${name} meanwhile`);
    }
    metrics.statements.inc({ result: 'signed' });
    leases.noteSigned(planned.rows);
    noteStatement(memory, { hash, rows, cumulative, nowMs: clock.monotonicMs() });
  };

  return {
    memory: memoryOf,
    followReply,
    make,
    /** A channel begins anew: nothing of its last generation counts. */
    forget: (name: string): void => {
      memories.delete(name);
    },
    refusedRows: (): number =>
      [...memories.values()].reduce((sum, memory) => sum + openRefusals(memory), 0),
  };
}

function transform(
  rows: readonly NamedRow[],
  change: ((rows: readonly UsageRow[]) => readonly UsageRow[]) | undefined,
): readonly NamedRow[] {
  if (change === undefined) return rows;
  const names = new Map(rows.map(({ leaseId, leaseName }) => [leaseId, leaseName]));
  return change(rows).map((row) => ({ ...row, leaseName: names.get(row.leaseId) ?? '' }));
}
