import type { GPUJob } from '@gridlease/crds/gpujob';
import { expect, test } from '@jest/globals';
import { aCondition, aJob } from '../testing/builders.ts';
import { pauseBefore, writePauses } from './writeStatus.ts';

type Status = NonNullable<GPUJob['status']>;

const saying = (reason: string, message: string) => [
  aCondition('Succeeded', 'Unknown', reason, { message }),
];
const known: Status = {
  tasks: '1/4',
  failed: 0,
  gpuMilliseconds: '1000',
  leases: [],
  conditions: saying('Starting', '1 of 4 tasks done; alpha: asked'),
};

test.each<[string, Partial<Status>, number | undefined]>([
  ['nothing is never', {}, undefined],
  ['a new state is at once', { conditions: saying('Running', 'runs') }, writePauses.urgent],
  ['a task that ended is soon', { tasks: '2/4' }, writePauses.tasks],
  [
    'what a lease waits for is within seconds',
    { conditions: saying('Starting', '1 of 4 tasks done; alpha: PodsRefused: 422') },
    writePauses.steps,
  ],
  ['a figure can wait', { gpuMilliseconds: '2000' }, writePauses.figures],
])('what is new about a job is written: %s', (_, change, pause) => {
  const job = aJob({ status: known });
  expect(pauseBefore(job, { ...known, ...change })).toBe(pause);
});
