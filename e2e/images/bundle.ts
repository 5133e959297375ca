import { build } from 'esbuild';
import { ROOT } from '../cluster/paths.ts';

/** One file with everything that a program imports, to be run by Node alone. Independent of where the repository lies. */
export const bundle = async (entryPoint: string): Promise<Buffer> => {
  const result = await build({
    entryPoints: [entryPoint],
    // Paths in the output are relative to this.
    absWorkingDir: ROOT,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    write: false,
    logLevel: 'silent',
  });
  return Buffer.from(result.outputFiles[0]!.contents);
};
