import { afterAll, beforeAll } from '@jest/globals';
import { deviceSuite } from '../devices/nodeSuite.ts';
import { describeOnRealNode, type NodeScene, theNodeScene } from './nodeScene.ts';

describeOnRealNode('the stand-in for NVIDIA’s device plugin', () => {
  let world: NodeScene;
  beforeAll(async () => {
    world = await theNodeScene();
  }, 60_000);
  afterAll(() => world.cluster.close());
  deviceSuite(() => ({ client: world.cluster, node: world.node, image: world.images.train }));
});
