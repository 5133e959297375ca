import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { getJson } from '../demo/kubectl.ts';
import { aJob, type Condition, jobUidOf, type KubernetesObject } from '../scenarios/verbs.ts';
import { describeOnRealNode, type NodeScene, theNodeScene } from './nodeScene.ts';

const minutes = (count: number) => count * 60_000;

type Case = {
  /** What node runs; or the whole command. */
  readonly script?: string;
  readonly command?: readonly string[];
  readonly image?: string;
  readonly runtime?: object;
  readonly failover?: object;
  readonly resources?: object;
  /** How the lease ends. */
  readonly reason: string;
  /** How the job ends, where that is another word. */
  readonly jobReason?: string;
  /** What the job's message must say. */
  readonly says: RegExp;
  readonly exitCode?: number;
  /** What is kept of its log; undefined where there is none. */
  readonly log?: RegExp;
};

const stays = 'setInterval(() => {}, 1000);';
/** Long enough to start and to say so, on a slow machine and with a tenth of a core. */
const short = { maxDurationSeconds: 12, startDeadlineSeconds: 60 };

const cases: Readonly<Record<string, Case>> = {
  'exit-code': {
    script: 'console.log("loss 2.5"); console.error("no data"); process.exit(3)',
    reason: 'TaskFailed',
    jobReason: 'RetryLimitExceeded',
    says: /task 0 at alpha: TaskFailed: task 0 ended with exit code 3/,
    exitCode: 3,
    // A runtime reads the two streams apart; which line comes first is nobody's promise.
    log: /^(loss 2\.5\nno data|no data\nloss 2\.5)\n$/,
  },
  'by-a-signal': {
    script: `const { pid } = require('child_process').spawn('node', ['-e', ${JSON.stringify(stays)}]); process.abort()`,
    reason: 'TaskFailed',
    jobReason: 'RetryLimitExceeded',
    says: /exit code 13\d \(SIG(ABRT|SEGV|TRAP)\)/,
  },
  'too-much-memory': {
    script: 'const all = []; for (;;) all.push(Buffer.alloc(8 << 20, 1))',
    reason: 'OutOfMemory',
    says: /used more memory than it may \(128Mi\).*exit code 137.*raise workload\.resources\.memory/,
    exitCode: 137,
  },
  'no-such-command': {
    command: ['pyton', 'train.py'],
    reason: 'ContainerCannotRun',
    says: /"pyton": executable file not found/,
    exitCode: 128,
  },
  'no-such-image': {
    image: `gridlease.test/nothere@sha256:${'ab'.repeat(32)}`,
    runtime: { maxDurationSeconds: 60, startDeadlineSeconds: 12 },
    reason: 'ImageNotFound',
    says: /task 0: (ErrImagePull|ImagePullBackOff): .*gridlease\.test\/nothere/,
  },
  'out-of-time': {
    script: `process.on('SIGTERM', () => { console.log('saved'); process.exit(0) }); console.log('up'); ${stays}`,
    runtime: short,
    reason: 'DeadlineExceeded',
    says: /DeadlineExceeded/,
    log: /^up\nsaved\n$/,
  },
  'ignores-sigterm': {
    script: `process.on('SIGTERM', () => console.log('no')); console.log('up'); ${stays}`,
    runtime: short,
    failover: { graceSeconds: 5 },
    reason: 'DeadlineExceeded',
    says: /DeadlineExceeded/,
    log: /^up\nno\n$/,
  },
};

const upToSecondAttempt = `process.on('SIGTERM', () => process.exit(1)); if (process.env.GRIDLEASE_ATTEMPT > 1) process.exit(0); console.log('up'); ${stays}`;

/** They run until something is done to them; the second attempt of those that lose their pod ends by itself. */
const untilToldToGo = {
  suspended: `process.on('SIGTERM', () => { console.log('saved'); process.exit(0) }); console.log('up'); ${stays}`,
  deleted: upToSecondAttempt,
  drained: upToSecondAttempt,
};

describeOnRealNode('how real containers end', () => {
  let world: NodeScene;
  let namespace: string;

  const aCase = (name: string, one: Omit<Case, 'reason' | 'says'>) =>
    aJob(namespace, name, {
      batch: { completions: 1, retryLimit: 0 },
      workload: {
        image: one.image ?? world.images.train,
        command: one.command ?? ['node', '-e', one.script ?? ''],
        resources: { cpu: '100m', memory: '128Mi' },
      },
      gpu: { count: 1, products: ['H100'] },
      runtime: one.runtime ?? { maxDurationSeconds: 60 },
      failover: one.failover,
    });

  beforeAll(async () => {
    world = await theNodeScene();
    namespace = await world.scene.namespace();
    const endless = Object.entries(untilToldToGo).map(([name, script]) =>
      aCase(name, { script, runtime: { maxDurationSeconds: 600 }, failover: { graceSeconds: 30 } }),
    );
    const others = Object.entries(cases).map(([name, one]) => aCase(name, one));
    // All at once: most of their time they wait, and so beside each other.
    const items = [...endless, ...others];
    await world.scene.apply({ apiVersion: 'v1', kind: 'List', items });
  }, minutes(1));
  afterAll(() => world.cluster.close());

  const leaseOf = async (name: string) => {
    const { uid } = (await world.scene.get('gpujob', name, namespace)).metadata;
    const leases = await world.scene.list('gpuleases');
    return leases.find((lease) => jobUidOf(lease) === uid)!;
  };
  /** What the provider has kept of its log; undefined as long as that is nothing. */
  const keptLog = async (leaseUid: string): Promise<string | undefined> => {
    type ConfigMap = { readonly binaryData?: Readonly<Record<string, string>> };
    const found = await world.cluster.find<ConfigMap>(
      `/api/v1/namespaces/gridlease-agent/configmaps/task-log-${leaseUid}-0`,
    );
    const zipped = found?.binaryData?.['log.gz'];
    return zipped === undefined ? undefined : gunzipSync(Buffer.from(zipped, 'base64')).toString();
  };

  const ofLease = ({ metadata }: KubernetesObject) => `gridlease.dev/lease-uid=${metadata.uid}`;
  /** Its lease, once its program has said that it is up: from then on it hears a signal. */
  const untilUp = async (name: string): Promise<KubernetesObject> => {
    const { scene } = world;
    const job = { kind: 'gpujob', name, namespace };
    await scene.waitForCondition(job, { type: 'Succeeded', reason: 'Running' }, 150);
    const lease = await leaseOf(name);
    const provider = scene.provider('alpha');
    await scene.waitUntil(`${name} is up`, async () => {
      const which = ['pods', '-A', '-l', ofLease(lease)];
      const { items } = await getJson<{ items: KubernetesObject[] }>(provider, ...which);
      const { metadata } = items[0] ?? {};
      if (metadata === undefined) return false;
      return /^up$/m.test(await provider('logs', metadata.name, '-n', metadata.namespace ?? ''));
    });
    return lease;
  };

  test(
    'a job that is suspended saves its work first',
    async () => {
      const { scene } = world;
      const { metadata } = await untilUp('suspended');
      const suspend = JSON.stringify({ spec: { suspend: true } });
      const where = ['suspended', '-n', namespace];
      await scene.hub('patch', 'gpujob', ...where, '--type=merge', '-p', suspend);
      const job = { kind: 'gpujob', name: 'suspended', namespace };
      await scene.waitForCondition(job, { type: 'Succeeded', reason: 'Suspended' }, 120);
      await scene.waitUntil('its log is kept', async () =>
        /^up\nsaved\n$/.test((await keptLog(metadata.uid)) ?? ''),
      );
    },
    minutes(6),
  );

  /** As kubectl drain does. */
  const evict = ({ metadata: { name, namespace: where } }: KubernetesObject) =>
    world.cluster.request('POST', `/api/v1/namespaces/${where}/pods/${name}/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name, namespace: where },
    });
  const remove = ({ metadata }: KubernetesObject) =>
    world.scene.provider('alpha')(
      ...['delete', 'pod', metadata.name, '-n', metadata.namespace ?? '', '--wait=false'],
    );

  test.each([
    ['deleted', remove, 'PodDeleted'],
    ['drained', evict, 'EvictedFromNode'],
  ] as const)(
    'a pod that is %s at its provider is the provider’s doing: its task is placed again, uncounted',
    async (name, takeAway, reason) => {
      const { scene } = world;
      const first = await untilUp(name);
      const which = ['pods', '-A', '-l', ofLease(first)];
      const { items } = await getJson<{ items: KubernetesObject[] }>(
        scene.provider('alpha'),
        ...which,
      );
      await takeAway(items[0]!);
      const job = { kind: 'gpujob', name, namespace };
      await scene.waitForCondition(job, { type: 'Succeeded', status: 'True' }, 150);
      const { metadata } = first;
      const { status } = await scene.get('gpulease', metadata.name, metadata.namespace!);
      const end = (status?.conditions ?? []).find(({ type }) => type === 'Succeeded');
      expect(end).toMatchObject({ status: 'False', reason });
    },
    minutes(6),
  );

  test.each(Object.entries(cases))(
    '%s',
    async (name, expected) => {
      const { scene } = world;
      const job = { kind: 'gpujob', name, namespace };
      const end = await scene.waitForCondition(job, { type: 'Succeeded', status: 'False' }, 150);
      expect(end.reason).toBe(expected.jobReason ?? expected.reason);
      expect(end.message).toMatch(expected.says);

      const { metadata, status } = await leaseOf(name);
      const succeeded = (status?.conditions ?? []).find(({ type }) => type === 'Succeeded');
      expect(succeeded).toMatchObject({ status: 'False', reason: expected.reason } as Condition);
      if (expected.exitCode !== undefined) {
        expect(status?.['tasks']).toMatchObject([{ index: 0, exitCode: expected.exitCode }]);
      }
      if (expected.log !== undefined) {
        let kept: string | undefined;
        await scene.waitUntil('its log is kept', async () => {
          kept = await keptLog(metadata.uid);
          return kept !== undefined;
        });
        expect(kept).toMatch(expected.log);
      }
    },
    minutes(4),
  );
});
