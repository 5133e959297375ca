import { acquireTestCluster } from '@gridlease/e2e/cluster/testCluster';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { configMaps, events } from './builtins.ts';
import { type EventRecorderOptions, eventRecorder } from './events.ts';
import { manualClock } from './manualClock.ts';
import type { KubeObject } from './object.ts';
import { resourceClient } from './resources.ts';
import { aNamespace, type TestNamespace } from './testing/testNamespace.ts';

let namespace: TestNamespace;

beforeAll(async () => {
  namespace = await aNamespace((await acquireTestCluster()).hub.kubeconfig);
});

afterAll(async () => {
  await namespace?.[Symbol.asyncDispose]();
});

const aRecorder = (options: Partial<EventRecorderOptions> = {}) =>
  eventRecorder({
    cluster: namespace.cluster,
    reportingController: 'gridlease.dev/kube-test',
    reportingInstance: 'here',
    ...options,
  });

const anObject = (name: string): Promise<KubeObject> =>
  resourceClient<KubeObject>(namespace.cluster, configMaps).create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: namespace.name },
  });

type RecordedEvent = KubeObject & {
  readonly note: string;
  readonly regarding: { readonly uid: string };
  readonly series?: { readonly count: number };
};

async function eventsAbout(object: KubeObject): Promise<readonly RecordedEvent[]> {
  const client = resourceClient<RecordedEvent>(namespace.cluster, events);
  const { items } = await client.list({ namespace: namespace.name });
  return items.filter(({ regarding }) => regarding.uid === object.metadata.uid);
}

async function outcome(name: string): Promise<number> {
  const metric = namespace.cluster.registry.getSingleMetric('gridlease_events_total')!;
  return (await metric.get()).values.find(({ labels }) => labels['outcome'] === name)?.value ?? 0;
}

const refused = { type: 'Warning', reason: 'Refused', action: 'Accept' } as const;

test('an event that happens eight times is one Event with a count, written four times', async () => {
  const object = await anObject('series');
  const before = await outcome('written');
  await using recorder = aRecorder();
  for (let i = 0; i < 8; i++) {
    recorder.event(object, { ...refused, note: 'no capacity' });
    await recorder.flush();
  }
  recorder.event(object, { ...refused, note: 'another reason' });
  await recorder.flush();
  const recorded = await eventsAbout(object);
  expect(recorded.map(({ note, series }) => [note, series?.count]).sort()).toEqual([
    ['another reason', undefined],
    ['no capacity', 8],
  ]);
  expect((await outcome('written')) - before).toBe(5);
});

test('a restarted program goes on counting on the Event it had written', async () => {
  const object = await anObject('restart');
  for (let run = 0; run < 2; run++) {
    await using recorder = aRecorder({ windowMs: 24 * 3_600_000 });
    recorder.event(object, { ...refused, note: 'still no capacity' });
    await recorder.flush();
  }
  expect((await eventsAbout(object)).map(({ series }) => series?.count)).toEqual([2]);
});

test('an event that cannot be written is counted, and nobody is bothered', async () => {
  const lost: KubeObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'lost', namespace: `${namespace.name}-absent`, uid: 'u' },
  };
  const before = await outcome('failed');
  await using recorder = aRecorder();
  recorder.event(lost, { ...refused, note: 'x' });
  await recorder.flush();
  expect((await outcome('failed')) - before).toBe(1);
});

test('a flood is cut off, and goes on when the budget has recovered', async () => {
  const clock = manualClock(Date.now());
  const object = await anObject('flood');
  const before = await outcome('dropped');
  await using recorder = aRecorder({ perSecond: 1, clock });
  for (let i = 0; i < 30; i++) recorder.event(object, { ...refused, note: `flood ${i}` });
  await recorder.flush();
  expect(await eventsAbout(object)).toHaveLength(10);
  expect((await outcome('dropped')) - before).toBe(20);
  clock.advance(1_000);
  recorder.event(object, { ...refused, note: 'after' });
  await recorder.flush();
  expect(await eventsAbout(object)).toHaveLength(11);
});

test('a note that is too long is cut, not refused', async () => {
  const object = await anObject('long');
  await using recorder = aRecorder();
  recorder.event(object, { ...refused, note: 'ü'.repeat(2_000) });
  await recorder.flush();
  const [event] = await eventsAbout(object);
  expect(event?.note).toMatch(/^ü+…$/);
});
