import { expect, test } from '@jest/globals';
import { type Observed, resolvePending } from './chainPending.ts';

const receipt = { success: true, hash: '0x01' } as const;

const cases: readonly (readonly [string, Partial<Observed>, string])[] = [
  ['is mined when any of its tries has a receipt', { receipt }, 'Mined'],
  ['is mined also when the chain has lost the newest try', { receipt, known: false }, 'Mined'],
  ['is replaced when its nonce went to something else', { nonceUsed: true }, 'Replaced'],
  ['is sent again when the chain does not know it', { known: false }, 'SendAgain'],
  ['is waited for while it is young', { ageMs: 60_000 }, 'Wait'],
  ['pays more when it has waited too long', { ageMs: 60_001 }, 'SendDearer'],
];

test.each(cases)('a transaction %s', (_, change, step) => {
  const observed = { receipt: undefined, nonceUsed: false, known: true, ageMs: 0, ...change };
  expect(resolvePending(observed, 60_000)).toBe(step);
});
