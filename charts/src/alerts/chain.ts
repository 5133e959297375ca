import type { Alert, RuleGroup } from './alert.ts';
import { by } from './labels.ts';

const operator = { program: 'operator' } as const;
const headAge = `time() - max ${by('operator', 'chain')} (gridlease_chain_head_timestamp_seconds)`;

const headStale: Omit<Alert, 'severity' | 'expr' | 'seenAfter'> = {
  ...operator,
  name: 'GridleaseChainHeadStale',
  forSeconds: 60,
  summary: 'No new block of chain {{ $labels.chain }}',
  description:
    'The newest block that the hub sees is {{ $value | humanizeDuration }} old: the RPC endpoint lags or is gone, or the chain stands still. What runs goes on and is paid by vouchers; no channel is funded, nothing settles, and leases that need funds don’t start.',
};

const alerts: readonly Alert[] = [
  {
    ...headStale,
    severity: 'warning',
    expr: (scale) => `${headAge} > ${scale(300)}`,
    seenAfter: { seconds: 300, because: 'a block may be so old' },
  },
  {
    ...headStale,
    severity: 'critical',
    expr: (scale) => `${headAge} > ${scale(1_800)}`,
    seenAfter: { seconds: 1_800, because: 'a block may be so old' },
  },
  {
    ...operator,
    name: 'GridleaseTransactionStuck',
    severity: 'warning',
    expr: (scale) =>
      `max ${by('operator')} (gridlease_chain_tx_oldest_pending_seconds) > ${scale(600)}`,
    forSeconds: 60,
    summary: 'A transaction of the hub is not mined',
    description:
      'The oldest transaction that the hub sent and that is not mined is {{ $value | humanizeDuration }} old. The funding behind it waits: leases stay without cover, and are refused when their deadline passes.',
    seenAfter: { seconds: 600, because: 'a transaction may wait so long' },
  },
];

/** What the hub sees of the chain, and what it sent there. */
export const chainRules: RuleGroup = {
  name: 'gridlease-chain',
  program: 'operator',
  recordings: [],
  alerts,
};
