import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { TarEntry } from './tar.ts';

/** What an image starts from: Node with the libraries that it loads, a static busybox, or nothing but folders. */
export type ImageBase = 'node' | 'busybox' | 'empty';

export class ImageBaseError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ImageBaseError';
  }
}

/** The user that images run as unless told otherwise: what a namespace under the restricted profile admits. */
export const IMAGE_USER = 1000;

const text = (path: string, content: string): TarEntry => ({
  type: 'file',
  path,
  mode: 0o644,
  content: Buffer.from(content),
});

/** Programs look up their own user and expect a place for temporary files, whoever they run as. */
const skeleton: readonly TarEntry[] = [
  text(
    'etc/passwd',
    `root:x:0:0:root:/:/sbin/nologin\nuser:x:${IMAGE_USER}:${IMAGE_USER}:user:/tmp:/sbin/nologin\n`,
  ),
  text('etc/group', `root:x:0:\nuser:x:${IMAGE_USER}:\n`),
  { type: 'directory', path: 'tmp', mode: 0o1777 },
];

/** npm's `node` package carries the very Node that this project runs on; without it, the one that runs this. */
const nodeBinary = (): string => {
  try {
    const manifest = createRequire(import.meta.url).resolve('node/package.json');
    return join(dirname(manifest), 'bin', 'node');
  } catch {
    // Left out of an installation without development dependencies.
    return process.execPath;
  }
};

/** `\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x…)` and `\t/lib64/ld-linux-x86-64.so.2 (0x…)`. */
export const libraryPaths = (lddOutput: string): readonly string[] =>
  [...lddOutput.matchAll(/(?:=>|^)\s*(\/\S+)\s+\(0x/gm)].map((match) => match[1]!);

/** The loader finds each library where it found it here, since the loader itself comes along. */
const nodeEntries = async (): Promise<readonly TarEntry[]> => {
  const binary = nodeBinary();
  const { stdout } = await promisify(execFile)('ldd', [binary]).catch((cause: unknown) => {
    throw new ImageBaseError(
      `The libraries that Node needs can not be listed: ldd ${binary} failed (${cause instanceof Error ? cause.message : String(cause)}). Images are built on Linux with glibc only.`,
    );
  });
  return [
    { type: 'file', path: 'usr/local/bin/node', mode: 0o755, content: binary },
    ...libraryPaths(stdout).map(
      (path): TarEntry => ({
        type: 'file',
        path: path.slice(1),
        mode: 0o755,
        content: realpathSync(path),
      }),
    ),
  ];
};

/** Where Debian's busybox-static puts it, or GRIDLEASE_BUSYBOX; undefined when there is none. */
export const busyboxBinary = (
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined =>
  [env['GRIDLEASE_BUSYBOX'], '/bin/busybox', '/usr/bin/busybox'].find(
    (path) => path !== undefined && existsSync(path),
  );

const busyboxEntries = async (): Promise<readonly TarEntry[]> => {
  const binary = busyboxBinary();
  if (binary === undefined) {
    throw new ImageBaseError(
      'No static busybox on this machine: install busybox-static (Debian), set GRIDLEASE_BUSYBOX to one, or build on the base "node".',
    );
  }
  const { stdout } = await promisify(execFile)(binary, ['--list']);
  const applets = stdout.split('\n').filter((name) => /^[a-z0-9[_-]+$/.test(name));
  return [
    { type: 'file', path: 'bin/busybox', mode: 0o755, content: binary },
    ...applets
      .filter((name) => name !== 'busybox')
      .map(
        (name): TarEntry => ({
          type: 'symlink',
          path: `bin/${name}`,
          mode: 0o777,
          target: 'busybox',
        }),
      ),
  ];
};

/** The files of a base, for a layer of its own that images on the same base share. */
export const baseEntries = async (base: ImageBase): Promise<readonly TarEntry[]> => {
  if (base === 'node') return [...skeleton, ...(await nodeEntries())];
  if (base === 'busybox') return [...skeleton, ...(await busyboxEntries())];
  return skeleton;
};
