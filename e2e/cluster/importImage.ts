import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureNodeAssets } from './assets.ts';
import { readEnvironment } from './environment.ts';
import { DEFAULT_DIR } from './paths.ts';
import { readProcessBook } from './processBook.ts';
import { isRunning } from './processIdentity.ts';
import { containerdCommand, runInside } from './realNode/inside.ts';

/**
 * `npm run import -- [--dir FOLDER] ARCHIVE …`: makes the images of OCI or docker archives runnable on every real node
 * of a federation, since there is no registry; prints the names that pods can give.
 */
const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { dir: { type: 'string', default: DEFAULT_DIR } },
  });
  const dir = resolve(values.dir);
  const nodes = readEnvironment(dir)?.providers.flatMap(({ realNodes }) => realNodes) ?? [];
  if (nodes.length === 0) {
    throw new Error(`no real node is up in ${dir}: npm run up -- --real-nodes 1 starts one`);
  }
  const assets = await ensureNodeAssets();
  const book = readProcessBook(dir);
  for (const { name } of nodes) {
    const holder = book.find((record) => record.name === `${name}-node` && isRunning(record));
    if (holder === undefined) throw new Error(`${name} does not run any more`);
    const ctr = containerdCommand(runInside(holder.pid), assets.ctr);
    for (const archive of positionals) {
      await ctr('images', 'import', '--local', '--all-platforms', resolve(archive));
    }
    const names = (await ctr('images', 'list', '--quiet')).trim().split('\n');
    const runnable = names.filter((image) => !image.startsWith('sha256:')).join('\n');
    process.stdout.write(`${name}:\n${runnable}\n`);
  }
};

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
