import { ApiError, ConnectionError } from '@gridlease/kube/apiError';
import { systemClock } from '@gridlease/kube/clock';
import { silentLogger } from '@gridlease/kube/log';
import { createRegistry } from '@gridlease/kube/metrics';
import { describe, expect, test } from '@jest/globals';
import { aLeaseRecord } from '../testing/builders.ts';
import { createLogKeeper } from './logs.ts';
import type { TaskPod } from './objects.ts';
import type { RunningLease } from './runningLease.ts';
import { readTaskLog, type TaskLog, taskLogName } from './taskLog.ts';

const startedAt = '2026-01-01T00:00:05Z';
const ended = { terminated: { exitCode: 3, startedAt, finishedAt: '2026-01-01T00:01:00Z' } };
const runs = { running: { startedAt } };
type State = NonNullable<NonNullable<TaskPod['status']>['containerStatuses']>[number]['state'];

const aPodWith = (state: State, metadata: Partial<TaskPod['metadata']> = {}): TaskPod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    ...{ name: 'train-4', namespace: 'tenant', uid: 'pod-4' },
    labels: { 'gridlease.dev/index': '4' },
    ...metadata,
  },
  spec: { nodeName: 'gpu-a' },
  status: { containerStatuses: [{ name: 'task', ...(state && { state }) }] },
});

const life = new AbortController();
const record = await aLeaseRecord({ uid: 'lease-1' });
const lease = {
  record: { ...record, metadata: { ...record.metadata, uid: 'record-1', namespace: 'agent' } },
  uid: 'lease-1',
  document: JSON.parse(record.spec.workloadDocument),
  identity: {
    ...{ providerName: 'alpha', hub: 'h', managedBy: 'm', leaseUid: 'lease-1', epoch: 2 },
    job: record.spec.jobRef,
  },
  namespace: 'tenant',
} as RunningLease;

type Answer = () => AsyncIterable<Uint8Array>;

/** A keeper over an API server whose answers to each request are given. */
function aKeeper(...answers: readonly Answer[]) {
  const asked: unknown[] = [];
  const stored: TaskLog[] = [];
  const keeper = createLogKeeper({
    cluster: {
      stream: async ({ path, query }) => {
        const answer = answers[Math.min(asked.length, answers.length - 1)]!;
        asked.push({ path, ...query });
        return answer();
      },
    },
    client: {
      apply: async (object) => {
        stored.push(object);
        return object;
      },
    },
    servesLogs: (name) => name !== 'no-kubelet',
    clock: systemClock,
    registry: createRegistry({ processMetrics: false }),
    log: silentLogger,
  });
  keeper.start(life.signal);
  return { keeper, asked, stored };
}
const says = (text: string): Answer =>
  async function* () {
    yield Buffer.from(text);
  };
const fails =
  (error: Error): Answer =>
  () => {
    throw error;
  };
const notFound = new ApiError({
  ...{ method: 'GET', path: '/log', status: 404, body: '{"message":"not found"}' },
});
const noAnswer = new ConnectionError('no route to the node');

describe('the log of a task', () => {
  test('is kept once when the task has ended, and goes with the record', async () => {
    const { keeper, asked, stored } = aKeeper(says('loss 0.1\n'));
    const pods = [aPodWith(ended)];
    keeper.keep(lease, pods);
    expect(keeper.isDone('lease-1', pods)).toBe(false);
    await keeper.stopped;
    keeper.keep(lease, pods);
    expect(keeper.isDone('lease-1', pods)).toBe(true);
    expect(asked).toEqual([
      { path: '/api/v1/namespaces/tenant/pods/train-4/log', container: 'task', tailLines: 256 },
    ]);
    expect(stored).toHaveLength(1);
    const { metadata } = stored[0]!;
    expect(metadata.name).toBe(taskLogName('lease-1', 4));
    expect(metadata.namespace).toBe('agent');
    expect(metadata.annotations).toMatchObject({ 'gridlease.dev/exit-code': '3' });
    expect(metadata.ownerReferences).toEqual([
      expect.objectContaining({ kind: 'LeaseRecord', uid: 'record-1' }),
    ]);
    const { bytes, ...rest } = readTaskLog(stored[0]!);
    expect(bytes.toString()).toBe('loss 0.1\n');
    expect(rest).toEqual({ isCut: false, podUid: 'pod-4' });
  });

  test('is not asked for while it runs, nor when it never ran', async () => {
    const { keeper, asked } = aKeeper(says(''));
    const never = { terminated: { exitCode: 128, startedAt: '1970-01-01T00:00:00Z' } };
    const others = [
      aPodWith(runs),
      aPodWith(never),
      aPodWith({ waiting: {} }),
      aPodWith(undefined),
    ];
    keeper.keep(lease, others);
    await keeper.stopped;
    expect(asked).toEqual([]);
    expect(keeper.isDone('lease-1', others.slice(1))).toBe(true);
  });

  test('is not asked for where nobody can be asked, and nothing waits for it', async () => {
    const { keeper, asked } = aKeeper(says(''));
    const pods = [{ ...aPodWith(ended), spec: { nodeName: 'no-kubelet' } }];
    keeper.keep(lease, pods);
    await keeper.stopped;
    expect(asked).toEqual([]);
    expect(keeper.isDone('lease-1', pods)).toBe(true);
  });

  test('is followed to its end when its pod is told to go', async () => {
    const { keeper, asked, stored } = aKeeper(says('saved at step 40\n'));
    keeper.keep(lease, [aPodWith(runs, { deletionTimestamp: '2026-01-01T00:02:00Z' })]);
    await keeper.stopped;
    expect(asked).toEqual([expect.objectContaining({ follow: true })]);
    expect(readTaskLog(stored[0]!).bytes.toString()).toBe('saved at step 40\n');
  });

  test('is that of the last end, where a container ends again and again', async () => {
    const { keeper, asked, stored } = aKeeper(says('no peer\n'), says('no memory\n'));
    const endedFor = (restartCount: number): TaskPod => ({
      ...aPodWith(undefined),
      status: {
        containerStatuses: [
          { name: 'task', restartCount, state: { waiting: {} }, lastState: ended },
        ],
      },
    });
    for (const restartCount of [0, 0, 1]) {
      keeper.keep(lease, [endedFor(restartCount)]);
      await keeper.stopped;
    }
    expect(asked).toHaveLength(2);
    expect(stored.map((log) => readTaskLog(log).bytes.toString())).toEqual([
      'no peer\n',
      'no memory\n',
    ]);
    expect(keeper.isDone('lease-1', [endedFor(1)])).toBe(true);
    expect(keeper.isDone('lease-1', [endedFor(2)])).toBe(false);
  });

  test('is open before the caller takes its pod away', async () => {
    let finish = (): void => undefined;
    const { keeper, asked, stored } = aKeeper(async function* () {
      yield Buffer.from('working\n');
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      yield Buffer.from('saved\n');
    });
    await keeper.attach(lease, [aPodWith(runs)]);
    expect(asked).toHaveLength(1);
    expect(stored).toEqual([]);
    finish();
    await keeper.stopped;
    expect(readTaskLog(stored[0]!).bytes.toString()).toBe('working\nsaved\n');
  });

  test('that could not be followed is read when its container has ended', async () => {
    const { keeper, asked, stored } = aKeeper(fails(noAnswer), says('the end\n'));
    await keeper.attach(lease, [aPodWith(runs)]);
    await keeper.stopped;
    const pods = [aPodWith(ended)];
    expect(keeper.isDone('lease-1', pods)).toBe(false);
    keeper.keep(lease, pods);
    await keeper.stopped;
    expect(asked).toHaveLength(2);
    expect(stored).toHaveLength(1);
  });

  test.each([
    ['with its pod', fails(notFound)],
    ['with its container', says('unable to retrieve container logs for containerd://8cd9')],
  ])('is given up when it is gone %s, and nothing waits for it', async (_name, answer) => {
    const { keeper, asked, stored } = aKeeper(answer);
    const pods = [aPodWith(ended)];
    keeper.keep(lease, pods);
    await keeper.stopped;
    expect([asked.length, stored.length]).toEqual([1, 0]);
    expect(keeper.isDone('lease-1', pods)).toBe(true);
  });

  test('is asked for again when a node does not answer, and of that node only once the next time', async () => {
    const { keeper, asked } = aKeeper(fails(noAnswer));
    keeper.keep(lease, [aPodWith(ended)]);
    await keeper.stopped;
    expect(asked).toHaveLength(3);
    const next = [aPodWith(ended, { uid: 'pod-5', name: 'train-5' })];
    keeper.keep(lease, next);
    await keeper.stopped;
    expect(asked).toHaveLength(4);
    expect(keeper.isDone('lease-1', next)).toBe(true);
  }, 20_000);
});
