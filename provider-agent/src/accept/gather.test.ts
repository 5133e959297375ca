import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import { describe, expect, test } from '@jest/globals';
import {
  aLease,
  aLeaseRecord,
  type LeaseOptions,
  people,
  testDomain,
  testHub,
  testNowMs,
} from '../testing/builders.ts';
import type { AcceptDeps } from './deps.ts';
import { gatherTerms, hubEpochSeen } from './gather.ts';

describe('the highest epoch of a hub', () => {
  test.each([
    ['from its leases', '3', 1n, 3n],
    ['from its channels, when the leases’ records are gone', '3', 7n, 7n],
  ])('%s', async (_name, hubEpoch, ofChannels, expected) => {
    const record = await aLeaseRecord({ terms: { hubEpoch: BigInt(hubEpoch) } });
    expect(hubEpochSeen([record], testHub, [0n, ofChannels])).toBe(expected);
    expect(hubEpochSeen([record], `0x${'22'.repeat(32)}`, [ofChannels])).toBe(ofChannels);
  });
});

describe('what is known about a lease before it is accepted', () => {
  const gathered = async (options: LeaseOptions, records: readonly LeaseRecord[]) => {
    const { lease, workload } = await aLease(options);
    const deps = {
      domain: testDomain,
      hubNamespace: 'gridlease-provider-alpha',
      recordNamespace: 'gridlease-agent',
      informers: { records: { list: () => records }, workloads: { get: () => workload } },
      offers: { offer: () => undefined },
      closedDestinations: () => [],
      isolationClasses: () => [],
      canCopyOutputs: false,
      hubEpochsOfChannels: () => [4n],
      clock: { now: () => new Date(testNowMs) },
      own: {},
    } as unknown as AcceptDeps;
    return gatherTerms(lease, deps);
  };
  const tasks = (indexes: string) => ({ indexes, parallelism: 1, gpusPerTask: 1 });

  test.each([
    ['a later epoch of one of its tasks', 2, 3, '3-5', 3],
    ['no epoch that came before its own', 3, 2, '3-5', undefined],
    ['no later epoch of other tasks', 2, 3, '4-5', undefined],
  ])('%s', async (_, epoch, before, indexes, expected) => {
    const record = await aLeaseRecord({ epoch: before, tasks: tasks(indexes) });
    const { laterEpoch } = await gathered({ epoch, tasks: tasks('0-3') }, [record]);
    expect(laterEpoch).toBe(expected);
  });

  test('who signed its terms, and how far the hub’s epoch has come', async () => {
    const named = { signer: people.stranger, terms: { signer: people.signer.address } };
    const { recovered, own } = await gathered(named, []);
    expect(recovered).toBe(people.stranger.address);
    expect(own.hubEpochSeen).toBe(4n);
  });
});
