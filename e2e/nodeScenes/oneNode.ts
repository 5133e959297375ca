import { join } from 'node:path';
import { ensureAssets, ensureNodeAssets } from '../cluster/assets.ts';
import { startControlPlane } from '../cluster/controlPlane.ts';
import { Processes } from '../cluster/processes.ts';
import { silentProgress } from '../cluster/progress.ts';
import { startClusterNodes } from '../cluster/realNode/clusterNodes.ts';
import { openNodeNetwork } from '../cluster/realNode/network.ts';
import { prepareServices } from '../cluster/realNode/prepareServices.ts';

/**
 * `node e2e/nodeScenes/oneNode.ts DIR`: starts a cluster with one real node and says so on standard output. It ends
 * the node when its standard input ends, and leaves it lying when it is killed: that is what it is for.
 */
const dir = process.argv[2]!;
const name = 'crash-real-0';
const processes = new Processes(dir);
const progress = silentProgress;
const network = await openNodeNetwork({ dir });
const plane = await startControlPlane({
  name: 'crash',
  role: 'provider',
  dir: join(dir, 'crash'),
  assets: await ensureAssets({ progress }),
  processes,
  network,
  nodeNames: [name],
});
const nodeAssets = await ensureNodeAssets({ progress });
const support = await prepareServices({ progress });
const services = support.supported ? support.services : undefined;
const gpus = { product: 'H100', count: 1 } as const;
const [node] = await startClusterNodes(plane, { dir, nodeAssets, services, processes }, gpus);
process.stdout.write('up\n');
for await (const _ of process.stdin);
await node![Symbol.asyncDispose]();
await processes.stop();
await network[Symbol.asyncDispose]();
process.exit(0);
