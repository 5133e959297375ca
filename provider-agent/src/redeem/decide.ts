import { payable } from '@gridlease/contracts/channel';

/** One channel with a voucher, as far as it decides about a settlement. Amounts in token smallest units. */
export type Redeemable = {
  readonly name: string;
  readonly generation: number;
  /** Cumulative of the best voucher. */
  readonly cumulative: bigint;
  /** In the newest block. */
  readonly reserved: bigint;
  readonly claimed: bigint;
  readonly chainGeneration: number;
  readonly isClosing: boolean;
  /** Milliseconds since something has been unclaimed. */
  readonly unclaimedMs: number;
  /** Leases of the channel that still cost something. */
  readonly activeLeases: number;
  /** Largest cumulative that the contract refused to pay; undefined when none. */
  readonly quarantined: bigint | undefined;
};

export type RedeemPolicy = {
  readonly minAmount: bigint;
  readonly maxDelaySeconds: number;
  /** Token smallest units for 10^18 wei; undefined leaves the price of gas out of account. */
  readonly nativePrice?: bigint;
  /** The largest share of a settlement that gas may cost, in 1/10,000. Default: 500. */
  readonly maxGasBps?: number;
};

export type SettleRowPlan = {
  readonly name: string;
  readonly pays: bigint;
  readonly why: 'Closing' | 'Amount' | 'Delay' | 'Idle';
};

export type SettlePlan = {
  readonly rows: readonly SettleRowPlan[];
  /** In one sentence, for the log. */
  readonly message: string;
};

/** The most rows in one transaction: about 1.2 million gas. */
export const maxSettleRows = 100;

/**
 * Which channels to settle now, all in one transaction. A closing channel comes first and regardless
 * of its amount; then what is large, what has waited, and what has come to rest.
 */
export function decideSettle(
  channels: readonly Redeemable[],
  policy: RedeemPolicy,
  /** What the transaction would cost, in wei, by number of rows. */
  gasCost?: (rows: number) => bigint,
): SettlePlan {
  const due = channels.flatMap((channel) => settleRow(channel, policy) ?? []);
  const rows = due
    .sort((a, b) => rank(a) - rank(b) || Number(b.pays > a.pays) - Number(b.pays < a.pays))
    .slice(0, maxSettleRows);
  if (rows.length === 0) return { rows, message: 'nothing is worth a transaction' };
  const pays = rows.reduce((sum, row) => sum + row.pays, 0n);
  // Waiting can't make a closing or long overdue channel cheaper: there the gas is paid anyway.
  const mustNow = rows.some(({ why }) => why === 'Closing' || why === 'Delay');
  if (!mustNow && policy.nativePrice !== undefined && gasCost !== undefined) {
    const cost = (gasCost(rows.length) * policy.nativePrice) / 10n ** 18n;
    if (cost * 10_000n > pays * BigInt(policy.maxGasBps ?? 500)) {
      return { rows: [], message: `gas would cost ${cost} of ${pays} (smallest token units)` };
    }
  }
  return { rows, message: `${rows.length} channels pay ${pays} (smallest token units)` };
}

function rank({ why }: SettleRowPlan): number {
  return why === 'Closing' ? 0 : why === 'Delay' ? 1 : 2;
}

function settleRow(channel: Redeemable, policy: RedeemPolicy): SettleRowPlan | undefined {
  const { name, cumulative, quarantined, generation, chainGeneration } = channel;
  if (generation !== chainGeneration) return undefined;
  if (quarantined !== undefined && cumulative <= quarantined) return undefined;
  const pays = payable(channel);
  if (pays === 0n) return undefined;
  if (channel.isClosing) return { name, pays, why: 'Closing' };
  if (channel.unclaimedMs >= policy.maxDelaySeconds * 1000) return { name, pays, why: 'Delay' };
  if (pays >= policy.minAmount) return { name, pays, why: 'Amount' };
  if (channel.activeLeases === 0) return { name, pays, why: 'Idle' };
  return undefined;
}
