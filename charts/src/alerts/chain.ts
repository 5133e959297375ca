import type { Alert, Program, RuleGroup } from './alert.ts';
import { by, ofProgram } from './labels.ts';

const operator = { program: 'operator' } as const;

/** Age of the newest block by the chain’s clock. Agents that share the cluster have such a series as well. */
export const headAge = (program: Program): string =>
  `time() - max ${by(program, 'chain')} (${ofProgram('gridlease_chain_head_timestamp_seconds', program)})`;

const waits: Readonly<Record<Program, string>> = {
  operator:
    'The funding behind it waits: leases stay without cover, and are refused when their deadline passes.',
  'provider-agent': 'The money that it redeems waits, and so does all that comes after it.',
};

/** Both programs send: the hub funds channels, the agent redeems. */
export const transactionStuck = (program: Program): Alert => ({
  program,
  name: 'GridleaseTransactionStuck',
  severity: 'warning',
  expr: (scale) =>
    `max ${by(program, 'program')} (${ofProgram('gridlease_chain_tx_oldest_pending_seconds', program)}) > ${scale(600)}`,
  forSeconds: 60,
  summary: 'A transaction of the {{ $labels.program }} is not mined',
  description: `The oldest transaction that was sent and is not mined is {{ $value | humanizeDuration }} old. ${waits[program]}`,
  seenAfter: { seconds: 600, because: 'a transaction may wait so long' },
});

const headStale: Omit<Alert, 'severity' | 'expr' | 'seenAfter'> = {
  ...operator,
  name: 'GridleaseChainHeadStale',
  forSeconds: 60,
  summary: 'No new block of chain {{ $labels.chain }}',
  description:
    'The newest block that the hub sees is {{ $value | humanizeDuration }} old: the RPC endpoint lags or is gone, or the chain stands still. What runs is paid by vouchers until its channel is used up, often within minutes, and is suspended then; no channel is funded, nothing settles, and leases that need funds don’t start.',
};

const alerts: readonly Alert[] = [
  {
    ...headStale,
    severity: 'warning',
    expr: (scale) => `${headAge('operator')} > ${scale(300)}`,
    seenAfter: { seconds: 300, because: 'a block may be so old' },
  },
  {
    ...headStale,
    severity: 'critical',
    expr: (scale) => `${headAge('operator')} > ${scale(1_800)}`,
    seenAfter: { seconds: 1_800, because: 'a block may be so old' },
  },
  transactionStuck('operator'),
];

/** What the hub sees of the chain, and what it sent there. */
export const chainRules: RuleGroup = {
  name: 'gridlease-chain',
  program: 'operator',
  recordings: [],
  alerts,
};
