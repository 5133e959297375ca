import { formatTokenAmount } from '@gridlease/contracts/amount';
import { sumOf } from '@gridlease/contracts/bigints';
import { formatEther } from 'viem';
import type { AccountFacts } from './account.ts';
import type { SettlementMetrics } from './metrics.ts';
import { runwaySeconds } from './runway.ts';

/** Shows an account's money as metrics; a double is enough to draw, nothing is decided on it. */
export function recordBalances(metrics: SettlementMetrics, facts: AccountFacts): void {
  const { namespace = '', name: account } = facts.account.metadata;
  const { decimals } = facts.chain.token;
  const set = (kind: 'free' | 'reserved' | 'promised', amount: bigint) =>
    metrics.balances.set({ namespace, account, kind }, Number(formatTokenAmount(amount, decimals)));
  set('free', facts.free);
  set('reserved', sumOf(facts.channels.map(({ reserved, claimed }) => reserved - claimed)));
  const unclaimed = facts.channels.map(({ voucher, claimed }) =>
    voucher > claimed ? voucher - claimed : 0n,
  );
  set('promised', sumOf(unclaimed));
  metrics.delegateCoins.set({ namespace, account }, Number(formatEther(facts.coins)));
  const lasts = runwaySeconds(facts);
  if (lasts === undefined) metrics.runwaySeconds.remove({ namespace, account });
  else metrics.runwaySeconds.set({ namespace, account }, lasts);
}

/** Takes an account that is gone off the page. */
export function forgetBalances(metrics: SettlementMetrics, key: string): void {
  const [namespace = '', account = ''] = key.split('/');
  for (const kind of ['free', 'reserved', 'promised']) {
    metrics.balances.remove({ namespace, account, kind });
  }
  metrics.delegateCoins.remove({ namespace, account });
  metrics.runwaySeconds.remove({ namespace, account });
}
