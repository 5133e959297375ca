import { expect, test } from '@jest/globals';
import type { Attempt } from './hubView.ts';
import { paidTwice } from './paidTwice.ts';

const attempt = (uid: string, epoch: number, gpuMilliseconds: string): Attempt => ({
  metadata: { name: uid, uid, namespace: 'n', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: {
    epoch,
    tasks: { indexes: '0' },
    jobRef: { name: 'job', uid: 'job' },
    providerName: 'alpha',
    product: 'H100',
    pricePerGPUHour: '2',
  },
  status: { settlement: { amount: '1', gpuMilliseconds, cumulative: '1' } },
});

const pod = (leaseUid: string, startedAt: string) => ({
  metadata: {
    name: leaseUid,
    uid: leaseUid,
    labels: { 'gridlease.dev/lease-uid': leaseUid, 'gridlease.dev/index': '0' },
  },
  spec: { containers: [] },
  status: {
    containerStatuses: [
      { state: { terminated: { startedAt, finishedAt: '2026-01-01T01:00:00Z' } } },
    ],
  },
});

const pods = [pod('old', '2026-01-01T00:00:00Z'), pod('new', '2026-01-01T00:01:40Z')];

test.each([
  ['nothing when the old attempt was paid until the new one began', '100000', []],
  ['nothing for the second that Kubernetes can’t tell apart', '101000', []],
  ['nothing when the old attempt was not paid', '0', []],
  [
    'the task when the old attempt was paid on',
    '140000',
    [expect.stringContaining('task 0 was paid twice: epoch 1 until 2026-01-01T00:02:20.000Z')],
  ],
])('%s', (_, gpuMs, expected) => {
  expect(paidTwice([attempt('old', 1, gpuMs), attempt('new', 2, '60000')], pods)).toEqual(expected);
});
