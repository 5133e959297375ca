import { expect, test } from '@jest/globals';
import { deliveredLeases } from './pods.ts';

const aPod = (name: string, containerStatuses?: readonly object[]) => ({
  metadata: {
    name,
    uid: name,
    labels: {
      'gridlease.dev/lease-uid': 'l1',
      'gridlease.dev/job-uid': 'j1',
      'gridlease.dev/index': '0',
      'gridlease.dev/epoch': '1',
    },
  },
  spec: { containers: [{ resources: { limits: { 'nvidia.com/gpu': '2' } } }] },
  status: { phase: 'Pending', ...(containerStatuses && { containerStatuses }) },
});
const ended = (startedAt: string | null, finishedAt: string) => [
  { state: { terminated: { startedAt, finishedAt } } },
];
const ran = ended('2026-01-01T00:00:00Z', '2026-01-01T00:00:03Z');

test.each([
  ['has no word of its containers', undefined, ['j1/0/1']],
  ['could not be started', ended(null, '1970-01-01T00:00:00Z'), ['j1/0/1']],
  [
    'was started, however short it ran',
    ended('2026-01-01T00:00:05Z', '2026-01-01T00:00:05Z'),
    ['j1/0/1', 'j1/0/1'],
  ],
])('a second pod that %s counts as a run or not', (_, statuses, attempts) => {
  const pods = { items: [aPod('a', ran), aPod('b', statuses)] };
  const [lease] = deliveredLeases('alpha', pods, { items: [] });
  expect(lease).toMatchObject({ attempts, gpuMs: 6_000n, pods: 2 });
});
