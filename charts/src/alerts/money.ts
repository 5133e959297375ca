import type { Alert, Recording, RuleGroup } from './alert.ts';
import { by } from './labels.ts';

const HOUR = 3_600;
/** Longer than an agent waits for cheaper gas by default (`redeem.maxDelaySeconds`, a day). */
const LONGEST_REDEEM = 26 * HOUR;
/** About ten settlements where gas costs one gwei. */
const FEW_COINS = 0.001;
/** Smaller sums of tokens are rounding of a double, not money. */
const DUST_TOKENS = 0.01;

const operator = { program: 'operator' } as const;
const DRIFT = 'gridlease:settlement_drift_tokens:max';
const DELEGATE = 'gridlease:delegate_balance_coins:min';

/** Without an instance: a new leader goes on with the series of the one before. */
const recordings: readonly Recording[] = [
  {
    ...operator,
    name: DRIFT,
    expr: `max ${by('operator', 'provider')} (gridlease_settlement_drift_tokens)`,
  },
  {
    ...operator,
    name: DELEGATE,
    expr: `min ${by('operator', 'namespace', 'account')} (gridlease_delegate_balance_coins)`,
  },
];

/** Nearly empty, or empty in three days at the pace of the last six hours, once there are six hours to judge by. */
export const runsOutOfCoins = (series: string): string =>
  `${series} < ${FEW_COINS} or (predict_linear(${series}[6h], 3 * 86400) < 0 and ${series} offset 6h >= 0)`;

const runway = `min ${by('operator', 'namespace', 'account')} (gridlease_escrow_runway_seconds)`;
const oldest = `max ${by('operator')} (gridlease_settlement_oldest_seconds)`;

const runwayLow: Omit<Alert, 'severity' | 'expr' | 'forSeconds'> = {
  ...operator,
  name: 'GridleaseEscrowRunwayLow',
  // The figure goes up and down with every lease.
  keepFiringSeconds: 120,
  summary: 'The escrow of {{ $labels.namespace }}/{{ $labels.account }} runs out',
  description:
    'The escrow, or what the delegate may still move of it, pays for what the leases of the team may cost for {{ $value | humanizeDuration }} only. Then they are suspended, and ended after `idleSeconds`.',
  seenAfter: { seconds: 15, because: 'the account is looked at again' },
};

const stalled: Omit<Alert, 'severity' | 'expr' | 'seenAfter'> = {
  ...operator,
  name: 'GridleaseSettlementStalled',
  forSeconds: 60,
  summary: 'An ended lease is not settled',
  description:
    'The oldest lease that ended and is not final on the chain ended {{ $value | humanizeDuration }} ago. The provider waits for money, the tenant’s escrow stays reserved.',
};

const alerts: readonly Alert[] = [
  {
    ...runwayLow,
    severity: 'critical',
    expr: (scale) => `${runway} < ${scale(HOUR)}`,
    forSeconds: 60,
  },
  {
    ...runwayLow,
    severity: 'warning',
    expr: (scale) => `${runway} < ${scale(6 * HOUR)}`,
    forSeconds: 300,
  },
  {
    ...stalled,
    severity: 'warning',
    expr: (scale) => `${oldest} > ${scale(HOUR)}`,
    seenAfter: { seconds: HOUR, because: 'a lease may wait so long for its settlement' },
  },
  {
    ...stalled,
    severity: 'critical',
    expr: (scale) => `${oldest} > ${scale(LONGEST_REDEEM)}`,
    seenAfter: {
      seconds: LONGEST_REDEEM,
      because: 'a provider may wait a day for cheaper gas (`redeem.maxDelaySeconds`)',
    },
  },
  {
    ...operator,
    name: 'GridleaseSettlementDrift',
    severity: 'critical',
    expr: () => `${DRIFT} < -${DUST_TOKENS}`,
    forSeconds: 300,
    summary: '{{ $labels.provider }} claimed more than this hub promised',
    description:
      '{{ $labels.provider }} has claimed more tokens than the vouchers that the hub knows come to; the difference is {{ $value | humanize }}. The hub lost vouchers (restored from a backup?), or somebody else signs with its key.',
    seenAfter: { seconds: 60, because: 'the claim is final and the chain is read again' },
  },
  {
    ...operator,
    name: 'GridleaseSettlementDrift',
    severity: 'warning',
    // Any fall of the gauge is a claim that became final.
    expr: () =>
      `${DRIFT} > ${DUST_TOKENS} and ${DRIFT} offset 26h > ${DUST_TOKENS} and resets(${DRIFT}[26h]) == 0`,
    forSeconds: 300,
    summary: '{{ $labels.provider }} has claimed nothing for 26 hours',
    description:
      'Vouchers for {{ $value | humanize }} tokens wait at {{ $labels.provider }}, which has claimed nothing for 26 hours. The escrow stays reserved, and the provider is not paid.',
    seenAfter: {
      seconds: LONGEST_REDEEM,
      because: 'a provider may wait a day for cheaper gas (`redeem.maxDelaySeconds`)',
    },
  },
  {
    ...operator,
    name: 'GridleaseDelegateBalanceLow',
    severity: 'warning',
    expr: () => runsOutOfCoins(DELEGATE),
    forSeconds: 300,
    summary: 'The delegate of {{ $labels.namespace }}/{{ $labels.account }} runs out of gas',
    description:
      'The delegate has {{ $labels.namespace }}/{{ $labels.account }}’s transactions to pay and {{ $value | humanize }} coins left (below zero: in three days). Without gas no channel is funded: new leases wait, running ones are suspended when their channel is used up.',
    seenAfter: { seconds: 60, because: 'the account is looked at again' },
  },
];

/** Escrow, settlement, and the coins that both cost. */
export const moneyRules: RuleGroup = {
  name: 'gridlease-money',
  program: 'operator',
  recordings,
  alerts,
};
