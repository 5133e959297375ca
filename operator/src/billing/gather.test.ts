import { escrowDomain } from '@gridlease/contracts/domain';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import type { UsageRowOnObject } from '@gridlease/crds/statement';
import { expect, test } from '@jest/globals';
import { zeroHash } from 'viem';
import { agent, bytes32, channel, startMs } from '../testing/money.ts';
import { gatherFacts } from './gather.ts';

const escrow = '0x00000000000000000000000000000000000e5c80';

function aRowOnObject(id: number): UsageRowOnObject {
  return {
    leaseId: bytes32(id),
    leaseName: `lease-${id}`,
    fromMs: startMs.toString(),
    toMs: startMs.toString(),
    gpuMs: '0',
    amount: '0',
    credit: '0',
    segmentsRoot: zeroHash,
    last: true,
  };
}

const aChannel: PaymentChannel = {
  apiVersion: 'gridlease.dev/v1alpha1',
  kind: 'PaymentChannel',
  metadata: { namespace: 'gridlease-provider-alpha', name: 'channel' },
  spec: {
    ...channel,
    accountRef: { namespace: 'team', name: 'account', uid: 'account-uid' },
    providerName: 'alpha',
    chainId: 31_337,
    escrow,
    accepted: {
      generation: 1,
      seq: '1',
      foldedAmount: '0',
      foldedHead: zeroHash,
      rows: [{ leaseId: bytes32(1), gpuMs: '0', amount: '0', last: false }],
    },
    finals: [],
  },
  status: {
    statement: {
      seq: '2',
      atMs: startMs.toString(),
      rowCount: 2,
      rowsRoot: zeroHash,
      foldedAmount: '0',
      foldedHead: zeroHash,
      cumulative: '0',
      prev: bytes32(9),
      hash: bytes32(10),
      agent,
      signature: `0x${'11'.repeat(65)}`,
    },
    rows: [aRowOnObject(1), aRowOnObject(2)],
  },
};

test('a lease is taken from the cache only while its row is counted: a settled one comes back as new', async () => {
  const asked: (readonly [string, boolean])[] = [];
  await gatherFacts(aChannel, {
    domain: escrowDomain({ chainId: 31_337, escrow }),
    findLease: async (name, { isNew }) => {
      asked.push([name, isNew]);
      return undefined;
    },
    grantRefusal: async () => undefined,
    receivedMs: Number(startMs),
    lastHeartbeatMs: Number(startMs),
    skewMs: 5_000,
    heartbeatToleranceMs: 40_000,
  });
  expect(asked).toEqual([
    ['lease-1', false],
    ['lease-2', true],
  ]);
});
