import { manualClock } from '@gridlease/kube/manualClock';
import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { aCondition, aJob } from '../testing/builders.ts';
import { matchMetrics } from './metrics.ts';
import { WaitingJobs } from './waitingJobs.ts';

const minutes = (count: number) => count * 60_000;

function theQueue() {
  const clock = manualClock(Date.parse('2026-03-01T12:00:00Z'));
  const jobs = new WaitingJobs(matchMetrics(new Registry()), clock);
  const oldest = (reason: string) => jobs.oldestSeconds().get(reason) ?? 0;
  /** One that comes now, with so many tasks. */
  const wait = (name: string, reason = 'InsufficientCapacity', tasks = 1) => {
    const admitted = aCondition('Admitted', 'True', 'Admitted', {
      lastTransitionTime: clock.now().toISOString(),
    });
    const spec = { batch: { completions: tasks } };
    const job = aJob({ name, spec, status: { conditions: [admitted] } });
    jobs.add(`team-a/${name}`, job, reason, tasks);
  };
  return { clock, jobs, oldest, wait };
}

test('a queue that is never empty is as old as the job in it that waits longest', () => {
  const { clock, jobs, oldest, wait } = theQueue();
  for (let index = 0; index < 60; index += 1) {
    wait(`job-${index}`);
    clock.advance(minutes(1));
    if (index >= 4) jobs.remove(`team-a/job-${index - 4}`);
  }
  expect(jobs.size).toBe(4);
  expect(oldest('InsufficientCapacity')).toBe(240);
});

test('one job that is passed by all others is as old as its wait', () => {
  const { clock, jobs, oldest, wait } = theQueue();
  wait('stuck', 'PriceAboveMax');
  for (let index = 0; index < 40; index += 1) {
    wait(`job-${index}`);
    clock.advance(minutes(1));
    jobs.remove(`team-a/job-${index}`);
  }
  expect(oldest('InsufficientCapacity')).toBe(0);
  expect(oldest('PriceAboveMax')).toBe(2_400);
  jobs.remove('team-a/stuck');
  expect(oldest('PriceAboveMax')).toBe(0);
});

test('its wait goes on when its reason changes, and when it is asked again', () => {
  const { clock, oldest, wait } = theQueue();
  wait('one', 'ProviderNotReady');
  clock.advance(minutes(10));
  wait('one', 'InsufficientCapacity');
  clock.advance(minutes(10));
  wait('one', 'InsufficientCapacity');
  expect(oldest('ProviderNotReady')).toBe(0);
  expect(oldest('InsufficientCapacity')).toBe(1_200);
});

test('an array whose tasks find places one after the other is not stuck', () => {
  const { clock, oldest, wait } = theQueue();
  for (let tasks = 100; tasks > 60; tasks -= 1) {
    wait('array', 'InsufficientCapacity', tasks);
    clock.advance(minutes(1));
  }
  expect(oldest('InsufficientCapacity')).toBe(60);
});

test('an array that waited for its own tasks begins to wait for room when these are done', () => {
  const { clock, oldest, wait } = theQueue();
  wait('array', 'PartlyPlaced', 5);
  clock.advance(minutes(60));
  wait('array', 'InsufficientCapacity', 5);
  clock.advance(minutes(1));
  expect(oldest('InsufficientCapacity')).toBe(60);
});

const started = { startTime: '2026-03-01T11:05:00Z' };

test.each([
  ['since it was admitted, if it never ran', 'Placed', 'True', '11:50', {}, 3_600],
  ['since it was said so, if it has run', 'PriceAboveMax', 'False', '11:10', started, 3_000],
  ['from now, where another reason was said', 'PartlyPlaced', 'False', '11:10', started, 0],
  ['from now, where it had a place', 'Placed', 'True', '11:10', started, 0],
  ['not from before it was admitted', 'PriceAboveMax', 'False', '10:00', started, 3_600],
] as const)('a job that comes to wait counts %s', (_, reason, status, at, ran, seconds) => {
  const clock = manualClock(Date.parse('2026-03-01T12:00:00Z'));
  const jobs = new WaitingJobs(matchMetrics(new Registry()), clock);
  const conditions = [
    aCondition('Admitted', 'True', 'Admitted', { lastTransitionTime: '2026-03-01T11:00:00Z' }),
    aCondition('Placed', status, reason, { lastTransitionTime: `2026-03-01T${at}:00Z` }),
  ];
  jobs.add('team-a/train', aJob({ status: { ...ran, conditions } }), 'PriceAboveMax', 1);
  expect(jobs.oldestSeconds().get('PriceAboveMax')).toBe(seconds);
});
