import { escrowDomain } from '@gridlease/contracts/domain';
import { hashLeaseTerms } from '@gridlease/contracts/leaseTerms';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { expect, test } from '@jest/globals';
import {
  aCondition,
  aJob,
  aLease,
  anAcceptance,
  escrowAddress,
  runningConditions,
} from '../testing/builders.ts';
import { lacksFinal, lostFinals } from './lostFinals.ts';
import { termsOf } from './parse.ts';

const domain = escrowDomain({ chainId: 31_337, escrow: escrowAddress });

function aLost(name: string, more: Partial<GPULease['spec']> = {}): GPULease {
  const lease = aLease({
    job: aJob({ name }),
    status: { acceptance: anAcceptance },
    conditions: runningConditions,
  });
  const lost = { time: '2026-03-01T11:59:00Z', reason: 'ProviderLost', message: 'gone' } as const;
  return { ...lease, spec: { ...lease.spec, desiredState: 'Stopped', lost, ...more } };
}

const idOf = (lease: GPULease) => hashLeaseTerms(domain, termsOf(lease.spec.terms));

function aChannel(spec: Partial<PaymentChannel['spec']> = {}): PaymentChannel {
  const voucher = { generation: 1, cumulative: '9000', signature: '0x' };
  return {
    metadata: { name: 'ch-0', namespace: 'gridlease-provider-alpha' },
    spec: { generation: 1, finals: [], voucher, ...spec },
  } as unknown as PaymentChannel;
}

const acceptedOf = (lease: GPULease, generation = 1) => ({
  accepted: {
    generation,
    seq: '1',
    foldedAmount: '0',
    foldedHead: idOf(lease),
    rows: [{ leaseId: idOf(lease), gpuMs: '5000', amount: '4000', last: false }],
  },
});

test('a lost lease costs what was accepted of it, and the newest voucher covers that', () => {
  const lease = aLost('used');
  expect(lostFinals(aChannel(acceptedOf(lease)), [lease], domain)).toEqual([
    {
      leaseId: idOf(lease),
      leaseName: lease.metadata.name,
      gpuMs: '5000',
      amount: '4000',
      cumulative: '9000',
    },
  ]);
});

test('one of which nothing was accepted costs nothing', () => {
  const [final] = lostFinals(aChannel(), [aLost('unused')], domain);
  expect(final).toMatchObject({ gpuMs: '0', amount: '0' });
});

test.each<[string, GPULease, Partial<PaymentChannel['spec']>]>([
  ['that is not lost', aLease({ status: { acceptance: anAcceptance } }), {}],
  ['that was never accepted', { ...aLost('new'), status: {} }, {}],
  ['of another channel', aLost('other', { channelName: 'ch-1' }), {}],
  ['of an earlier generation', aLost('old'), { generation: 2 }],
  [
    'that is settled',
    {
      ...aLost('paid'),
      status: { acceptance: anAcceptance, conditions: [aCondition('Settled', 'True', 'Settled')] },
    },
    {},
  ],
])('a lease %s gets none', (_, lease, spec) => {
  expect(lostFinals(aChannel(spec), [lease], domain)).toEqual([]);
});

test('it is put there once, and only while there is room', () => {
  const lease = aLost('once');
  const finals = [
    {
      leaseId: idOf(lease),
      leaseName: lease.metadata.name,
      gpuMs: '0',
      amount: '0',
      cumulative: '0',
    },
  ];
  expect(lacksFinal(aChannel({ finals }), lease)).toBe(false);
  const full = Array.from({ length: 255 }, (_, index) => ({
    ...finals[0]!,
    leaseName: `other-${index}`,
  }));
  const two = [lease, aLost('twice')];
  expect(lostFinals(aChannel({ finals: full }), two, domain)).toHaveLength(1);
});
