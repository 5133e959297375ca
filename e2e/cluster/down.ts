import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { folderState, removeFederation, withFolder } from './folder.ts';
import { federationFolder } from './paths.ts';
import { runMain } from './runMain.ts';

/** `npm run down -- [--dir FOLDER]`: ends exactly what `up` started there, and removes the folder. */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { dir: { type: 'string', default: federationFolder() } },
  });
  const dir = resolve(values.dir);
  await withFolder(dir, async () => {
    if (folderState(dir) === 'empty') {
      process.stderr.write(`Nothing is up in ${dir}.\n`);
      return;
    }
    const ended = await removeFederation(dir);
    process.stderr.write(`Ended ${ended} processes and removed ${dir}.\n`);
  });
};

await runMain(main);
