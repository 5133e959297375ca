import { expect, test } from '@jest/globals';
import { replicaNameOf } from './replicaName.ts';

test.each([
  ['what the configuration says', 'mine', 'pod-1', 'mine'],
  ['or what the pod says', undefined, 'pod-1', 'pod-1'],
  ['or nothing', undefined, '', undefined],
])('a replica is called %s', (_what, configured, fromEnv, expected) => {
  expect(replicaNameOf(configured, { GRIDLEASE_REPLICA_NAME: fromEnv })).toBe(expected);
});
