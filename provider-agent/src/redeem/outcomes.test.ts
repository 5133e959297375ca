import type { TransactionRecord, TransactionStatus } from '@gridlease/contracts/transaction';
import { describe, expect, test } from '@jest/globals';
import { zeroAddress, zeroHash } from 'viem';
import { isNeeded, isRefused, settlementOf, settlementOutcomes } from './outcomes.ts';

const hashOf = (nonce: number) => `0x${String(nonce).padStart(64, '0')}` as const;

/** A settlement of channels by name → cumulative, and what became of it. */
function aSettlement(
  nonce: number,
  rows: Readonly<Record<string, string>>,
  status: Partial<TransactionStatus> & { readonly success?: boolean } = {},
): TransactionRecord {
  const { success = true, state = 'Final', ...rest } = status;
  const isMined = state === 'Mined' || state === 'Safe' || state === 'Final';
  const signed = {
    hash: hashOf(nonce),
    raw: zeroHash,
    maxFeePerGas: '1',
    maxPriorityFeePerGas: '1',
    signedTime: '2026-01-01T00:00:00Z',
  };
  return {
    name: `tx-${nonce}`,
    version: '1',
    spec: {
      chainId: 1,
      signer: zeroAddress,
      nonce: String(nonce),
      operation: 'SettleVouchers',
      description: 'settling',
      to: zeroAddress,
      value: '0',
      gas: '1',
      signed,
      refs: Object.entries(rows).map(([name, cumulative]) => ({
        kind: 'PaymentChannel',
        name,
        generation: 1,
        cumulative,
      })),
    },
    status: {
      state,
      message: '',
      ...(isMined && {
        receipt: {
          transactionHash: hashOf(nonce),
          blockNumber: String(100 + nonce),
          blockHash: zeroHash,
          gasUsed: '1',
          success,
        },
      }),
      ...rest,
    },
  };
}

const skipped = (reason: string) => ({ skipped: [{ name: 'a', reason }] });
const outcomeOf = (...records: TransactionRecord[]) => settlementOutcomes(records).get('a');

describe('what is known of a channel’s newest settlement', () => {
  test.each([
    ['nothing', outcomeOf(), undefined],
    [
      'that it is on its way',
      outcomeOf(aSettlement(1, { a: '5' }, { state: 'Sent' })),
      { isOpen: true, blockNumber: undefined },
    ],
    [
      'that it may be taken back',
      outcomeOf(aSettlement(1, { a: '5' }, { state: 'Mined' })),
      { isOpen: true, blockNumber: 101n },
    ],
    ['that it paid', outcomeOf(aSettlement(1, { a: '5' })), { isOpen: false, skipped: undefined }],
    [
      'why it did not pay',
      outcomeOf(aSettlement(1, { a: '5' }, skipped('WrongGeneration'))),
      { skipped: 'WrongGeneration', cumulative: 5n },
    ],
    [
      'only of the newest',
      outcomeOf(aSettlement(1, { a: '5' }, skipped('WrongGeneration')), aSettlement(2, { a: '6' })),
      { skipped: undefined, cumulative: 6n },
    ],
    [
      'when it was reverted',
      outcomeOf(
        aSettlement(1, { a: '5' }, { success: false, finishedTime: '1970-01-01T00:00:01Z' }),
      ),
      { revertedMs: 1_000 },
    ],
    [
      'nothing from one that was given up',
      outcomeOf(aSettlement(1, { a: '5' }, { state: 'Dropped' })),
      undefined,
    ],
  ])('%s', (_, outcome, expected) => {
    if (expected === undefined) expect(outcome).toBeUndefined();
    else expect(outcome).toMatchObject(expected);
  });

  test('a row that was claimed already is not refused', () => {
    expect(isRefused({ skipped: 'AlreadyClaimed' })).toBe(false);
    expect(isRefused({ skipped: 'InvalidSignature' })).toBe(true);
  });

  test('one that refused a row is kept until the channel has a newer one', () => {
    const refused = aSettlement(1, { a: '5', b: '7' }, skipped('UnknownChannel'));
    const paid = aSettlement(2, { b: '8' });
    expect(isNeeded(refused, [refused, paid])).toBe(true);
    expect(isNeeded(paid, [refused, paid])).toBe(false);
    expect(isNeeded(refused, [refused, paid, aSettlement(3, { a: '6' })])).toBe(false);
  });

  test('a claim is put down to the final settlement that brought exactly it, and to no other', () => {
    const records = [
      aSettlement(1, { a: '5' }),
      aSettlement(2, { a: '6' }, { state: 'Mined' }),
      aSettlement(3, { a: '7' }, { success: false }),
    ];
    const by = (claimed: bigint, generation = 1) =>
      settlementOf(records, { name: 'a', generation }, claimed)?.transactionHash;
    expect([by(5n), by(6n), by(7n), by(4n), by(5n, 2)]).toEqual([
      hashOf(1),
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
