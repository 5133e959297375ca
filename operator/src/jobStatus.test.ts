import type { GPUJob } from '@gridlease/crds/gpujob';
import type { ChangeHandler, Informer } from '@gridlease/kube/informer';
import { silentLogger } from '@gridlease/kube/log';
import { manualClock } from '@gridlease/kube/manualClock';
import { objectKey } from '@gridlease/kube/object';
import type { ResourceClient } from '@gridlease/kube/resources';
import { Store } from '@gridlease/kube/store';
import { expect, test } from '@jest/globals';
import { jobStatusWriter } from './jobStatus.ts';
import { aCondition, aJob } from './testing/builders.ts';

const admitted = aCondition('Admitted', 'True', 'Admitted');
const placed = aCondition('Placed', 'True', 'Placed');
const said = (reason: string, status: 'True' | 'Unknown' = 'Unknown') =>
  aCondition('Succeeded', status, reason);

/** A writer over a store in memory; the API server's part is played by one function. */
function aWriter(options: { readonly failures?: number; readonly slow?: boolean } = {}) {
  const clock = manualClock();
  const store = new Store<GPUJob>();
  const handlers = new Set<ChangeHandler<GPUJob>>();
  const publish = (object: GPUJob): void => {
    for (const { type, object: now, old } of store.observe(object)) {
      for (const handler of handlers) handler(now, old, { type, initial: false });
    }
  };
  let version = 1;
  let failures = options.failures ?? 0;
  const puts: GPUJob[] = [];
  let atOnce = 0;
  let mostAtOnce = 0;
  const client = {
    replaceStatus: async (object: GPUJob): Promise<GPUJob> => {
      mostAtOnce = Math.max(mostAtOnce, ++atOnce);
      if (options.slow) await new Promise(setImmediate);
      atOnce--;
      if (failures-- > 0) throw new Error('no answer');
      const written = {
        ...object,
        metadata: { ...object.metadata, resourceVersion: String(++version) },
      };
      puts.push(written);
      return written;
    },
  } as unknown as ResourceClient<GPUJob>;
  const informer = {
    get: (key: string) => store.get(key),
    list: () => [...store.values()],
    observe: publish,
    onChange: (handler: ChangeHandler<GPUJob>) => handlers.add(handler),
  } as unknown as Informer<GPUJob>;
  const stopping = new AbortController();
  const failing = new Set<string>();
  const writer = jobStatusWriter({
    ...{ client, informer, clock, timers: clock, log: silentLogger, signal: stopping.signal },
    follow: (_before, after) => after,
    failures: {
      failed: (key) => failing.add(key),
      over: (key) => failing.delete(key),
      closed: () => failing.clear(),
    },
  });
  const add = (name: string): GPUJob => {
    const job = aJob({ name, uid: `uid-${name}` });
    const metadata = { ...job.metadata, resourceVersion: String(++version) };
    const stored = { ...job, metadata, status: {} };
    publish(stored);
    return stored;
  };
  const say = (job: GPUJob, ...conditions: ReturnType<typeof aCondition>[]) =>
    writer.write(job, ({ status }) => {
      const others = (status?.conditions ?? []).filter(
        ({ type }) => !conditions.some((one) => one.type === type),
      );
      return { ...status, conditions: [...others, ...conditions] };
    });
  const advance = async (ms: number): Promise<void> => {
    clock.advance(ms);
    // What a timer has begun goes on in the turns of the event loop after it.
    await new Promise(setImmediate);
  };
  return { writer, puts, add, say, advance, stopping, failing, mostAtOnce: () => mostAtOnce };
}

const typesIn = (job: GPUJob | undefined) => job?.status?.conditions?.map(({ type }) => type);

test('a job that is placed and ends as planned is stored twice', async () => {
  const { puts, add, say, advance } = aWriter();
  const job = add('one');
  await say(job, admitted);
  await advance(200);
  await say(job, placed, said('Starting'));
  await advance(600);
  await say(job, said('Running'));
  await advance(1_000);
  expect(puts).toHaveLength(1);
  expect(typesIn(puts[0])).toEqual(['Admitted', 'Placed', 'Succeeded']);
  await say(job, said('Completed', 'True'));
  await advance(100);
  expect(puts).toHaveLength(2);
});

test('what one stage says is seen by all at once, and told once', async () => {
  const { writer, add, say, advance } = aWriter();
  const job = add('one');
  const told: (readonly string[] | undefined)[] = [];
  writer.jobs.onChange((seen, _old, { initial }) => {
    if (!initial) told.push(typesIn(seen));
  });
  await say(job, admitted);
  expect(typesIn(writer.jobs.get(objectKey(job)))).toEqual(['Admitted']);
  expect(told).toEqual([['Admitted']]);
  await say(job, admitted);
  expect(told).toHaveLength(1);
  await advance(2_000);
  // The answer of the API server: the informer tells of it, and what is seen has not changed.
  expect(typesIn(writer.jobs.get(objectKey(job)))).toEqual(['Admitted']);
  expect(told.every((types) => types?.length === 1)).toBe(true);
});

test('a thousand states that are due at once leave room for other requests, and an end goes before them', async () => {
  const { puts, add, say, advance, mostAtOnce } = aWriter({ slow: true });
  const jobs = Array.from({ length: 1_000 }, (_, index) => add(`job-${index}`));
  for (const job of jobs) await say(job, admitted);
  await advance(30_000);
  const last = jobs.at(-1)!;
  await say(last, said('Completed', 'True'));
  await advance(100);
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  expect(puts.length).toBeLessThan(500);
  expect(puts.map(({ metadata }) => metadata.name)).toContain(last.metadata.name);
  for (let turn = 0; puts.length < 1_000 && turn < 1_000; turn++) await new Promise(setImmediate);
  expect(new Set(puts.map(({ metadata }) => metadata.name)).size).toBe(1_000);
  expect(mostAtOnce()).toBeLessThanOrEqual(5);
});

test('of a thousand placements few are told at once, and all that end are', async () => {
  const { puts, add, say, advance } = aWriter();
  const jobs = Array.from({ length: 1_000 }, (_, index) => add(`job-${index}`));
  for (const job of jobs) await say(job, admitted, placed, said('Starting'));
  await advance(1_500);
  expect(puts.length).toBeLessThanOrEqual(30);
  for (const job of jobs) await say(job, said('Completed', 'True'));
  await advance(100);
  expect(puts.length).toBeLessThanOrEqual(1_030);
  expect(new Set(puts.map(({ metadata }) => metadata.name)).size).toBe(1_000);
  await advance(20_000);
  expect(puts.length).toBeLessThanOrEqual(1_030);
});

test('what could not be stored is stored later, with what was said since', async () => {
  const { puts, add, say, advance } = aWriter({ failures: 2 });
  const job = add('one');
  await say(job, said('Completed', 'True'));
  await advance(50);
  await say(job, placed);
  for (let second = 0; second < 5; second++) await advance(1_000);
  expect(typesIn(puts.at(-1))).toEqual(['Placed', 'Succeeded']);
});

test('a job whose status is refused again and again is said to fail, until it is stored', async () => {
  const { add, say, advance, failing } = aWriter({ failures: 3 });
  const job = add('one');
  await say(job, admitted);
  const seen: number[] = [];
  for (let second = 0; second < 60; second += 1) {
    await advance(1_000);
    seen.push(failing.size);
  }
  expect(seen).toContain(1);
  expect(seen.at(-1)).toBe(0);
});

test('nothing is stored after the term has ended', async () => {
  const { puts, add, say, advance, stopping } = aWriter();
  const job = add('one');
  await say(job, said('Completed', 'True'));
  stopping.abort(new Error('another replica leads'));
  await advance(20_000);
  expect(puts).toHaveLength(0);
});
