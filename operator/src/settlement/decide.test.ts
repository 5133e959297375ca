import { describe, expect, test } from '@jest/globals';
import { decideFinals, decidePaid, type Final } from './decide.ts';

const final = (leaseName: string, amount: string, cumulative: string): Final => ({
  leaseId: `0x${'1'.repeat(64)}`,
  leaseName,
  gpuMs: '3600000',
  amount,
  cumulative,
});
const finals = [final('early', '40', '40'), final('free', '0', '40'), final('late', '60', '100')];

describe('an ended lease is settled', () => {
  test.each([
    ['at once when it cost nothing, whatever the chain says', undefined, ['free'], []],
    [
      'when the final claim has reached its voucher',
      { generation: 2, claimed: 40n },
      ['free'],
      ['early'],
    ],
    ['not a unit earlier', { generation: 2, claimed: 39n }, ['free'], []],
    ['with all before it', { generation: 2, claimed: 100n }, ['free'], ['early', 'late']],
    ['never by the claims of another generation', { generation: 3, claimed: 100n }, ['free'], []],
  ])('%s', (_name, state, free, paid) => {
    const decision = decideFinals({ finals, generation: 2 }, state);
    expect(decision.free.map(({ leaseName }) => leaseName)).toEqual(free);
    expect(decision.paid.map(({ leaseName }) => leaseName)).toEqual(paid);
  });
});

describe('the status of a paid lease', () => {
  const token = { decimals: 6, symbol: 'tUSD' };
  const payment = {
    generation: 2,
    paid: 60n,
    transactionHash: `0x${'ab'.repeat(32)}`,
    blockNumber: 17n,
    logIndex: 0,
  } as const;

  test('names amount, transaction and block', () => {
    const { condition, settlement } = decidePaid(finals[2]!, payment, token);
    expect(condition.message).toContain('0.00006 tUSD');
    expect(condition.message).toContain('in block 17');
    expect(settlement).toMatchObject({ amount: '60', cumulative: '100', blockNumber: '17' });
  });

  test('claims no transaction that was not found', () => {
    const { condition, settlement } = decidePaid(finals[2]!, undefined, token);
    expect(condition.status).toBe('True');
    expect(settlement).toBeUndefined();
  });
});
