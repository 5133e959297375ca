import type { BatchWorkload, UnseenJobMaker } from './unseenWorkload.ts';

const completed = ['True', 'Completed'] as const;

/** Programs that take much of a resource: as much as they may, or more. */
export const unseenHogs = ({ jobOf }: UnseenJobMaker): readonly BatchWorkload[] => [
  {
    name: 'memory-hog',
    what: 'a program that takes more memory than it may',
    job: jobOf('memory-hog', ['memory'], { resources: { memory: '128Mi' } }),
    billedSeconds: [0, 30],
    end: {
      succeeded: ['False', 'OutOfMemory'],
      message: /OutOfMemory.*workload\.resources\.memory/,
      exitCode: 137,
      log: /took 8 MiB\n/,
    },
  },
  {
    name: 'one-gigabyte',
    what: 'a program that writes 1 GB and has room for it',
    job: jobOf('one-gigabyte', ['disk', '1024'], { resources: { ephemeralStorage: '2Gi' } }),
    billedSeconds: [0, 120],
    end: { succeeded: completed, message: /succeeded/, exitCode: 0, log: /^wrote 1024 MiB\n$/ },
  },
  {
    name: 'one-gigabyte-too-much',
    what: 'a program that writes 1 GB where it may write 256 MiB',
    job: jobOf('one-gigabyte-too-much', ['disk', '1024'], {
      resources: { ephemeralStorage: '256Mi' },
      stay: 120,
    }),
    billedSeconds: [0, 120],
    end: {
      succeeded: ['False', 'OutOfEphemeralStorage'],
      message: /OutOfEphemeralStorage.*workload\.resources\.ephemeralStorage/,
    },
  },
  {
    name: 'shared-memory',
    what: 'a program that needs more shared memory than a container has by default',
    job: jobOf('shared-memory', ['shared-memory', '96'], {
      resources: { memory: '512Mi', sharedMemory: '128Mi' },
    }),
    billedSeconds: [0, 20],
    end: {
      succeeded: completed,
      message: /succeeded/,
      exitCode: 0,
      log: /wrote and read 96 MiB of shared memory: the same\n$/,
    },
  },
];
