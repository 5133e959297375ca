import { describe, expect, test } from '@jest/globals';
import { causeOfStop, type Hindrance } from './causes.ts';

const none: Hindrance = { obstacle: undefined, withheld: undefined, waiting: undefined };
const quota = { reason: 'QuotaExceeded', message: 'exceeded quota', final: false } as const;
const unhealthy = { reason: 'DeviceUnhealthy', message: 'GPU-1 is unhealthy' } as const;

describe('a lease that was held for too long', () => {
  test.each([
    ['for nothing that is known', {}, 'IdleTooLong', 'held'],
    [
      'while it pulled',
      { waiting: { reason: 'PullingImage', message: 'm' } },
      'IdleTooLong',
      'held',
    ],
    [
      'for an image that is not there ends for the image',
      { waiting: { reason: 'ImageNotFound', message: 'task 0: not found' } },
      'ImageNotFound',
      'held: task 0: not found',
    ],
    [
      'for its node ends for the node',
      { waiting: { reason: 'NodeLost', message: 'gpu-a is not ready' } },
      'NodeLost',
      'held: gpu-a is not ready',
    ],
    [
      'for a program that crashes ends for the program',
      { waiting: { reason: 'CrashLoopBackOff', message: 'ended 4 times' } },
      'TaskFailed',
      'held: ended 4 times',
    ],
    [
      'for a device ends for the device',
      { withheld: unhealthy },
      'DeviceUnhealthy',
      'held: GPU-1 is unhealthy',
    ],
    [
      'for a quota ends for the quota, whatever waits beside',
      { obstacle: quota, withheld: unhealthy },
      'QuotaExceeded',
      'held: exceeded quota',
    ],
  ] as readonly [string, Partial<Hindrance>, string, string][])(
    '%s',
    (_name, hindrance, reason, message) => {
      const cause = causeOfStop('IdleTooLong', 'held', { ...none, ...hindrance });
      expect(cause).toEqual({ reason, message });
    },
  );
});

test('a lease that ends for money ends for money', () => {
  const cause = causeOfStop('FundsExhausted', 'dry', { ...none, withheld: unhealthy });
  expect(cause).toEqual({ reason: 'FundsExhausted', message: 'dry' });
});

test('what a hub says in its refusal fits into the record of the end', () => {
  const message = `the hub refuses to pay (WrongSpan): ${'x'.repeat(1024)}; suspended for more than 300 s`;
  const cause = causeOfStop('MeterRefused', message, none);
  expect(cause.reason).toBe('MeterRefused');
  expect(cause.message.length).toBe(1024);
});
