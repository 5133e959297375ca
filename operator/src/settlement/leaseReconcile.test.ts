import type { GPULease } from '@gridlease/crds/gpulease';
import { silentLogger } from '@gridlease/kube/log';
import { manualClock } from '@gridlease/kube/manualClock';
import { objectKey } from '@gridlease/kube/object';
import { type FinishedSpan, installTracer } from '@gridlease/kube/tracing';
import { afterEach, expect, test } from '@jest/globals';
import { aCondition, aLease, nowMs } from '../testing/builders.ts';
import { nothingToSettle } from './decide.ts';
import type { Context } from './deps.ts';
import { leaseReconcile } from './leaseReconcile.ts';

let uninstall: () => void = () => undefined;
afterEach(() => uninstall());

const refused = aLease({ conditions: [aCondition('Accepted', 'False', 'NoCapacity')] });
const settled: GPULease = {
  ...refused,
  metadata: { ...refused.metadata, resourceVersion: '2' },
  status: { conditions: [aCondition('Settled', 'True', nothingToSettle.reason, nothingToSettle)] },
};

/** Settles the refused lease; `cached` is what the cache shows at each look. */
async function settle(...cached: readonly GPULease[]) {
  const spans: FinishedSpan[] = [];
  uninstall = installTracer({ ratio: 1, finished: (span) => void spans.push(span) });
  const written: GPULease[] = [];
  let looks = 0;
  const leases = {
    get: () => cached[Math.min(looks++, cached.length - 1)],
    observe: () => undefined,
  };
  const replaceStatus = async (lease: GPULease) => {
    written.push(lease);
    return lease;
  };
  const context = {
    informers: { leases, channels: { get: () => undefined } },
    clients: { leases: { replaceStatus } },
    clock: manualClock(nowMs),
  } as unknown as Context;
  const signal = new AbortController().signal;
  await leaseReconcile(context)(objectKey(refused), { signal, log: silentLogger });
  return { spans: spans.map(({ name }) => name), written };
}

test('a lease that was refused is settled once it is seen, and its trace says so', async () => {
  const { spans, written } = await settle(refused);
  expect(written.map(({ status }) => status?.conditions?.at(-1)?.reason)).toEqual([
    nothingToSettle.reason,
  ]);
  expect(spans).toEqual(['settlement settled']);
});

test('one that was settled meanwhile is not settled a second time in its trace', async () => {
  const { spans, written } = await settle(refused, settled);
  expect(written).toEqual([]);
  expect(spans).toEqual([]);
});
