import type { GPULease } from '@gridlease/crds/gpulease';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { setCondition } from '@gridlease/kube/conditions';
import { expect, test } from '@jest/globals';
import { aLease } from '../testing/builders.ts';
import { bytes32 } from '../testing/money.ts';
import { disputesOf } from './disputes.ts';

function aChannel(statementHash: number, replied: number, refused: readonly number[]) {
  return {
    spec: {
      reply: {
        statementHash: bytes32(replied),
        refusals: refused.map((id) => ({
          leaseId: bytes32(id),
          reason: 'WrongAmount',
          message: 'one too much',
        })),
      },
    },
    status: {
      statement: { hash: bytes32(statementHash) },
      rows: [1, 2].map((id) => ({ leaseId: bytes32(id), leaseName: `lease-${id}` })),
    },
  } as unknown as PaymentChannel;
}

const disputed = setCondition(
  [],
  { type: 'MeterDisputed', status: 'True', reason: 'Disputed', message: '' },
  new Date(),
);
const leases =
  (names: readonly string[]) =>
  (name: string): GPULease =>
    aLease({ conditions: names.includes(name) ? disputed : [] });

test('a refused row disputes its own lease, and the others get no condition', () => {
  expect(disputesOf(aChannel(5, 5, [2]), leases([]))).toMatchObject([
    {
      leaseName: 'lease-2',
      condition: {
        status: 'True',
        reason: 'Disputed',
        message: expect.stringContaining('WrongAmount: one too much'),
      },
    },
  ]);
});

test('that a lost lease is paid no more is no dispute', () => {
  const channel = aChannel(5, 5, [2]);
  const refusals = channel.spec.reply!.refusals.map((one) => ({ ...one, reason: 'LeaseLost' }));
  const spec = { ...channel.spec, reply: { ...channel.spec.reply!, refusals } };
  expect(disputesOf({ ...channel, spec }, leases(['lease-2']))).toEqual([]);
});

test('a row that was corrected ends the dispute', () => {
  expect(disputesOf(aChannel(5, 5, []), leases(['lease-1']))).toMatchObject([
    { leaseName: 'lease-1', condition: { status: 'False', reason: 'Agreed' } },
  ]);
});

test('rows of a statement that is not answered yet say nothing', () => {
  expect(disputesOf(aChannel(6, 5, [2]), leases(['lease-1']))).toEqual([]);
});
