import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { zeroAddress, zeroHash } from 'viem';
import {
  isEnded,
  type SignedForm,
  type StoredReceipt,
  type TransactionRecord,
  type TransactionState,
  type TransactionStatus,
} from './transaction.ts';
import {
  type ChainView,
  decideNonce,
  decideTransaction,
  expiredTransactions,
  type Sighting,
} from './transactionDecide.ts';
import { nextFees } from './transactionFees.ts';

const policy = { replaceAfterMs: 60_000, propagationMs: 5_000, maxReplacements: 2 };
const startMs = Date.parse('2026-01-01T00:00:00Z');

const aForm = (id: number, change: Partial<SignedForm> = {}): SignedForm => ({
  hash: `0x${String(id).padStart(64, '0')}`,
  raw: '0x02',
  maxFeePerGas: '8',
  maxPriorityFeePerGas: '1',
  signedTime: '2026-01-01T00:00:00Z',
  ...change,
});

function aRecord(
  state: TransactionState,
  change: Partial<TransactionStatus> & { readonly nonce?: number } = {},
): TransactionRecord {
  const { nonce = 5, ...status } = change;
  return {
    name: `tx-${nonce}`,
    version: '1',
    spec: {
      chainId: 1,
      signer: zeroAddress,
      nonce: String(nonce),
      operation: 'FundChannel',
      description: 'funding',
      to: zeroAddress,
      value: '0',
      gas: '1',
      signed: aForm(1),
    },
    status: { state, message: '', ...status },
  };
}

const aReceipt = (block: number, change: Partial<StoredReceipt> = {}): StoredReceipt => ({
  transactionHash: aForm(1).hash,
  blockNumber: String(block),
  blockHash: zeroHash,
  gasUsed: '1',
  success: true,
  ...change,
});

const aView = (latest: number, change: Partial<ChainView['nonces']> = {}): ChainView => ({
  nonces: { latest: BigInt(latest), pending: BigInt(latest), final: 5n, ...change },
  safeBlock: 98n,
  finalBlock: 96n,
});

const seen = (change: Partial<Sighting> = {}): Sighting => ({
  receipt: undefined,
  isKnown: false,
  ...change,
});

describe('a stored transaction', () => {
  const replaced = { replacements: [aForm(2)] };
  const given = { replacements: [aForm(2), aForm(3)] };
  const cancelled = { replacements: [aForm(2, { cancels: true })] };
  const late = 61;
  type Case = [
    string,
    {
      readonly record: TransactionRecord;
      readonly view?: ChainView;
      readonly sighting?: Sighting;
      readonly seconds?: number;
      readonly refusal?: string;
    },
    object,
  ];
  const cases: Case[] = [
    ['Built, unsent, is sent', { record: aRecord('Built') }, { do: 'Resend' }],
    [
      'Built and seen at a node is Sent',
      { record: aRecord('Built'), sighting: seen({ isKnown: true }) },
      { do: 'Record', state: 'Sent' },
    ],
    ['just sent may not be known yet', { record: aRecord('Sent'), seconds: 4 }, { do: 'Resend' }],
    [
      'Sent and lost is Unknown, and sent again',
      { record: aRecord('Sent'), seconds: 6 },
      { do: 'Resend', state: 'Unknown' },
    ],
    [
      'Unknown and lost is sent again',
      { record: aRecord('Unknown'), seconds: 6 },
      { do: 'Resend' },
    ],
    [
      'Unknown and seen is Sent',
      { record: aRecord('Unknown'), sighting: seen({ isKnown: true }) },
      { do: 'Record', state: 'Sent' },
    ],
    [
      'Sent and waiting waits',
      { record: aRecord('Sent'), sighting: seen({ isKnown: true }), seconds: 59 },
      { do: 'Wait' },
    ],
    [
      'Sent and stuck pays more',
      { record: aRecord('Sent'), sighting: seen({ isKnown: true }), seconds: late },
      { do: 'Replace' },
    ],
    [
      'stuck behind an earlier nonce does not pay more',
      {
        record: aRecord('Sent', { nonce: 6 }),
        sighting: seen({ isKnown: true }),
        seconds: late,
      },
      { do: 'Wait' },
    ],
    [
      'stuck and pointless by now is cancelled',
      { record: aRecord('Sent'), seconds: late, refusal: 'WrongGeneration(2)' },
      { do: 'Cancel' },
    ],
    [
      'stuck at every fee is cancelled',
      { record: aRecord('Sent', given), seconds: late },
      { do: 'Cancel' },
    ],
    [
      'a stuck cancellation pays more',
      { record: aRecord('Sent', cancelled), seconds: late },
      { do: 'Replace' },
    ],
    [
      'in a new block is Mined',
      { record: aRecord('Sent'), view: aView(6), sighting: seen({ receipt: aReceipt(99) }) },
      { do: 'Record', state: 'Mined' },
    ],
    [
      'in a safe block is Safe',
      { record: aRecord('Mined'), view: aView(6), sighting: seen({ receipt: aReceipt(98) }) },
      { do: 'Record', state: 'Safe' },
    ],
    [
      'in a final block is Final, reverted or not',
      {
        record: aRecord('Built'),
        view: aView(6, { final: 6n }),
        sighting: seen({ receipt: aReceipt(96, { success: false }) }),
      },
      { do: 'Record', state: 'Final' },
    ],
    [
      'Mined in the same block waits',
      {
        record: aRecord('Mined', { receipt: aReceipt(99) }),
        view: aView(6),
        sighting: seen({ receipt: aReceipt(99) }),
      },
      { do: 'Wait' },
    ],
    [
      'Mined in another block is recorded',
      {
        record: aRecord('Mined', { receipt: aReceipt(99, { blockHash: '0x11' }) }),
        view: aView(6),
        sighting: seen({ receipt: aReceipt(99) }),
      },
      { do: 'Record', state: 'Mined' },
    ],
    [
      'Mined and taken back is Sent, and sent again',
      { record: aRecord('Mined', { receipt: aReceipt(99) }) },
      { do: 'Resend', state: 'Sent' },
    ],
    [
      'Safe and taken back long after it was signed is sent again first, not raised',
      { record: aRecord('Safe', { receipt: aReceipt(98) }), seconds: late },
      { do: 'Resend', state: 'Sent' },
    ],
    [
      'sent again a moment ago does not pay more, however old it is',
      {
        record: aRecord('Sent', { sentTime: '2026-01-01T00:01:00Z' }),
        sighting: seen({ isKnown: true }),
        seconds: late,
      },
      { do: 'Wait' },
    ],
    [
      'mined in its raised form is Mined',
      {
        record: aRecord('Sent', replaced),
        view: aView(6),
        sighting: seen({ receipt: aReceipt(99, { transactionHash: aForm(2).hash }) }),
      },
      { do: 'Record', state: 'Mined' },
    ],
    [
      'whose cancellation is final is Dropped',
      {
        record: aRecord('Mined', cancelled),
        view: aView(6, { final: 6n }),
        sighting: seen({ receipt: aReceipt(96, { transactionHash: aForm(2).hash }) }),
      },
      { do: 'Record', state: 'Dropped' },
    ],
    [
      'whose nonce another one used is Unknown until that is final',
      { record: aRecord('Sent'), view: aView(6) },
      { do: 'Record', state: 'Unknown' },
    ],
    [
      'whose nonce another one used for good is Replaced',
      { record: aRecord('Unknown'), view: aView(6, { final: 6n }) },
      { do: 'Record', state: 'Replaced' },
    ],
    ...(['Final', 'Replaced', 'Dropped'] as const).map(
      (state): Case => [`that is ${state} stays so`, { record: aRecord(state) }, { do: 'Wait' }],
    ),
  ];
  test.each(cases)('%s', (_, input, expected) => {
    const { record, view = aView(5), sighting = seen(), seconds = 0, refusal } = input;
    const nowMs = startMs + seconds * 1_000;
    const step = decideTransaction({ record, view, sighting, policy, nowMs, refusal });
    expect(step).toMatchObject(expected);
    if (step.do === 'Resend' && !('state' in expected)) expect(step.state).toBeUndefined();
  });
});

describe('a nonce for a new transaction', () => {
  const decide = (records: TransactionRecord[], latest: number, pending = latest, foreignMs = 0) =>
    decideNonce({
      records,
      nonces: { latest: BigInt(latest), pending: BigInt(pending) },
      foreignMs,
      policy,
    });
  test.each([
    [
      'is the next unused one',
      decide([aRecord('Final', { nonce: 4 })], 5),
      { do: 'Use', nonce: 5n },
    ],
    ['waits for the one under way', decide([aRecord('Sent')], 5, 6), { do: 'Wait' }],
    ['waits for one that was never sent', decide([aRecord('Built')], 5), { do: 'Wait' }],
    ['does not wait for finality', decide([aRecord('Mined')], 6), { do: 'Use', nonce: 6n }],
    ['waits for a stranger’s', decide([], 5, 6), { do: 'Wait' }],
    [
      'takes a stranger’s place after a while, for more',
      decide([], 5, 6, 60_000),
      { do: 'Use', nonce: 5n, feePercent: 150 },
    ],
    ['fills a gap first', decide([aRecord('Sent', { nonce: 6 })], 5), { do: 'Fill', nonce: 5n }],
    [
      'fills no gap that a stranger fills',
      decide([aRecord('Sent', { nonce: 6 })], 5, 7),
      { do: 'Wait' },
    ],
  ])('%s', (_, verdict, expected) => {
    expect(verdict).toMatchObject(expected);
  });
});

const fee = fc.bigInt({ min: 0n, max: 10n ** 12n });
const asked = fc
  .tuple(fee, fee)
  .map(([a, b]) => ({ maxFeePerGas: a + b, maxPriorityFeePerGas: b }));

describe('fees', () => {
  test('of a replacement rise by an eighth at least, and never above the cap', () => {
    fc.assert(
      fc.property(asked, asked, fee, (now, before, cap) => {
        const next = nextFees({ asked: now, before, cap });
        if (next === undefined) return;
        expect(next.maxFeePerGas * 8n).toBeGreaterThanOrEqual(before.maxFeePerGas * 9n);
        expect(next.maxPriorityFeePerGas * 8n).toBeGreaterThanOrEqual(
          before.maxPriorityFeePerGas * 9n,
        );
        expect(next.maxFeePerGas).toBeGreaterThanOrEqual(now.maxFeePerGas);
        expect(next.maxFeePerGas).toBeLessThanOrEqual(cap);
        expect(next.maxPriorityFeePerGas).toBeLessThanOrEqual(next.maxFeePerGas);
      }),
    );
  });
});

describe('ended transactions', () => {
  const ended = (nonce: number, finishedTime: string) => aRecord('Final', { nonce, finishedTime });
  const old = ended(1, '2025-12-31T00:00:00Z');
  const young = ended(2, '2025-12-31T23:59:00Z');
  const youngest = ended(3, '2026-01-01T00:00:00Z');
  const open = aRecord('Mined', { nonce: 4 });
  const all = [old, young, youngest, open];
  const limits = { nowMs: startMs, keepMs: 3_600_000, keepNewest: 50 };
  test('are deleted after their time, or when there are too many, never while they are open', () => {
    expect(expiredTransactions(all, limits)).toEqual([old]);
    expect(expiredTransactions(all, { ...limits, keepNewest: 1 })).toEqual([old, young]);
    expect(expiredTransactions([open], limits).filter(isEnded)).toEqual([]);
  });
  test('that something is derived from are kept', () => {
    expect(expiredTransactions(all, { ...limits, isNeeded: (one) => one === old })).toEqual([]);
  });
});
