import type { GPUJob } from '@gridlease/crds/gpujob';
import type { Condition } from '@gridlease/kube/object';
import { expect, test } from '@jest/globals';
import { statusUrgency } from './statusUrgency.ts';
import { aCondition, aJob } from './testing/builders.ts';

const admitted = aCondition('Admitted', 'True', 'Admitted');
const refused = aCondition('Admitted', 'False', 'FieldNotSupported');
const waiting = aCondition('Placed', 'False', 'InsufficientCapacity');
const placed = aCondition('Placed', 'True', 'Placed');
const succeeded = (reason: string, status: Condition['status'] = 'Unknown') =>
  aCondition('Succeeded', status, reason);

const saying = (conditions: readonly Condition[], more: { deletionTimestamp?: string } = {}) =>
  aJob({ status: { conditions: [...conditions] }, ...more });
const untouched: GPUJob = aJob({ status: {} });

const soon = { withinMs: 30_000, spare: { withinMs: 1_000, of: 'placements' } };

test.each<[string, GPUJob, GPUJob, object]>([
  ['a refusal', untouched, saying([refused]), { withinMs: 30 }],
  ['why it waits', saying([admitted]), saying([admitted, waiting]), { withinMs: 30 }],
  [
    'success',
    saying([succeeded('Running')]),
    saying([succeeded('Completed', 'True')]),
    { withinMs: 30 },
  ],
  ['failure', untouched, saying([succeeded('RetryLimitExceeded', 'False')]), { withinMs: 30 }],
  [
    'that a stop was heard',
    saying([succeeded('Running')]),
    saying([succeeded('Stopping')]),
    { withinMs: 30 },
  ],
  [
    'anything of a job that is being deleted',
    untouched,
    saying([admitted], { deletionTimestamp: '2026-03-01T12:00:00Z' }),
    { withinMs: 30 },
  ],
  ['where it was placed', untouched, saying([admitted, placed, succeeded('Starting')]), soon],
  ['that it has its place at last', saying([admitted, waiting]), saying([admitted, placed]), soon],
  [
    'that it runs, with where it was placed',
    untouched,
    saying([admitted, placed, succeeded('Running')]),
    { ...soon, spare: { withinMs: 30, of: 'placements' } },
  ],
  [
    'that it runs now',
    saying([admitted, placed, succeeded('Starting')]),
    saying([admitted, placed, succeeded('Running')]),
    { withinMs: 30_000, spare: { withinMs: 30, of: 'steps' } },
  ],
  [
    'that it was looked at',
    untouched,
    saying([admitted]),
    { withinMs: 30_000, spare: { withinMs: 1_000, of: 'steps' } },
  ],
  [
    'other words for the same wait',
    saying([waiting]),
    saying([{ ...waiting, message: 'other figures' }]),
    { withinMs: 30_000, spare: { withinMs: 1_000, of: 'steps' } },
  ],
])('%s is stored in time', (_, stored, next, expected) => {
  expect(statusUrgency(stored, next)).toEqual(expected);
});
