import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { endedPrograms } from './folder.ts';
import { federationFolder } from './paths.ts';
import { statusScreen } from './statusScreen.ts';

/** `npm run status -- [--dir FOLDER]`: one screen. Ends with 1 when nothing is up or something is missing. */
const { values } = parseArgs({ options: { dir: { type: 'string', default: federationFolder() } } });
const dir = resolve(values.dir);
try {
  process.stdout.write(`${await statusScreen(dir)}\n`);
  process.exit(endedPrograms(dir).length > 0 ? 1 : 0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
