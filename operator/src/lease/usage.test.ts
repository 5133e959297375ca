import type { GPULease } from '@gridlease/crds/gpulease';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { expect, test } from '@jest/globals';
import { keccak256, stringToHex } from 'viem';
import { aLease, anAcceptance, runningConditions } from '../testing/builders.ts';
import { isPaidFor, usageOf } from './usage.ts';

const leaseId = keccak256(stringToHex('lease id'));
const lease = aLease({
  status: { acceptance: anAcceptance, leaseId, gpuMilliseconds: '9000' },
  conditions: runningConditions,
});
const lostSpec = { time: '2026-03-01T11:59:00Z', reason: 'Abandoned', message: 'gone' } as const;
const lost: GPULease = { ...lease, spec: { ...lease.spec, lost: lostSpec } };
const figures = (gpuMs: string, amount: string) => ({ leaseId, gpuMs, amount });
const leaseName = lease.metadata.name;

function aChannel(accepted: boolean, isFinal = false): PaymentChannel {
  const spec = {
    finals: isFinal ? [{ ...figures('3000', '1750'), leaseName, cumulative: '1750' }] : [],
    ...(accepted ? { accepted: { rows: [{ ...figures('3000', '1750'), last: false }] } } : {}),
  };
  const row = { ...figures('12000', '7000'), leaseName, last: true };
  return { spec, status: { rows: [row] } } as unknown as PaymentChannel;
}

test.each([
  ['nothing was accepted', aChannel(false), { gpuMs: 0n, amount: 0n }],
  ['something was accepted', aChannel(true), { gpuMs: 3_000n, amount: 1_750n }],
  ['it is on its way to the chain', aChannel(false, true), { gpuMs: 3_000n, amount: 1_750n }],
  ['it has no channel', undefined, { gpuMs: 0n, amount: 0n }],
])('a lost lease has cost what was accepted before: %s', (_, channel, expected) => {
  expect(usageOf(lost, channel)).toEqual(expected);
  expect(isPaidFor(lost, channel)).toBe(true);
});

test('a lost lease that is settled has cost what the chain paid', () => {
  const settlement = { gpuMilliseconds: '3000', amount: '1750' } as never;
  const settled = { ...lost, status: { ...lost.status, settlement } };
  expect(usageOf(settled, aChannel(false))).toEqual({ gpuMs: 3_000n, amount: 1_750n });
});

test('any other lease has cost the newest figure that is known', () => {
  expect(usageOf(lease, aChannel(true))).toEqual({ gpuMs: 12_000n, amount: 7_000n });
  expect(usageOf(lease, undefined).gpuMs).toBe(9_000n);
});
