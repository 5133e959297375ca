import { readFileSync } from 'node:fs';
import { type FailureReason, failureReasons } from '@gridlease/crds/reasons';
import { describe, expect, test } from '@jest/globals';
import { jobProgress } from './jobProgress.ts';
import { aJob, anEndedLease } from './testing/builders.ts';

/** docs/job-ends.md is where people look up why a job ended: it must not say otherwise than the code. */

const page = readFileSync(new URL('../../docs/job-ends.md', import.meta.url), 'utf8');

/** Reason and last column of one table. */
function rowsBelow(title: string): readonly (readonly [string, string])[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(title)) ?? '';
  const rows = [...section.matchAll(/^\| `(\w+)` \|.*\| (\w+) \|$/gm)];
  return rows.map(([, reason, next]) => [reason!, next!]);
}
const ofTasks = rowsBelow('How a task ends');
const ofLeases = rowsBelow('How a lease ends as a whole');

const job = aJob({ spec: { batch: { completions: 1, retryLimit: 5 } } });

function nextAttempt(reason: string, ofTask: boolean): string {
  const tasks = [{ index: 0, reason, message: 'm' }];
  const lease = anEndedLease({
    ...{ job, indexes: '0', failure: reason as FailureReason },
    ...(ofTask ? { status: { failedIndexes: '0', tasks } } : {}),
  });
  const { failedForGood, failures } = jobProgress({ job, leases: [lease], intents: [] });
  if (failedForGood.size > 0) return 'final';
  return failures.size > 0 ? 'counts' : 'free';
}

describe('the page that says why jobs end', () => {
  test('has every reason once', () => {
    const listed = [...ofTasks, ...ofLeases].map(([reason]) => reason);
    expect([...listed, 'RetryLimitExceeded'].sort()).toEqual(Object.keys(failureReasons).sort());
  });

  test.each(ofTasks)('says of a task with %s that it is %s', (reason, next) => {
    expect(nextAttempt(reason, true)).toBe(next);
  });

  test.each(ofLeases)('says of a lease with %s that it is %s', (reason, next) => {
    expect(nextAttempt(reason, false)).toBe(next);
  });
});
