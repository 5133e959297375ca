import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { describe, expect, test } from '@jest/globals';
import { anEndedLease } from '../testing/builders.ts';
import { costReader, leaseIdOf } from './leaseCost.ts';

const escrow = '0x00000000000000000000000000000000000e5c80';
const chainId = 31_337;
type Spec = Pick<PaymentChannel['spec'], 'accepted' | 'finals'>;

/** The channel of a lease of which the hub signed what `paid` says of its id. */
function channelOf(lease: ReturnType<typeof anEndedLease>, paid: (leaseId: `0x${string}`) => Spec) {
  const leaseId = leaseIdOf(lease, { chainId, escrow });
  return {
    metadata: { namespace: lease.metadata.namespace, name: lease.spec.channelName },
    spec: { chainId, escrow, ...paid(leaseId) },
  } as unknown as PaymentChannel;
}

describe('an ended lease has cost', () => {
  // 86,400,000 GPU-ms at 2.10 an hour.
  const honest = anEndedLease({ maxAmount: 60_000_000n, status: { gpuMilliseconds: '86400000' } });
  const silent = anEndedLease({
    maxAmount: 60_000_000n,
    status: { leaseId: `0x${'00'.repeat(32)}` },
  });

  test('what it says, before anything was signed', () => {
    expect(costReader([])(honest)).toBe(50_400_000n);
    expect(costReader([channelOf(honest, () => ({ finals: [] }))])(honest)).toBe(50_400_000n);
  });

  test('what was signed for, though it shows nothing', () => {
    const row = { gpuMs: '1', amount: '59000000', last: false };
    const head = {
      generation: 1,
      seq: '1',
      foldedAmount: '0',
      foldedHead: `0x${'00'.repeat(32)}`,
    } as const;
    const running = channelOf(silent, (leaseId) => ({
      accepted: { ...head, rows: [{ leaseId, ...row }] },
      finals: [],
    }));
    expect(costReader([running])(silent)).toBe(59_000_000n);
    const over = channelOf(silent, (leaseId) => ({
      finals: [{ leaseId, leaseName: 'x', gpuMs: '1', amount: '58000000', cumulative: '1' }],
    }));
    expect(costReader([over])(silent)).toBe(58_000_000n);
  });

  test('what was settled, once it is off the channel', () => {
    const settlement = {
      amount: '57000000',
      gpuMilliseconds: '1',
      cumulative: '1',
      transactionHash: `0x${'00'.repeat(32)}`,
      blockNumber: '1',
    } as const;
    const settled = { ...silent, status: { ...silent.status, settlement } };
    expect(costReader([])(settled)).toBe(57_000_000n);
  });
});
