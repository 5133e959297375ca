import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../cluster/waitFor.ts';
import { type Attempt, attemptsOf, lastRenewalMs } from './hubView.ts';
import { arrayJob } from './jobs.ts';
import { isOver, outcomeProblems, readOutcome } from './outcome.ts';
import { paidTwice } from './paidTwice.ts';
import { freeze, thaw } from './providerGroup.ts';
import type { Play } from './providerLostSuite.ts';
import { podsOf, submit, untilRunning } from './submit.ts';
import type { World } from './world.ts';

const tasks = 4;
/** Long enough that the tasks still run, by their own time, when their provider comes back. */
const taskSeconds = 160;
const longestMs = 110_000;

/**
 * A provider stands still in the middle of a job. The job is placed again elsewhere within 110 s of the provider's last
 * heartbeat; the provider goes on right afterwards, finds that its lease is lost, and cleans up by itself.
 */
export const oneProviderLost: Play = async (world, { name, atMs }) => {
  const { federation, signal } = world;
  const job = arrayJob(name, tasks, taskSeconds);
  const uid = await submit(world, job);
  const first = await untilRunning(world, uid, tasks);
  await sleep(atMs, undefined, { signal });
  const provider = first.spec.providerName;
  freeze(federation, provider);
  const problems: string[] = [];
  const seconds: Record<string, number> = {};
  try {
    const renewedMs = await lastRenewalMs(federation, provider);
    const since = () => Math.round((Date.now() - renewedMs) / 100) / 10;
    const second = await waitFor(() => replacementOf(world, uid, first), {
      what: `the replacement of ${first.metadata.name}`,
      timeoutMilliseconds: 200_000,
      intervalMilliseconds: 200,
      signal,
    });
    seconds['replaced'] = since();
    const elsewhere = second.spec.providerName;
    if (elsewhere === provider) problems.push(`replaced at the provider that is lost, ${provider}`);
    if (seconds['replaced'] * 1_000 > longestMs) {
      problems.push(`replaced ${seconds['replaced']} s after the last renewal, more than 110 s`);
    }
    await waitFor(() => runningPods(world, elsewhere, second) === tasks, {
      what: `${tasks} pods at ${elsewhere}`,
      timeoutMilliseconds: 60_000,
      signal,
    });
    seconds['running'] = since();
  } finally {
    thaw(federation, provider);
  }
  const thawedMs = performance.now();
  await waitFor(() => runningPods(world, provider, first) === 0, {
    what: `${provider} ending the pods of its lost lease`,
    timeoutMilliseconds: 60_000,
    signal,
  });
  seconds['cleanedUp'] = Math.round((performance.now() - thawedMs) / 100) / 10;
  const outcome = await waitFor(
    async () => {
      const now = await readOutcome(federation, [job]);
      return isOver(now) ? now : undefined;
    },
    { what: `the end of ${name}`, timeoutMilliseconds: 400_000, signal },
  );
  const attempts = await attemptsOf(federation, uid);
  const lost = attempts.find(({ metadata }) => metadata.uid === first.metadata.uid);
  if (lost?.spec.lost?.reason !== 'ProviderLost')
    problems.push('the first lease does not say that it is lost');
  problems.push(
    ...outcomeProblems(outcome, new Set([first.metadata.uid])),
    ...paidTwice(
      attempts,
      world.recorders.flatMap((r) => r.pods()),
    ),
  );
  return { outcome, seconds, problems };
};

async function replacementOf(
  world: World,
  uid: string,
  first: Attempt,
): Promise<Attempt | undefined> {
  const attempts = await attemptsOf(world.federation, uid);
  return attempts.find(({ spec }) => spec.epoch > first.spec.epoch);
}

const runningPods = (world: World, provider: string, lease: Attempt): number =>
  podsOf(world, provider, lease).filter(({ status }) => status?.phase === 'Running').length;
