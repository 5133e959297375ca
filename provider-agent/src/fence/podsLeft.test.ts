import { silentLogger } from '@gridlease/kube/log';
import { manualClock } from '@gridlease/kube/manualClock';
import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { aLeaseRecord } from '../testing/builders.ts';
import type { FenceDeps } from './deps.ts';
import { createFence } from './reconcile.ts';

test('nothing is left of a fenced lease whose record was ended before the fence looked again', async () => {
  const clock = manualClock(Date.parse('2026-03-01T12:00:00Z'));
  const registry = new Registry();
  const record = await aLeaseRecord({ name: 'one', uid: 'uid-one', namespace: 'there' });
  const spec = { ...record.spec, state: 'Running', fenced: '2026-03-01T11:59:00Z' };
  let records: readonly object[] = [{ ...record, spec }];
  const labels = { 'gridlease.dev/lease-uid': 'uid-one' };
  const pod = {
    metadata: { name: 'pod', namespace: 'there', labels },
    status: { phase: 'Running' },
  };
  const none = { list: async () => ({ items: [] }) };
  const fence = createFence({
    renewals: { lastRenewalMs: undefined, refresh: async () => undefined },
    isLeader: () => true,
    hubNamespace: 'hub',
    recordNamespace: 'there',
    informers: {
      records: { list: () => records, hasSynced: true, observe: () => undefined },
      pods: { byIndex: () => [pod] },
      leases: { observe: () => undefined },
    },
    clients: {
      ...{ deployments: none, replicaSets: none, jobs: none, records: none, leases: none },
      pods: { list: async () => ({ items: [pod] }) },
    },
    remove: async () => undefined,
    ...{ clock, registry, log: silentLogger },
  } as unknown as FenceDeps);
  const left = async () =>
    (await registry.getSingleMetric('gridlease_fence_pods_left')!.get()).values[0]?.value;
  const { signal } = new AbortController();
  await fence.look(signal);
  expect(await left()).toBe(1);
  records = [];
  await fence.look(signal);
  expect(await left()).toBe(0);
});
