import type { ServiceWorkload, UnseenJobMaker } from './unseenWorkload.ts';

const http = { name: 'http', port: 8000, probe: { path: '/health', periodSeconds: 1 } };

/** Services that start late, have several ports, or are never ready. */
export const unseenServices = (
  { serviceOf }: UnseenJobMaker,
  slowStartSeconds: number,
): readonly ServiceWorkload[] => [
  {
    name: 'slow-start',
    what: `a service that listens only after ${slowStartSeconds} s`,
    job: serviceOf('slow-start', ['slow-start', String(slowStartSeconds)], [http]),
    billedSeconds: [slowStartSeconds, 3_600],
    life: {
      readyReplicas: 1,
      notReadyBefore: slowStartSeconds,
      answers: { 8000: { status: 200, text: 'ready at last\n' } },
    },
  },
  {
    name: 'two-ports',
    what: 'a service with two ports',
    job: serviceOf('two-ports', ['two-ports'], [http, { name: 'metrics', port: 9000 }]),
    billedSeconds: [1, 3_600],
    life: {
      readyReplicas: 1,
      answers: {
        8000: { status: 200, text: 'this is port 8000\n' },
        9000: { status: 200, text: 'this is port 9000\n' },
      },
    },
  },
  {
    name: 'never-ready',
    what: 'a cheat: a service that runs and says for ever that it is not ready',
    job: serviceOf('never-ready', ['never-ready'], [http]),
    billedSeconds: [1, 3_600],
    life: { readyReplicas: 0, answers: { 8000: { status: 503, text: 'not yet\n' } } },
  },
];
