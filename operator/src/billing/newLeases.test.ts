import type { GPULease } from '@gridlease/crds/gpulease';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { describe, expect, test } from '@jest/globals';
import { aLease } from '../testing/builders.ts';
import { newer, newLeases } from './newLeases.ts';

const aChannel = (generation: number) =>
  ({ metadata: { name: 'ch-1', namespace: 'p', generation } }) as unknown as PaymentChannel;
const stored = (uid: string, resourceVersion = '1', accepted = true): GPULease => {
  const lease = aLease();
  const acceptance = { leaseUid: '0x1', acceptedMs: '1', agent: '0x2', signature: '0x3' };
  return {
    ...lease,
    metadata: { ...lease.metadata, uid, resourceVersion },
    status: accepted ? { acceptance } : {},
  } as GPULease;
};

describe('leases of rows that are not counted yet', () => {
  test('are read once while the channel has one generation, also by a look that starts again', async () => {
    const reads: string[] = [];
    const known = newLeases();
    const look = (generation: number) =>
      known.reader(aChannel(generation), async (name) => {
        reads.push(name);
        return stored(name);
      });
    expect((await look(1)('a'))?.metadata.uid).toBe('a');
    await look(1)('a');
    await look(1)('b');
    expect(reads).toEqual(['a', 'b']);
    await look(2)('a');
    expect(reads).toEqual(['a', 'b', 'a']);
    known.forget('p/ch-1');
    await look(2)('a');
    expect(reads).toEqual(['a', 'b', 'a', 'a']);
  });

  test('are read again when they were not there or had no acceptance', async () => {
    const answers = [undefined, stored('a', '1', false), stored('a', '2')];
    const known = newLeases();
    const look = () => known.reader(aChannel(1), async () => answers.shift());
    expect(await look()('a')).toBeUndefined();
    expect((await look()('a'))?.status?.acceptance).toBeUndefined();
    expect((await look()('a'))?.status?.acceptance).toBeDefined();
    expect(answers).toEqual([]);
  });

  test('are read a few at a time, and one that fails holds up none of the others', async () => {
    let open = 0;
    let most = 0;
    const read = newLeases().reader(aChannel(1), async (name) => {
      most = Math.max(most, ++open);
      await new Promise(setImmediate);
      open--;
      if (name === '3') throw new Error('no answer');
      return stored(name);
    });
    const names = Array.from({ length: 40 }, (_, i) => String(i));
    const found = await Promise.allSettled(names.map(read));
    expect(found.filter(({ status }) => status === 'fulfilled')).toHaveLength(39);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(8);
  });
});

test.each([
  ['the cache has it later', stored('a', '5'), stored('a', '9'), '9'],
  ['the cache has it earlier', stored('a', '9'), stored('a', '5'), '9'],
  ['the cache has another of that name', stored('a', '5'), stored('b', '9'), '5'],
  ['the cache has none', stored('a', '5'), undefined, '5'],
  ['it is gone', undefined, stored('a', '9'), undefined],
])('the later one counts when %s', (_, one, cached, expected) => {
  expect(newer(one, cached)?.metadata.resourceVersion).toBe(expected);
});
