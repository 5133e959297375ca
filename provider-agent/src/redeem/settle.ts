import { encodeSettle, parseSettledRows } from '@gridlease/contracts/escrow';
import { changeResult, type TransactionChange } from '@gridlease/contracts/transactionChange';
import { gasTooLow } from '@gridlease/contracts/transactionSender';
import { recordTransaction } from '@gridlease/crds/transactionTraces';
import { abortable, delay } from '@gridlease/kube/abort';
import { ApiError } from '@gridlease/kube/apiError';
import { createBackoff } from '@gridlease/kube/backoff';
import { describeError } from '@gridlease/kube/errors';
import { createFailures } from '@gridlease/kube/failures';
import { withSpan } from '@gridlease/kube/tracing';
import { decideSettle, type Redeemable } from './decide.ts';
import type { RedeemDeps } from './deps.ts';
import { watchGas } from './gas.ts';
import { type GatheredChannel, gatherChannels } from './gather.ts';
import type { RedeemMetrics } from './metrics.ts';
import { isNeeded, isRefused, settlementOf, settlementOutcomes } from './outcomes.ts';
import type { Problem, Problems } from './problems.ts';
import { createSendFailures } from './sendFailures.ts';
import { storeRedeemed } from './storeRedeemed.ts';
import type { RedeemTraces } from './traces.ts';
import type { Unclaimed } from './unclaimed.ts';
import { createWithdrawer } from './withdraw.ts';

/** A settlement that was reverted is not tried again before this. */
const revertedAgainMs = 30_000;

export type Settler = {
  start(signal: AbortSignal): void;
  /** Something may have changed: look soon. */
  wake(): void;
  readonly stopped: Promise<void>;
};

/**
 * Turns stored vouchers into claims on the chain, one transaction for many channels, and one at a time.
 * What was sent, and what the contract said to each row, is read from the stored transactions: after any
 * crash the next agent knows as much. Rows are idempotent: settling once too often pays nothing twice.
 */
export function createSettler(
  deps: RedeemDeps,
  metrics: RedeemMetrics,
  problems: Problems,
  unclaimed: Unclaimed,
  traces: RedeemTraces,
): Settler {
  const { chain, records, clock, domain } = deps;
  const log = deps.log.child({ stage: 'redeem' });
  const failures = createSendFailures(clock);
  /** What was counted of channels whose newest payout is maybe stored: the answer to the write did not come. */
  const counted = new Map<string, bigint>();
  const sender = deps.createSender({
    isNeeded,
    skippedIn: ({ spec }, receipt) =>
      spec.operation !== 'SettleVouchers'
        ? undefined
        : parseSettledRows(receipt, domain.verifyingContract).skipped.flatMap(
            ({ index, reason }) => {
              const name = spec.refs?.[index]?.name;
              return name === undefined ? [] : [{ name, reason }];
            },
          ),
  });
  const withdrawer = createWithdrawer(deps, sender);
  const gas = watchGas(deps, sender.address, metrics.gasBalance);
  let woken = Promise.withResolvers<void>();
  let stopped: Promise<void> = Promise.resolve();

  const note = (change: TransactionChange): void => {
    const { record, before, state } = change;
    recordTransaction(change, clock.now());
    const { hash } = record.spec.signed;
    log.info({ hash, before, state }, `${record.spec.description}: ${record.status.message}`);
    const result = changeResult(change);
    if (result === undefined) return;
    const op = record.spec.operation === 'WithdrawCredit' ? 'withdraw' : 'settle';
    metrics.transactions.inc({ op, result });
    if (result === 'mined') metrics.skippedRows.inc(record.status.skipped?.length ?? 0);
  };

  /** A payout that we did not send, or whose transaction is deleted by now, is found by what is claimed. */
  const noteRedeemed = async (
    channel: GatheredChannel,
    sent: Parameters<typeof settlementOf>[0],
    signal: AbortSignal,
  ): Promise<void> => {
    const { name, finalClaimed, finalNumber } = channel;
    const known = BigInt(records.get(name)?.redeemed?.cumulative ?? '0');
    const before = counted.get(name) ?? known;
    if (known > before) {
      metrics.earned.inc(inTokens(known - before, deps.tokenDecimals));
      counted.delete(name);
    }
    if (channel.outcome?.isOpen === true || finalClaimed <= known) return;
    const by =
      settlementOf(sent, channel, finalClaimed) ??
      (await chain.lastSettlement(channel, finalNumber, signal));
    if (by === undefined) return;
    counted.set(name, known);
    await storeRedeemed(records, name, finalClaimed, by, signal);
    counted.delete(name);
    metrics.earned.inc(inTokens(finalClaimed - known, deps.tokenDecimals));
  };

  const problemOf = ({ name, outcome }: GatheredChannel): Problem | undefined => {
    if (outcome === undefined) return failures.problemOf(name);
    if (isRefused(outcome)) {
      const message = `the contract did not pay the voucher of ${outcome.cumulative} in ${outcome.hash}: ${outcome.skipped}`;
      return { reason: 'RowSkipped', message };
    }
    if (outcome.revertedMs !== undefined) {
      return { reason: 'RedeemFailing', message: `the settlement ${outcome.hash} was reverted` };
    }
    return failures.problemOf(name);
  };

  const send = async (channels: readonly GatheredChannel[], signal: AbortSignal): Promise<void> => {
    const change = deps.transforms?.voucher ?? ((voucher) => voucher);
    const rows = channels.map(({ tenant, voucher }) => ({ tenant, ...change(voucher) }));
    try {
      const request = {
        operation: 'SettleVouchers',
        description: `settling ${channels.length} ${channels.length === 1 ? 'channel' : 'channels'}`,
        to: domain.verifyingContract,
        data: encodeSettle(deps.owner, rows),
        refs: channels.map(({ name, generation, cumulative }) => ({
          kind: 'PaymentChannel',
          name,
          generation,
          cumulative: cumulative.toString(),
        })),
      } as const;
      const sent = await withSpan(
        () => traces.settle(channels),
        async (span) => {
          const outcome = await sender.send(request, signal);
          if (outcome.state !== 'Sent') span.discard();
          return outcome;
        },
      );
      if (sent.state === 'GasTooLow') {
        const problem = { reason: 'GasTooLow', message: gasTooLow(sender.address, sent) } as const;
        for (const { name } of channels) failures.refused(name, problem);
      }
      if (sent.state !== 'Sent') return;
      for (const { name } of channels) failures.over(name);
      metrics.transactions.inc({ op: 'settle', result: 'sent' });
      log.info({ hash: sent.hash, channels: channels.length }, 'Settlement sent');
    } catch (error) {
      if (!signal.aborted) for (const { name } of channels) failures.threw(name, error);
      throw error;
    } finally {
      for (const channel of channels) problems.set(channel.name, problemOf(channel));
    }
  };

  /** Whether its last settlement is over, also in the view of the chain that its figures are from. */
  const isFree = ({ outcome, finalNumber }: GatheredChannel): boolean => {
    if (outcome === undefined) return true;
    if (outcome.isOpen || finalNumber < (outcome.blockNumber ?? 0n)) return false;
    const { revertedMs = Number.NEGATIVE_INFINITY } = outcome;
    return clock.now().getTime() - revertedMs > revertedAgainMs;
  };

  const step = async (signal: AbortSignal): Promise<void> => {
    const { records: sent, busy, changes } = await sender.resolve(signal);
    for (const change of changes) note(change);
    const around = { unclaimed, outcomes: settlementOutcomes(sent) };
    const channels = await gatherChannels(deps, around, signal);
    metrics.unsettled.set(inTokens(unclaimedOf(channels), deps.tokenDecimals));
    await gas.look(signal);
    for (const channel of channels) {
      problems.set(channel.name, problemOf(channel));
      await noteRedeemed(channel, sent, signal);
    }
    if (busy !== undefined) return;
    if (await withdrawer.hasSent(signal)) {
      metrics.transactions.inc({ op: 'withdraw', result: 'sent' });
      return;
    }
    const open = channels.filter((channel) => channel.isClosing || isFree(channel));
    const price = deps.redeem.nativePrice === undefined ? undefined : await chain.gasPrice(signal);
    const plan = decideSettle(
      open,
      deps.redeem,
      price === undefined ? undefined : (rows) => price * BigInt(42_529 + 13_524 * (rows - 1)),
    );
    if (plan.rows.length === 0) return;
    log.debug(plan.message);
    const chosen = plan.rows.flatMap(({ name }) => open.find((one) => one.name === name) ?? []);
    await send(chosen, signal);
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    const failing = createFailures(deps.registry, 'settle', deps.clock);
    signal.addEventListener('abort', () => failing.closed(), { once: true });
    const backoff = createBackoff({ baseMs: 500, maxMs: 30_000, jitter: 0.2 });
    while (!signal.aborted) {
      try {
        await abortable(woken.promise, signal);
        woken = Promise.withResolvers();
        await step(signal);
        backoff.reset();
        failing.over('settle');
      } catch (error) {
        if (signal.aborted) return;
        // What the cluster refuses; silence of the chain is shown by the age of its head.
        if (error instanceof ApiError) failing.failed('settle');
        log.warn({ error: describeError(error) }, 'Settling is tried again');
        await delay(backoff.next(), signal).catch(() => undefined);
        woken.resolve();
      }
    }
  };

  return {
    start(signal) {
      stopped = run(signal);
    },
    wake: () => woken.resolve(),
    get stopped() {
      return stopped;
    },
  };
}

/** Promised and not claimed, token smallest units. */
function unclaimedOf(channels: readonly Redeemable[]): bigint {
  return channels.reduce(
    (sum, { cumulative, claimed }) => sum + (cumulative > claimed ? cumulative - claimed : 0n),
    0n,
  );
}

/** For a gauge only; money is never reckoned with in floating point. */
function inTokens(amount: bigint, decimals: number): number {
  return Number(amount) / 10 ** decimals;
}
