import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../cluster/waitFor.ts';
import { attemptsOf, lastRenewalMs, providerSays } from './hubView.ts';
import { arrayJob } from './jobs.ts';
import { isOver, outcomeProblems, readOutcome } from './outcome.ts';
import { freeze, thaw } from './providerGroup.ts';
import type { Play } from './providerLostSuite.ts';
import { submit, untilRunning } from './submit.ts';
import { PROVIDER_NAMES } from './world.ts';

const tasks = 12;
/** They would have ended by themselves while everything stands still. */
const taskSeconds = 40;
/** Longer than a lost provider is waited for. */
const stoppedMs = 130_000;

/**
 * All providers stand still at once: the fault is more likely the hub's own network than three sites. Nothing is placed
 * again, each provider's Replaceable condition says why, and all leases go on when the providers are back.
 */
export const allProvidersLost: Play = async (world, { name, atMs }) => {
  const { federation, signal } = world;
  const job = arrayJob(name, tasks, taskSeconds);
  const uid = await submit(world, job);
  await untilRunning(world, uid, tasks);
  const before = await attemptsOf(federation, uid);
  await sleep(atMs, undefined, { signal });
  const problems: string[] = [];
  const seconds: Record<string, number> = {};
  for (const provider of PROVIDER_NAMES) freeze(federation, provider);
  try {
    const renewals = await Promise.all(
      PROVIDER_NAMES.map((provider) => lastRenewalMs(federation, provider)),
    );
    const newest = Math.max(...renewals);
    await waitFor(() => guarded(federation), {
      what: 'every provider Replaceable=False OutageGuard',
      timeoutMilliseconds: stoppedMs,
      signal,
    })
      .then(() => {
        seconds['alert'] = Math.round((Date.now() - newest) / 100) / 10;
      })
      .catch((error: unknown) => problems.push(String(error)));
    await sleep(Math.max(0, newest + stoppedMs - Date.now()), undefined, { signal });
    const after = await attemptsOf(federation, uid);
    if (after.length !== before.length) {
      problems.push(
        `${after.length - before.length} leases were placed while all providers were silent`,
      );
    }
    for (const lease of after.filter(({ spec }) => spec.lost !== undefined)) {
      problems.push(`lease ${lease.metadata.name} was given up: ${lease.spec.lost?.message}`);
    }
  } finally {
    for (const provider of PROVIDER_NAMES) thaw(federation, provider);
  }
  const thawedMs = performance.now();
  const outcome = await waitFor(
    async () => {
      const now = await readOutcome(federation, [job]);
      return isOver(now) ? now : undefined;
    },
    { what: `the end of ${name}`, timeoutMilliseconds: 180_000, signal },
  );
  seconds['overAfterReturn'] = Math.round((performance.now() - thawedMs) / 100) / 10;
  const ended = await attemptsOf(federation, uid);
  if (ended.length !== before.length) {
    problems.push(
      `the job took ${ended.length} leases instead of the ${before.length} that it had`,
    );
  }
  return { outcome, seconds, problems: [...problems, ...outcomeProblems(outcome)] };
};

async function guarded(federation: Parameters<typeof providerSays>[0]): Promise<boolean> {
  const said = await Promise.all(
    PROVIDER_NAMES.map((provider) => providerSays(federation, provider, 'Replaceable')),
  );
  const silent = said.find((condition) => condition?.reason !== 'OutageGuard');
  if (said.every((condition) => condition?.status === 'False') && silent === undefined) return true;
  throw new Error(`one says ${JSON.stringify(silent ?? said[0] ?? 'nothing')}`);
}
