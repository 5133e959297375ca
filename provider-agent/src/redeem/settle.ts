import { encodeSettle, parseSettledRows } from '@gridlease/contracts/escrow';
import { abortable, delay } from '@gridlease/kube/abort';
import { createBackoff } from '@gridlease/kube/backoff';
import { describeError } from '@gridlease/kube/errors';
import { formatEther, type Hex, type TransactionReceipt } from 'viem';
import { decideSettle, type Redeemable } from './decide.ts';
import type { RedeemDeps } from './deps.ts';
import { type GatheredChannel, gatherChannels, type SettleMemory } from './gather.ts';
import type { RedeemMetrics } from './metrics.ts';
import { type PendingGroup, pendingGroups, storePending, storeRedeemed } from './pending.ts';
import type { Problems } from './problems.ts';
import { createWithdrawer } from './withdraw.ts';

/** A node may not know for this long what it was just sent. */
const propagationMs = 5_000;
/** After this long a transaction is sent again with higher fees. */
const stuckMs = 60_000;
const bumpPercent = 20;

export type Settler = {
  start(signal: AbortSignal): void;
  /** Something may have changed: look soon. */
  wake(): void;
  readonly stopped: Promise<void>;
};

/**
 * Turns stored vouchers into claims on the chain, one transaction at a time: the nonces of the gas key
 * are then one sequence. Before a transaction is sent its hash is stored with every channel it pays,
 * so that after any crash the chain can be asked what became of it. Rows are idempotent: settling
 * once too often pays nothing twice.
 */
export function createSettler(
  deps: RedeemDeps,
  metrics: RedeemMetrics,
  problems: Problems,
): Settler {
  const { chain, records, clock, gas } = deps;
  const log = deps.log.child({ stage: 'redeem' });
  const memory: SettleMemory = { unclaimedSince: new Map(), quarantined: new Map() };
  /** When this process first saw a transaction on its way, and how often its fees were raised. */
  const sent = new Map<Hex, { readonly sinceMs: number; readonly bumps: number }>();
  /** Mined transactions whose receipt was read already. */
  const noted = new Set<Hex>();
  const withdrawer = createWithdrawer(deps, metrics);
  let woken = Promise.withResolvers<void>();
  let stopped: Promise<void> = Promise.resolve();

  const fail = (names: readonly string[], reason: 'GasTooLow' | 'RedeemFailing', why: string) => {
    for (const name of names) problems.set(name, { reason, message: why });
  };

  const send = async (
    channels: readonly GatheredChannel[],
    options: { readonly nonce?: number; readonly bumps?: number; readonly signal: AbortSignal },
  ): Promise<void> => {
    const { signal, bumps = 0 } = options;
    const names = channels.map(({ name }) => name);
    const change = deps.transforms?.voucher ?? ((voucher) => voucher);
    const rows = channels.map(({ tenant, voucher }) => ({ tenant, ...change(voucher) }));
    const signed = await chain.sign({
      account: gas,
      to: deps.domain.verifyingContract,
      data: encodeSettle(deps.owner, rows),
      ...(options.nonce === undefined ? {} : { nonce: options.nonce }),
      bumpPercent: bumps * bumpPercent,
      signal,
    });
    const balance = await chain.gasBalance(gas.address, signal);
    if (balance < signed.maxCost) {
      fail(
        names,
        'GasTooLow',
        `${gas.address} has ${formatEther(balance)} and a settlement may cost ${formatEther(signed.maxCost)}: send it some of the chain's coin`,
      );
      return;
    }
    // Intent before effect: from here on every restart will ask the chain for this hash.
    await storePending(records, channels, signed, signal);
    sent.set(signed.hash, { sinceMs: clock.monotonicMs(), bumps });
    await chain.broadcast(signed, signal);
    metrics.transactions.inc({ op: 'settle', result: bumps === 0 ? 'sent' : 'bumped' });
    log.info({ hash: signed.hash, channels: names.length }, 'Settlement sent');
  };

  const takeReceipt = (group: PendingGroup, receipt: TransactionReceipt): void => {
    const { paid, skipped } = parseSettledRows(receipt, deps.domain.verifyingContract);
    metrics.skippedRows.inc(skipped.length);
    const isPaid = (name: string): boolean => {
      const channel = records.get(name)?.channel;
      return paid.some(
        (row) =>
          row.tenant.toLowerCase() === channel?.tenant.toLowerCase() &&
          row.signer.toLowerCase() === channel.signer.toLowerCase(),
      );
    };
    const reasons = [...new Set(skipped.map(({ reason }) => reason))].join(', ');
    for (const { name, cumulative } of group.channels) {
      if (isPaid(name)) problems.set(name, undefined);
      else if (receipt.status === 'success' && reasons !== 'AlreadyClaimed') {
        memory.quarantined.set(name, cumulative);
        problems.set(name, {
          reason: 'RowSkipped',
          message: `the contract did not pay the voucher of ${cumulative} in ${group.hash}: ${reasons}`,
        });
      }
    }
  };

  /** Follows what was sent. True while a transaction is not mined: nothing else may be sent then. */
  const follow = async (
    group: PendingGroup,
    channels: readonly GatheredChannel[],
    signal: AbortSignal,
  ): Promise<boolean> => {
    const seen = sent.get(group.hash);
    const looked = await chain.lookUp(gas.address, group, signal);
    const drop = async (result: 'replaced' | 'lost' | 'reverted'): Promise<boolean> => {
      metrics.transactions.inc({ op: 'settle', result });
      sent.delete(group.hash);
      await storePending(records, group.channels, undefined, signal, group.hash);
      return false;
    };
    if (looked.state === 'mined') {
      const { receipt } = looked;
      if (receipt.status !== 'success') {
        fail(
          group.channels.map(({ name }) => name),
          'RedeemFailing',
          `the settlement ${group.hash} was reverted`,
        );
        return drop('reverted');
      }
      const finalNumber = channels[0]?.finalNumber ?? -1n;
      if (!noted.has(group.hash)) {
        noted.add(group.hash);
        metrics.transactions.inc({ op: 'settle', result: 'mined' });
        takeReceipt(group, receipt);
      }
      // Until it is final a reorganisation may still take it back; then it is unknown again.
      if (finalNumber < receipt.blockNumber) return false;
      for (const { name } of group.channels) {
        const channel = channels.find((candidate) => candidate.name === name);
        await storeRedeemed(records, name, group.hash, channel?.finalClaimed, receipt, signal);
      }
      sent.delete(group.hash);
      noted.delete(group.hash);
      return false;
    }
    if (looked.state === 'replaced') return drop('replaced');
    const ageMs = seen === undefined ? 0 : clock.monotonicMs() - seen.sinceMs;
    if (seen === undefined) sent.set(group.hash, { sinceMs: clock.monotonicMs(), bumps: 0 });
    if (looked.state === 'unknown') return ageMs < propagationMs ? true : drop('lost');
    if (ageMs < stuckMs) return true;
    const again = channels.filter(({ name }) => group.channels.some((row) => row.name === name));
    await send(again, { nonce: group.nonce, bumps: (seen?.bumps ?? 0) + 1, signal });
    return true;
  };

  /** A payout that we did not send, or whose end we did not see, is found by what is claimed. */
  const noteForeign = async (channel: GatheredChannel, signal: AbortSignal): Promise<void> => {
    const known = BigInt(records.get(channel.name)?.redeemed?.cumulative ?? '0');
    if (channel.hasPending || channel.finalClaimed <= known) return;
    const found = await chain.lastSettlement(channel, channel.finalNumber, signal);
    if (found === undefined) return;
    const { transactionHash, blockNumber } = found;
    await storeRedeemed(
      records,
      channel.name,
      transactionHash,
      channel.finalClaimed,
      { blockNumber },
      signal,
    );
  };

  const step = async (signal: AbortSignal): Promise<void> => {
    const channels = await gatherChannels(deps, memory, signal);
    metrics.unsettled.set(inTokens(channels, deps.tokenDecimals));
    let isBusy = false;
    for (const group of pendingGroups(records)) {
      isBusy = (await follow(group, channels, signal)) || isBusy;
    }
    for (const channel of channels) await noteForeign(channel, signal);
    if (isBusy) return;
    if (await withdrawer.isBusy(signal)) return;
    const open = channels.filter(({ name, isClosing }) => isClosing || isFree(name));
    const price = deps.redeem.nativePrice === undefined ? undefined : await chain.gasPrice(signal);
    const plan = decideSettle(
      open,
      deps.redeem,
      price === undefined ? undefined : (rows) => price * BigInt(42_529 + 13_524 * (rows - 1)),
    );
    if (plan.rows.length === 0) return;
    log.debug(plan.message);
    const chosen = plan.rows.flatMap(({ name }) => open.find((one) => one.name === name) ?? []);
    await send(chosen, { signal }).catch((error: unknown) => {
      if (!signal.aborted) {
        fail(
          chosen.map(({ name }) => name),
          'RedeemFailing',
          describeError(error),
        );
      }
      throw error;
    });
  };

  const isFree = (name: string): boolean => records.get(name)?.pending === undefined;

  const run = async (signal: AbortSignal): Promise<void> => {
    const backoff = createBackoff({ baseMs: 500, maxMs: 30_000, jitter: 0.2 });
    while (!signal.aborted) {
      try {
        await abortable(woken.promise, signal);
        woken = Promise.withResolvers();
        await step(signal);
        backoff.reset();
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ error: describeError(error) }, 'Settling is tried again');
        await delay(backoff.next(), signal).catch(() => undefined);
        woken.resolve();
      }
      metrics.chainAge.set(chain.headAgeMs() / 1000);
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

/** For a gauge only; money is never reckoned with in floating point. */
function inTokens(channels: readonly Redeemable[], decimals: number): number {
  const unclaimed = channels.reduce(
    (sum, { cumulative, claimed }) => sum + (cumulative > claimed ? cumulative - claimed : 0n),
    0n,
  );
  return Number(unclaimed) / 10 ** decimals;
}
