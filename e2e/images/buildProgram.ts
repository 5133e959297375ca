import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runMain } from '../cluster/runMain.ts';
import { buildProgram, PROGRAM_NAMES, type ProgramName, programImage } from './programs.ts';
import { writeRootFiles } from './rootFiles.ts';

const usage = `Usage: node e2e/images/buildProgram.ts ${PROGRAM_NAMES.join('|')} --out FOLDER [--repository NAME] | --root FOLDER`;

/**
 * Makes the image of a program. `--out` writes an OCI archive (a Docker engine isn't needed) and prints its reference;
 * `--root` writes the image's files, which is what the Dockerfile does.
 */
const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      repository: { type: 'string', default: 'gridlease.test' },
      root: { type: 'string' },
    },
  });
  const program = PROGRAM_NAMES.find((name) => name === positionals[0]) as ProgramName | undefined;
  if (program === undefined || positionals.length > 1) throw new Error(usage);
  if (values.root !== undefined) {
    await writeRootFiles(await programImage(program), resolve(values.root));
  } else if (values.out !== undefined) {
    const { repository, out } = values;
    const image = await buildProgram({ program, repository, outDir: resolve(out) });
    const size = (statSync(image.archivePath).size / 1e6).toFixed(1);
    process.stdout.write(`${image.reference}\n${image.archivePath} (${size} MB)\n`);
  } else {
    throw new Error(usage);
  }
};

await runMain(main);
