import type { GPULease } from '@gridlease/crds/gpulease';
import { describe, expect, test } from '@jest/globals';
import { aLease, aLeaseRecord, testNowMs } from '../testing/builders.ts';
import { retireInMs } from './retire.ts';

const hour = 3_600_000;
const finished = {
  time: new Date(testNowMs).toISOString(),
  succeeded: true,
  reason: 'Completed',
  message: '',
};
const meter = { gpuMs: '1', final: true, folded: true };
const ended = (record: object = {}) =>
  aLeaseRecord({ record: { state: 'Ended', finished, meter, ...record } });
const aHubLease = async (settled: 'True' | 'False' | undefined): Promise<GPULease> => {
  const { lease } = await aLease();
  const condition = {
    type: 'Settled',
    reason: 'Settled',
    message: '',
    lastTransitionTime: finished.time,
  };
  const conditions = settled === undefined ? [] : [{ ...condition, status: settled }];
  return { ...lease, status: { conditions } };
};
const after = (nowMs: number) => ({ retentionSeconds: 7200, nowMs: testNowMs + nowMs });

describe('when the record of a lease may go', () => {
  test('at once with its lease', async () => {
    const hub = { lease: undefined, isGone: true };
    expect(retireInMs(await ended(), hub, after(0))).toBe(0);
  });

  test('a lease that is not seen, and not known to be gone, keeps it', async () => {
    const hub = { lease: undefined, isGone: false };
    expect(retireInMs(await ended(), hub, after(100 * hour))).toBeUndefined();
  });

  test.each([
    ['settled, and before its retention is over', 'True', hour, hour],
    ['settled, and after it', 'True', 3 * hour, 0],
    ['not settled', 'False', 100 * hour, undefined],
    ['not settled yet', undefined, 100 * hour, undefined],
  ] as const)('%s', async (_name, settled, nowMs, expected) => {
    const hub = { lease: await aHubLease(settled), isGone: false };
    expect(retireInMs(await ended(), hub, after(nowMs))).toBe(expected);
  });

  test('never before its last row is accepted, nor while it runs', async () => {
    const hub = { lease: undefined, isGone: true };
    const unpaid = await ended({ meter: { ...meter, folded: false } });
    expect(retireInMs(unpaid, hub, after(0))).toBeUndefined();
    expect(retireInMs(await ended({ state: 'Running' }), hub, after(0))).toBeUndefined();
  });
});
