import type { BatchWorkload, UnseenJobMaker } from './unseenWorkload.ts';

/** Every byte there is, sixteen times, and a line of 40,000 bytes that are no text. */
const ALL_BYTES = Buffer.concat([
  Buffer.from(Array.from({ length: 4096 }, (_, i) => i % 256)),
  Buffer.alloc(40_000, 0xff),
  Buffer.from('\n'),
]);

const completed = ['True', 'Completed'] as const;
const failed = ['False', 'RetryLimitExceeded'] as const;

/** Programs that end in every way in which a program can end by itself, or has to be ended. */
export const unseenPrograms = (
  { jobOf }: UnseenJobMaker,
  failAfterSeconds: number,
): readonly BatchWorkload[] => [
  {
    name: 'exit-code',
    what: 'a program that ends with 42',
    job: jobOf('exit-code', ['exit', '42']),
    billedSeconds: [0, 30],
    end: {
      succeeded: failed,
      message: /task 0 .*TaskFailed.*\b42\b/,
      exitCode: 42,
      log: /^ending with 42\n$/,
    },
  },
  {
    name: 'no-output',
    what: 'a program without a word',
    job: jobOf('no-output', ['silent']),
    billedSeconds: [0, 30],
    end: { succeeded: completed, message: /succeeded/, exitCode: 0, log: Buffer.alloc(0) },
  },
  {
    name: 'binary-output',
    what: 'a program that prints bytes that are no text, in very long lines',
    job: jobOf('binary-output', ['binary']),
    billedSeconds: [0, 30],
    end: { succeeded: completed, message: /succeeded/, exitCode: 0, log: ALL_BYTES },
  },
  {
    name: 'forks',
    what: 'a program whose grandchildren would run for ever',
    job: jobOf('forks', ['forks', '4'], { resources: { memory: '512Mi' } }),
    billedSeconds: [0, 30],
    end: {
      succeeded: completed,
      message: /succeeded/,
      exitCode: 0,
      log: /^4 children ended, their own live on\n$/,
    },
  },
  {
    name: 'ignores-sigterm',
    what: 'a program that runs too long and does not heed SIGTERM',
    job: jobOf('ignores-sigterm', ['ignore-sigterm'], {
      runtime: { maxDurationSeconds: 10 },
      failover: { graceSeconds: 3 },
    }),
    billedSeconds: [8, 40],
    end: {
      succeeded: ['False', 'DeadlineExceeded'],
      message: /DeadlineExceeded.*runtime\.maxDurationSeconds/,
    },
  },
  {
    name: 'late-failure',
    what: `a cheat: a program that works for ${failAfterSeconds} s and then exits with 1`,
    job: jobOf('late-failure', ['fail-after', String(failAfterSeconds)]),
    billedSeconds: [failAfterSeconds - 1, failAfterSeconds + 10],
    end: {
      succeeded: failed,
      message: /task 0 .*TaskFailed.*\b1\b/,
      exitCode: 1,
      log: /and fails\n$/,
    },
  },
];
