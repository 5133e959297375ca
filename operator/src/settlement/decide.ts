import { formatTokenAmount } from '@gridlease/contracts/amount';
import type { GPULease, GPULeaseStatus } from '@gridlease/crds/gpulease';
import { leaseOutcome } from '@gridlease/crds/leaseState';
import type { PaymentChannelSpec } from '@gridlease/crds/paymentchannel';
import { getCondition } from '@gridlease/kube/conditions';
import type { Payment } from './settled.ts';

/** An ended lease whose money a voucher of the channel covers. */
export type Final = PaymentChannelSpec['finals'][number];

/** How long after its end a lease that was never billed may still be stated, in milliseconds. */
const LAST_STATEMENT_MS = 120_000;

/**
 * Which ended leases of a channel are paid for good: those without cost at once, the others when what
 * the chain calls final has reached their cumulative, in the same generation. Without a state of the
 * chain nothing is paid: silence is no payment.
 */
export function decideFinals(
  { finals, generation }: Pick<PaymentChannelSpec, 'finals' | 'generation'>,
  state: { readonly generation: number; readonly claimed: bigint } | undefined,
): { readonly free: readonly Final[]; readonly paid: readonly Final[] } {
  const claimed = state?.generation === generation ? state.claimed : 0n;
  return Object.freeze({
    free: finals.filter(({ amount }) => amount === '0'),
    paid: finals.filter(
      ({ amount, cumulative }) => amount !== '0' && BigInt(cumulative) <= claimed,
    ),
  });
}

/** What a paid lease's status says; the payment is undefined when its log is too old to be found. */
export function decidePaid(
  final: Final,
  payment: Payment | undefined,
  { decimals, symbol }: { readonly decimals: number; readonly symbol: string },
) {
  const amount = `${formatTokenAmount(BigInt(final.amount), decimals)} ${symbol}`;
  const where =
    payment === undefined
      ? 'in a transaction too old to be looked up'
      : `by transaction ${payment.transactionHash} in block ${payment.blockNumber}`;
  const condition = {
    type: 'Settled',
    status: 'True',
    reason: 'Settled',
    message: `${amount} were paid ${where}.`,
  } as const;
  const settlement: GPULeaseStatus['settlement'] = payment && {
    amount: final.amount,
    gpuMilliseconds: final.gpuMs,
    cumulative: final.cumulative,
    transactionHash: payment.transactionHash,
    blockNumber: payment.blockNumber.toString(),
  };
  return Object.freeze({ condition, settlement });
}

export const nothingToSettle = {
  type: 'Settled',
  status: 'True',
  reason: 'NothingToSettle',
  message: 'Nothing was billed: no transaction was needed.',
} as const;

/**
 * Milliseconds until a finished lease counts as having cost nothing; undefined when it has a row, which
 * decides then. A lease that was never accepted can't be billed; one that was gets time for a last row.
 */
export function untilNothingToSettle(
  lease: GPULease,
  listed: boolean,
  now: Date,
): number | undefined {
  const { state } = leaseOutcome(lease);
  if (state === 'Refused' || state === 'Withdrawn') return 0;
  const { gpuMilliseconds = '0', conditions } = lease.status ?? {};
  const { lost } = lease.spec;
  // A lost lease costs what was accepted before: unless that puts it on the channel, nothing.
  if (listed || (gpuMilliseconds !== '0' && lost === undefined)) return undefined;
  const succeeded = getCondition(conditions, 'Succeeded');
  const endedAt = Date.parse(lost?.time ?? succeeded?.lastTransitionTime ?? '');
  if (Number.isNaN(endedAt)) return undefined;
  return Math.max(0, endedAt + LAST_STATEMENT_MS - now.getTime());
}
