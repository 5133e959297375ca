import { hashDocument } from '@gridlease/contracts/canonicalJson';
import { workloadDocumentSchema } from '@gridlease/crds/workloadDocument';
import { expect, test } from '@jest/globals';
import { zeroHash } from 'viem';
import { aChain, aJob, aLease, anAccount, anEndedLease, aProvider } from '../testing/builders.ts';
import { factsOf } from '../testing/placement.ts';
import { decide } from './decide.ts';
import { cliqueOf } from './intents.ts';
import { leaseWorkloadOf } from './lease.ts';
import { placementRecordOf, recordName } from './record.ts';

function recordOf(places: number, completions = 1) {
  const job = aJob({ spec: { batch: { completions } } });
  const facts = factsOf({
    job,
    places: Array.from({ length: places }, (_, at) => ({
      name: `provider-${String(at).padStart(3, '0')}`,
      price: (1 + at / 100).toFixed(2),
    })),
  });
  const placement = decide(facts).placement!;
  const share = placement.shares[0]!;
  const numbers = { shard: 0, epoch: 3, attempt: 1, generation: 1 };
  return placementRecordOf({ job, facts, placement, share, ...numbers, inputsDigest: zeroHash });
}

test('a record keeps the 16 nearest losers and counts all', () => {
  const { spec } = recordOf(101);
  expect(spec.losers).toHaveLength(16);
  expect(spec.losers[0]).toMatchObject({ providerName: 'provider-001', reason: 'NotCheapest' });
  expect(spec.reasonCounts).toEqual([{ reason: 'NotCheapest', count: 100 }]);
});

test('the NVLink domain of a placement is in its record and in the document that the lease signs', () => {
  const job = aJob({ spec: { gpu: { count: 1, locality: 'SameClique' } } });
  const facts = factsOf({ job, places: [{ name: 'alpha', pools: [{ clique: 'a1b2.7' }] }] });
  const placement = decide(facts).placement!;
  const share = placement.shares[0]!;
  const numbers = { shard: 0, epoch: 1, attempt: 0, generation: 1, inputsDigest: zeroHash };
  const record = placementRecordOf({ job, facts, placement, share, ...numbers });
  expect(record.spec.winner.clique).toBe('a1b2.7');
  const source = { record, job, account: anAccount(), provider: aProvider(), chain: aChain() };
  const document = workloadDocumentSchema.parse(JSON.parse(leaseWorkloadOf(source).spec.document));
  expect(document.gpu).toEqual({ count: 1, clique: 'a1b2.7' });
  const lease = aLease({ job });
  const named = { ...record, metadata: { ...record.metadata, name: lease.metadata.name } };
  expect(cliqueOf([lease], [named])).toBe('a1b2.7');
  expect(cliqueOf([anEndedLease({ job })], [named])).toBeUndefined();
});

test('a record stays within 32 KiB, however scattered its tasks are', () => {
  const record = recordOf(101);
  const scattered = Array.from({ length: 5_000 }, (_, at) => at * 2);
  const job = aJob({ spec: { batch: { completions: 10_000 } } });
  const facts = factsOf({ job, places: [{ name: 'alpha' }, { name: 'bravo' }] });
  const share = {
    ...decide(factsOf({})).placement!.shares[0]!,
    indexes: scattered,
  };
  const losers = record.spec.losers.map((loser) => ({
    candidate: share.candidate,
    reason: 'InsufficientCapacity' as const,
    message: loser.message.padEnd(1_000, '.'),
  }));
  const large = placementRecordOf({
    ...{ job, facts, share, shard: 0, epoch: 1, attempt: 0, generation: 1 },
    placement: { shares: [share], losers, reasonCounts: [] },
    inputsDigest: zeroHash,
  });
  expect(JSON.stringify(large).length).toBeLessThanOrEqual(32 * 1024);
  expect(large.spec.losers.length).toBeGreaterThan(0);
});

test('its digest covers everything but itself', () => {
  const { digest, ...rest } = recordOf(2).spec;
  expect(digest).toBe(hashDocument(rest));
  expect(hashDocument({ ...rest, epoch: 4 })).not.toBe(digest);
});

test('its name is the same for the same job and epoch, and another for a namesake', () => {
  expect(recordName('train', 'uid-1', 2)).toBe(recordName('train', 'uid-1', 2));
  expect(recordName('train', 'uid-1', 2)).not.toBe(recordName('train', 'uid-2', 2));
  expect(recordName('x'.repeat(63), 'uid', 10_000)).toMatch(/^x{40}-[0-9a-f]{8}-10000$/);
});
