import { describe, expect, test } from '@jest/globals';
import { heartbeatCheck } from './heartbeat.ts';

describe('readiness by the heartbeat', () => {
  test.each([
    ['before the first renewal', undefined, 'not stored at the hub yet'],
    ['just renewed', 100_000, undefined],
    ['as old as the lease lasts', 60_000, undefined],
    ['older than that', 59_000, 'the hub has stored none for 41 s'],
  ])('%s', (_name, lastRenewalMs, expected) => {
    const clock = { monotonicMs: () => 100_000 };
    const check = heartbeatCheck('local', { lastRenewalMs }, clock);
    expect(check.name).toBe('heartbeat/local');
    expect(check.check()).toBe(expected);
  });
});
