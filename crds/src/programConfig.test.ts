import { expect, test } from '@jest/globals';
import {
  electionLeaseName,
  electionOptions,
  leaderElectionConfig,
  watchConfig,
  watchLimits,
} from './programConfig.ts';

const election = leaderElectionConfig(electionLeaseName.default('operator'));

test('an election has the usual times unless told otherwise, as milliseconds for the Lease', () => {
  const config = election.parse({ replicaName: 'pod-0', retrySeconds: 1 });
  expect(config.leaseName).toBe('operator');
  expect(electionOptions(config)).toEqual({
    replicaName: 'pod-0',
    durationMs: 12_000,
    renewDeadlineMs: 9_000,
    retryMs: 1_000,
  });
});

test.each([
  ['stops only when another leads already', { renewDeadlineSeconds: 12 }],
  ['has no time for a second try', { retrySeconds: 9 }],
])('a leader that %s is refused', (_name, times) => {
  expect(() => election.parse(times)).toThrow('retrySeconds must be less than');
});

test('a watch is trusted for as long as the API server has to speak', () => {
  expect(watchLimits(watchConfig.parse(undefined))).toEqual({
    silenceMs: 90_000,
    relistMs: 600_000,
  });
});
