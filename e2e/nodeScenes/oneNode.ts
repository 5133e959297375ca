import { join } from 'node:path';
import { ensureAssets, ensureNodeAssets } from '../cluster/assets.ts';
import { startControlPlane } from '../cluster/controlPlane.ts';
import { Processes } from '../cluster/processes.ts';
import { silentProgress } from '../cluster/progress.ts';
import { startRealNode } from '../cluster/realNode/realNode.ts';

/**
 * `node e2e/nodeScenes/oneNode.ts DIR`: starts a cluster with one real node and says so on standard output. It ends
 * the node when its standard input ends, and leaves it lying when it is killed: that is what it is for.
 */
const dir = process.argv[2]!;
const name = 'crash-real-0';
const processes = new Processes(dir);
const progress = silentProgress;
const plane = await startControlPlane({
  name: 'crash',
  role: 'provider',
  dir: join(dir, 'crash'),
  assets: await ensureAssets({ progress }),
  processes,
  nodeNames: [name],
});
const assets = await ensureNodeAssets({ progress });
const node = await startRealNode({ plane, name, product: 'H100', gpus: 1, dir, assets, processes });
process.stdout.write('up\n');
for await (const _ of process.stdin);
await node[Symbol.asyncDispose]();
await processes.stop();
process.exit(0);
