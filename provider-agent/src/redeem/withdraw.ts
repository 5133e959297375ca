import { encodeWithdraw } from '@gridlease/contracts/escrow';
import type { TransactionSender } from '@gridlease/contracts/transactionSender';
import type { RedeemDeps } from './deps.ts';

const lookEveryMs = 30_000;

/** Withdraws the provider's credit to its payout address once it is large enough. */
export function createWithdrawer(deps: RedeemDeps, sender: TransactionSender) {
  const { chain, clock, owner } = deps;
  const { withdrawAbove } = deps.redeem;
  let lookedMs = Number.NEGATIVE_INFINITY;

  return {
    /** Withdraws when it is time; true when it did, and the key's next nonce is taken by it. */
    async hasSent(signal: AbortSignal): Promise<boolean> {
      if (withdrawAbove === undefined) return false;
      if (clock.monotonicMs() - lookedMs < lookEveryMs) return false;
      lookedMs = clock.monotonicMs();
      const accrued = await chain.accrued(owner, signal);
      if (accrued < withdrawAbove) return false;
      const sent = await sender.send(
        {
          operation: 'WithdrawCredit',
          description: `withdrawing the credit of ${accrued} (smallest token units)`,
          to: deps.domain.verifyingContract,
          data: encodeWithdraw(owner),
        },
        signal,
      );
      return sent.state === 'Sent';
    },
  };
}
