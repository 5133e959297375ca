import { encodeWithdraw } from '@gridlease/contracts/escrow';
import type { Hex } from 'viem';
import type { RedeemDeps } from './deps.ts';
import type { RedeemMetrics } from './metrics.ts';

const lookEveryMs = 30_000;

/**
 * Withdraws the provider's credit to its payout address once it is large enough. It needs no durable
 * intent: repeated, it withdraws what is there, and what is there is never lost.
 */
export function createWithdrawer(deps: RedeemDeps, metrics: RedeemMetrics) {
  const { chain, clock, gas, owner } = deps;
  const { withdrawAbove } = deps.redeem;
  let sent: { readonly hash: Hex; readonly nonce: number } | undefined;
  let lookedMs = Number.NEGATIVE_INFINITY;

  const isPending = async (signal: AbortSignal): Promise<boolean> => {
    if (sent === undefined) return false;
    const { state } = await chain.lookUp(gas.address, sent, signal);
    if (state === 'pending') return true;
    metrics.transactions.inc({ op: 'withdraw', result: state === 'unknown' ? 'lost' : state });
    sent = undefined;
    return false;
  };

  return {
    /** Withdraws when it is time; true while the gas key's next nonce is taken by it. */
    async isBusy(signal: AbortSignal): Promise<boolean> {
      if (await isPending(signal)) return true;
      if (withdrawAbove === undefined) return false;
      if (clock.monotonicMs() - lookedMs < lookEveryMs) return false;
      lookedMs = clock.monotonicMs();
      if ((await chain.accrued(owner, signal)) < withdrawAbove) return false;
      const signed = await chain.sign({
        account: gas,
        to: deps.domain.verifyingContract,
        data: encodeWithdraw(owner),
        signal,
      });
      sent = signed;
      await chain.broadcast(signed, signal);
      metrics.transactions.inc({ op: 'withdraw', result: 'sent' });
      return true;
    },
  };
}
