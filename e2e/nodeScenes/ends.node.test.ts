import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aJob, type Condition, jobUidOf } from '../scenarios/verbs.ts';
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
const short = { maxDurationSeconds: 3, startDeadlineSeconds: 60 };

const cases: Readonly<Record<string, Case>> = {
  'exit-code': {
    script: 'console.log("loss 2.5"); console.error("no data"); process.exit(3)',
    reason: 'TaskFailed',
    jobReason: 'RetryLimitExceeded',
    says: /task 0 at alpha: TaskFailed: task 0 ended with exit code 3/,
    exitCode: 3,
    log: /^loss 2\.5\nno data\n$/,
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
    failover: { graceSeconds: 2 },
    reason: 'DeadlineExceeded',
    says: /DeadlineExceeded/,
    log: /^up\nno\n$/,
  },
};

describeOnRealNode('how real containers end', () => {
  let world: NodeScene;
  let namespace: string;

  const aCase = (name: string, one: Case) =>
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
    const items = Object.entries(cases).map(([name, one]) => aCase(name, one));
    // All at once: they take turns on the node's GPUs.
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
    minutes(3),
  );

  const running = (name: string) =>
    world.scene.waitForCondition(
      { kind: 'gpujob', name, namespace },
      { type: 'Succeeded', reason: 'Running' },
      150,
    );
  const aLongOne = (name: string, script: string) =>
    aCase(name, { script, reason: '', says: /^/, failover: { graceSeconds: 30 } });

  test(
    'a job that is suspended saves its work first',
    async () => {
      const save = "process.on('SIGTERM', () => { console.log('saved'); process.exit(0) });";
      await world.scene.apply(aLongOne('suspended', `${save} console.log('up'); ${stays}`));
      await running('suspended');
      const suspend = JSON.stringify({ spec: { suspend: true } });
      const patch = [
        'patch',
        'gpujob',
        'suspended',
        '-n',
        namespace,
        '--type=merge',
        '-p',
        suspend,
      ];
      await world.scene.hub(...patch);
      const job = { kind: 'gpujob', name: 'suspended', namespace };
      await world.scene.waitForCondition(job, { type: 'Succeeded', reason: 'Suspended' });
      const { uid } = (await leaseOf('suspended')).metadata;
      await world.scene.waitUntil('its log is kept', async () =>
        /^up\nsaved\n$/.test((await keptLog(uid)) ?? ''),
      );
    },
    minutes(3),
  );

  test(
    'a pod that its provider deletes is the provider’s doing: its task is placed again, uncounted',
    async () => {
      await world.scene.apply(
        aLongOne(
          'deleted',
          `process.on('SIGTERM', () => process.exit(1)); setTimeout(() => process.exit(0), 6000)`,
        ),
      );
      await running('deleted');
      const first = await leaseOf('deleted');
      const ofLease = `gridlease.dev/lease-uid=${first.metadata.uid}`;
      await world.scene.provider('alpha')('delete', 'pods', '-A', '-l', ofLease, '--wait=false');
      const job = { kind: 'gpujob', name: 'deleted', namespace };
      await world.scene.waitForCondition(job, { type: 'Succeeded', status: 'True' }, 120);
      const { metadata } = first;
      const { status } = await world.scene.get('gpulease', metadata.name, metadata.namespace!);
      const end = (status?.conditions ?? []).find(({ type }) => type === 'Succeeded');
      expect(end).toMatchObject({ status: 'False', reason: 'PodDeleted' });
    },
    minutes(4),
  );
});
