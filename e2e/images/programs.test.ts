import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { ROOT } from '../cluster/paths.ts';
import { bundleProgram } from './programBundle.ts';
import { buildProgram, PROGRAM_NAMES, type ProgramName } from './programs.ts';
import { runConfigOf, stagesOf } from './testing/dockerfile.ts';

// Each writes and unpacks some hundred megabytes.
jest.setTimeout(180_000);

const scratch = mkdtempSync(join(tmpdir(), 'gridlease-programs-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
const dockerfileOf = (program: ProgramName) =>
  stagesOf(readFileSync(join(ROOT, program, 'Dockerfile'), 'utf8'));

type Opened = { readonly config: Record<string, unknown>; readonly root: string };
const opened = new Map<ProgramName, Promise<Opened>>();

/** The image as a container runtime has it: its configuration, and its layers unpacked over each other. */
const open = (program: ProgramName): Promise<Opened> => {
  const known = opened.get(program);
  if (known !== undefined) return known;
  const opening = (async () => {
    const { archivePath, digest } = await buildProgram({ program, outDir: join(scratch, 'out') });
    const layout = join(scratch, `${program}-layout`);
    const root = join(scratch, `${program}-root`);
    for (const folder of [layout, root]) mkdirSync(folder);
    chmodSync(root, 0o755);
    execFileSync('tar', ['-xf', archivePath, '-C', layout]);
    rmSync(archivePath);
    const blob = (of: string) => join(layout, 'blobs', ...of.split(':'));
    const manifest = json(blob(digest));
    for (const { digest: layer } of manifest.layers) {
      execFileSync('tar', ['-xpf', blob(layer), '-C', root]);
    }
    const { config } = json(blob(manifest.config.digest));
    rmSync(layout, { recursive: true });
    return { config, root };
  })();
  opened.set(program, opening);
  return opening;
};

/** Path, mode and size of everything below a folder. */
const listing = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => {
      const { mode, size } = statSync(join(folder, path));
      const isFile = statSync(join(folder, path)).isFile();
      return `${(mode & 0o7777).toString(8)} ${path}${isFile ? ` ${size}` : '/'}`;
    })
    .sort();

/** In place of `npm ci`, which is not for a test: it takes a registry. Our own packages are the copied ones. */
const install = (source: string): void => {
  const modules = join(source, 'node_modules');
  mkdirSync(join(modules, '@gridlease'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name !== '@gridlease') symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  for (const { name, path } of workspaces()) symlinkSync(join(source, path), join(modules, name));
};

const workspaces = () =>
  (json(join(ROOT, 'package.json')).workspaces as readonly string[]).map((path) => ({
    path,
    name: json(join(ROOT, path, 'package.json')).name as string,
  }));

/** What the COPY lines of a stage take from the build context. */
const copies = (program: ProgramName) =>
  dockerfileOf(program)[0]!
    .filter(({ name }) => name === 'COPY')
    .map(({ rest }) => {
      const words = rest.split(' ');
      return { sources: words.slice(0, -1), target: words.at(-1)! };
    });

describe.each(PROGRAM_NAMES.map((program) => [program]))('the image of %s', (program) => {
  test('is run as its Dockerfile says', async () => {
    const { config } = await open(program);
    const stages = dockerfileOf(program);
    expect(stages.at(-1)![0]!.rest).toBe('scratch');
    expect(config).toEqual(runConfigOf(stages.at(-1)!));
    expect(config['User']).toBe('65532:65532');
    expect(config['Labels']).toMatchObject({
      'org.opencontainers.image.version': json(join(ROOT, program, 'package.json')).version,
    });
  });

  test('holds the files that the steps of its Dockerfile make', async () => {
    const { root } = await open(program);
    const source = join(scratch, `${program}-src`);
    for (const { sources, target } of copies(program)) {
      for (const path of sources) {
        const isFolder = statSync(join(ROOT, path)).isDirectory();
        const to = isFolder || !target.endsWith('/') ? target : join(target, basename(path));
        mkdirSync(dirname(join(source, to)), { recursive: true });
        cpSync(join(ROOT, path), join(source, to), { recursive: true });
      }
    }
    install(source);
    const runs = dockerfileOf(program)[0]!.filter(({ name }) => name === 'RUN');
    expect(runs.map(({ rest }) => rest)).toEqual([
      expect.stringMatching(/^npm ci --omit=dev --ignore-scripts /),
      `node e2e/images/buildProgram.ts ${program} --root /root-files`,
    ]);
    const files = join(scratch, `${program}-files`);
    const [, ...words] = runs[1]!.rest.replace('/root-files', files).split(' ');
    execFileSync(process.execPath, words, { cwd: source, stdio: 'pipe' });
    // Where packages lie is a part of the names of chunks, and of source maps.
    const named = (folder: string) =>
      listing(folder).map((line) =>
        line.replace(/-[A-Z0-9]{8}\.mjs/, '-.mjs').replace(/ \d+$/, ''),
      );
    expect(named(files).sort()).toEqual(named(root).sort());
  });

  test('is small, and has no shell', async () => {
    const { root } = await open(program);
    const size = (folder: string): number =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map((path) => statSync(join(folder, path)))
        .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
    // Node itself has 127 MB.
    expect(size(root)).toBeLessThan(145e6);
    expect(size(join(root, 'app'))).toBeLessThan(8e6);
    expect(listing(root).filter((line) => / (usr\/(local\/)?)?s?bin\/./.test(line))).toEqual([
      expect.stringMatching(/^755 usr\/local\/bin\/node /),
    ]);
  });

  const testAsRoot = process.getuid?.() === 0 ? test : test.skip;
  const why = process.getuid?.() === 0 ? '' : ' [needs root]';
  testAsRoot(`starts as its user, with nothing but its own files${why}`, async () => {
    const { root, config } = await open(program);
    const command = [...(config['Entrypoint'] as string[]), ...(config['Cmd'] as string[])];
    const { status, stderr } = spawnSync(
      'chroot',
      [`--userspec=${config['User']}`, root, ...command],
      { encoding: 'utf8', env: { PATH: '/usr/sbin:/usr/bin' } },
    );
    expect(stderr).toContain("/etc/gridlease/config.json can't be read");
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(1);
  });

  test('loads the SDK of OpenTelemetry from a file of its own, and only when it is told to', async () => {
    const app = join((await open(program)).root, 'app');
    const sources = (file: string): readonly string[] => json(join(app, `${file}.map`)).sources;
    const isSDK = (path: string) => /@opentelemetry\/(sdk|exporter|otlp)/.test(path);
    const atStart = new Set(['main.mjs']);
    for (const file of atStart) {
      const text = readFileSync(join(app, file), 'utf8');
      for (const [, name] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.mjs)"/g)) {
        atStart.add(name!);
      }
    }
    expect([...atStart].flatMap(sources).filter(isSDK)).toEqual([]);
    const later = readdirSync(app).filter((file) => file.endsWith('.mjs') && !atStart.has(file));
    expect(later.flatMap(sources).filter(isSDK)).not.toEqual([]);
  });
});

test('what Dockerfiles copy is sent to the engine, and nothing beside it', () => {
  const allowed = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  const copied = PROGRAM_NAMES.flatMap((program) => copies(program).flatMap((c) => c.sources));
  expect([...new Set(copied)].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  expect([...allowed].sort()).toEqual([...new Set(copied)].sort());
});

test('Dockerfiles install by every workspace’s package file, with the Node that this project runs on', () => {
  const { devDependencies } = json(join(ROOT, 'package.json'));
  for (const program of PROGRAM_NAMES) {
    const sources = copies(program).flatMap((copy) => copy.sources);
    expect(sources).toEqual(
      expect.arrayContaining(workspaces().map(({ path }) => `${path}/package.json`)),
    );
    const from = dockerfileOf(program)[0]![0]!.rest;
    expect(from).toMatch(
      new RegExp(`^node:${devDependencies.node}-bookworm-slim(@\\S+)? AS build$`),
    );
  }
});

test('a stack trace of a bundled program names a line of TypeScript', async () => {
  const folder = join(scratch, 'throws');
  const files = await bundleProgram('e2e/images/testing/throws.ts');
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const main = join(folder, 'app/main.mjs');
  const { stderr } = spawnSync(process.execPath, ['--enable-source-maps', main], {
    encoding: 'utf8',
  });
  expect(stderr).toContain('Error: thrown on purpose');
  const line = readFileSync(join(ROOT, 'e2e/images/testing/throws.ts'), 'utf8')
    .split('\n')
    .findIndex((text) => text.includes('throw new Error'));
  expect(stderr).toMatch(new RegExp(`at fail \\(.*/e2e/images/testing/throws\\.ts:${line + 1}:`));
});
