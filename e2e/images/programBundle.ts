import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { ROOT } from '../cluster/paths.ts';

/** Packages that were written for CommonJS ask for Node's own modules by `require`, which modules don't have. */
const REQUIRE = `import{createRequire as gridleaseRequire}from'node:module';const require=gridleaseRequire(import.meta.url);`;

/** The folder that a program lies in, in its image: paths in its source maps are relative to it. */
export const APP = 'app';

/**
 * A program of this repository as a few files for Node alone, by path in the image. What it loads only when it is
 * told to, such as tracing, is a file of its own. Names stay, and source maps tell where each line came from, so that
 * a stack trace names TypeScript lines. The same sources give the same bytes, wherever the repository lies.
 */
export const bundleProgram = async (
  entryPoint: string,
): Promise<Readonly<Record<string, Buffer>>> => {
  const result = await build({
    entryPoints: { main: entryPoint },
    absWorkingDir: ROOT,
    outdir: APP,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: true,
    // The lines' numbers are enough: whoever reads them has the sources.
    sourcesContent: false,
    legalComments: 'none',
    banner: { js: REQUIRE },
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const files = result.outputFiles.map(({ path, contents }): [string, Buffer] => [
    `/${path.slice(ROOT.length)}`,
    Buffer.from(contents),
  ]);
  return {
    ...Object.fromEntries(files),
    [`/${APP}/LICENSES.txt`]: licensesOf(result.metafile),
  };
};

/** Licences ask to go where the code goes. */
const licensesOf = ({ outputs }: Metafile): Buffer => {
  const folders = Object.values(outputs)
    .flatMap(({ inputs }) => Object.keys(inputs))
    .flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  const texts = [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(join(ROOT, folder, 'package.json'), 'utf8'),
    ) as Readonly<Record<string, unknown>>;
    return `${name} ${version} (${license})\n\n${licenseText(join(ROOT, folder))}`;
  });
  const own = `Gridlease\n\n${readFileSync(join(ROOT, 'LICENSE'), 'utf8')}`;
  return Buffer.from([own, ...texts].join(`\n${'-'.repeat(80)}\n\n`));
};

const licenseText = (folder: string): string => {
  const name = readdirSync(folder).find((file) => /^(licen[cs]e|copying)/i.test(file));
  return name === undefined
    ? 'As its package.json says.\n'
    : readFileSync(join(folder, name), 'utf8');
};
