import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { gpuJobFor } from '../../examples/real/jobs.ts';
import { listObjects, readObject, type S3Store, s3Environment } from '../cluster/s3.ts';
import { aJob } from '../scenarios/verbs.ts';
import { describeOnRealNode, type NodeScene, theNodeScene } from './nodeScene.ts';

const minutes = (count: number) => count * 60_000;

describeOnRealNode('what real containers leave in their outputs', () => {
  let world: NodeScene;
  let store: S3Store;
  let namespace: string;
  beforeAll(async () => {
    world = await theNodeScene();
    store = world.scene.environment.store!;
    namespace = await world.scene.namespace();
    const prefix = `s3://gridlease/${namespace}`;
    const frames = gpuJobFor('render', {
      ...{ name: 'frames', reference: world.images.render, namespace, accountName: 'account' },
      ...{ store, outputURI: `${prefix}/frames` },
      spec: { batch: { completions: 2, parallelism: 2 } },
    });
    // Its program ends well; only the place that its folder is copied to isn't there.
    const lost = aJob(namespace, 'lost', {
      batch: { completions: 1, retryLimit: 0 },
      workload: {
        image: world.images.train,
        command: ['node', '-e', 'require("fs").writeFileSync("/outputs/a", "a")'],
        env: Object.entries(s3Environment(store)).map(([name, value]) => ({ name, value })),
        resources: { cpu: '100m', memory: '128Mi' },
      },
      gpu: { count: 1, products: ['H100'] },
      outputs: [{ path: '/outputs', uri: 's3://nobody/a' }],
    });
    await world.scene.apply({ apiVersion: 'v1', kind: 'List', items: [frames, lost] });
  }, minutes(1));
  afterAll(() => world.cluster.close());

  const end = (name: string, status: 'True' | 'False') =>
    world.scene.waitForCondition(
      { kind: 'gpujob', name, namespace },
      { type: 'Succeeded', status },
      120,
    );

  test(
    'is in the store when the job has succeeded',
    async () => {
      await end('frames', 'True');
      const prefix = `s3://gridlease/${namespace}/frames`;
      const pictures = (await listObjects(store, `${prefix}/`)).filter((uri) =>
        uri.endsWith('.png'),
      );
      expect(pictures).toHaveLength(2);
      for (const uri of pictures) {
        const bytes = await readObject(store, uri);
        expect(bytes?.subarray(1, 4).toString()).toBe('PNG');
      }
    },
    minutes(3),
  );

  test(
    'makes its task fail when it can’t be copied, with what the store said',
    async () => {
      const { reason, message } = await end('lost', 'False');
      expect(reason).toBe('OutputUploadFailed');
      expect(message).toMatch(/task 0 succeeded, and its outputs could not be copied: .*nobody/);
    },
    minutes(3),
  );
});
