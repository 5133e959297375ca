import { expect, test } from '@jest/globals';
import { apiServerCheck } from './apiServerCheck.ts';
import type { Cluster } from './cluster.ts';
import { manualClock } from './manualClock.ts';
import { anApiError } from './testing/anApiError.ts';

const answering = (answer: () => Promise<unknown>) =>
  ({ name: 'hub', request: answer }) as unknown as Cluster;

test.each([
  ['well when the server answers', async () => ({ major: '1' }), undefined],
  ['well when it says that we may not ask', () => Promise.reject(anApiError(403)), undefined],
  ['ill when it does not know us', () => Promise.reject(anApiError(401)), /401/],
  ['ill when it is broken', () => Promise.reject(anApiError(500)), /500/],
  ['ill when no answer comes', () => Promise.reject(new Error('no answer')), /no answer/],
])('an API server is %s', async (_, answer, problem) => {
  const { name, check } = apiServerCheck(answering(answer));
  expect(name).toBe('api-server/hub');
  const found = await check();
  if (problem === undefined) expect(found).toBeUndefined();
  else expect(found).toMatch(problem);
});

test('many probes ask once, and again when the answer is old', async () => {
  const clock = manualClock();
  let asked = 0;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const cluster = answering(() => {
    asked++;
    return promise;
  });
  const { check } = apiServerCheck(cluster, { clock, reuseMs: 5_000 });
  const first = [check(), check()];
  clock.advance(60_000);
  const late = check();
  resolve(undefined);
  await Promise.all([...first, late]);
  expect(asked).toBe(1);
  clock.advance(4_999);
  await check();
  expect(asked).toBe(1);
  clock.advance(1);
  await check();
  expect(asked).toBe(2);
});
