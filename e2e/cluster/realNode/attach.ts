import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureNodeAssets } from '../assets.ts';
import { readEnvironment } from '../environment.ts';
import { readProcessBook } from '../processBook.ts';
import { isRunning } from '../processIdentity.ts';
import { controlNode, type RealNodeControl } from './control.ts';
import { nodeFolder } from './nodeFolder.ts';
import { holderName, openNodeHost } from './nodeHost.ts';

/**
 * The real nodes of a federation that another program has started in `dir`, in the order of env.json, those of
 * the hub last. Throws, saying what to do, when it has none.
 */
export const attachRealNodes = async (dir: string): Promise<readonly RealNodeControl[]> => {
  const { providers = [], hub } = readEnvironment(dir) ?? {};
  const nodes = [...providers, ...(hub ? [hub] : [])].flatMap(({ realNodes }) => realNodes);
  if (nodes.length === 0) {
    throw new Error(`no real node is up in ${dir}: npm run up -- --real-nodes 1 starts one`);
  }
  const assets = await ensureNodeAssets();
  const book = readProcessBook(dir);
  return nodes.map(({ name, address, machineAddress, devicesURL }) => {
    const holder = book.find((record) => record.name === holderName(name) && isRunning(record));
    if (holder === undefined) throw new Error(`${name} does not run any more`);
    const folder = nodeFolder(join(dir, 'nodes', name));
    const { cgroupRoot } = JSON.parse(readFileSync(folder.file('kubelet.json'), 'utf8')) as {
      readonly cgroupRoot: string;
    };
    return controlNode({
      ...{ name, address, machineAddress, devicesURL, ctr: assets.ctr },
      cgroup: cgroupRoot.slice(1),
      host: openNodeHost(name, folder, holder),
      logs: join(dir, 'logs'),
    });
  });
};
