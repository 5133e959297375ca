import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { busyboxBinary, ImageBaseError, libraryPaths } from './bases.ts';
import { buildImage, type ImageOptions } from './buildImage.ts';

// The largest has a whole Node in it.
jest.setTimeout(180_000);

const scratch = mkdtempSync(join(tmpdir(), 'gridlease-images-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const script = join(scratch, 'run');
writeFileSync(script, '#!/bin/sh\n');
chmodSync(script, 0o755);

const small = (more: Partial<ImageOptions> = {}): ImageOptions => ({
  name: 'gridlease.test/small',
  base: 'empty',
  files: { '/app/run': script, '/app/data/words.txt': Buffer.from('words\n') },
  config: { entrypoint: ['/app/run'], env: { COLOUR: 'red' }, workingDir: '/app' },
  outDir: join(scratch, 'out'),
  ...more,
});

/** Unpacked by the system's tar, which knows nothing of ours. */
const unpacked = (archive: string): string => {
  const folder = mkdtempSync(join(scratch, 'layout-'));
  execFileSync('tar', ['-xf', archive, '-C', folder]);
  return folder;
};

const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
const blob = (layout: string, digest: string): string =>
  join(layout, 'blobs', ...digest.split(':'));

type Descriptor = { readonly digest: string; readonly size: number };

const openImage = async (options: ImageOptions) => {
  const image = await buildImage(options);
  const layout = unpacked(image.archivePath);
  const index = json(join(layout, 'index.json'));
  const manifest = json(blob(layout, image.digest));
  const config = json(blob(layout, manifest.config.digest));
  return { image, layout, index, manifest, config };
};

const listing = (layout: string, layer: Descriptor): readonly string[] =>
  execFileSync('tar', ['--numeric-owner', '-tvf', blob(layout, layer.digest)], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.replaceAll(/\s+/g, ' '));

describe('an image', () => {
  test('is a layout in which every blob has the size and the digest that it is named by', async () => {
    const { image, layout, index, manifest, config } = await openImage(small());
    expect(json(join(layout, 'oci-layout'))).toEqual({ imageLayoutVersion: '1.0.0' });
    expect(image.reference).toBe(`gridlease.test/small@${image.digest}`);
    expect(index.manifests).toHaveLength(1);
    expect(index.manifests[0].annotations).toEqual({ 'io.containerd.image.name': image.reference });
    const descriptors: Descriptor[] = [index.manifests[0], manifest.config, ...manifest.layers];
    expect(descriptors).toHaveLength(4);
    for (const { digest, size } of descriptors) {
      const content = readFileSync(blob(layout, digest));
      expect(content.length).toBe(size);
      expect(`sha256:${createHash('sha256').update(content).digest('hex')}`).toBe(digest);
    }
    expect(config.rootfs.diff_ids).toEqual(manifest.layers.map((l: Descriptor) => l.digest));
  });

  test('says how to run it, as user 1000 unless told otherwise', async () => {
    const { config } = await openImage(small());
    expect(config.os).toBe('linux');
    expect(config.config).toEqual({
      User: '1000:1000',
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin', 'COLOUR=red'],
      Entrypoint: ['/app/run'],
      WorkingDir: '/app',
    });
    const other = await openImage(small({ config: { user: '7:8', cmd: ['x'] } }));
    expect(other.config.config).toMatchObject({ User: '7:8', Cmd: ['x'], WorkingDir: '/' });
  });

  test('holds files that belong to root, keep their x bit and have no time', async () => {
    const { layout, manifest } = await openImage(small());
    expect(listing(layout, manifest.layers[1])).toEqual([
      expect.stringMatching(/^drwxr-xr-x 0\/0 0 1970-01-01 .* app\/$/),
      expect.stringMatching(/^drwxr-xr-x 0\/0 0 1970-01-01 .* app\/data\/$/),
      expect.stringMatching(/^-rw-r--r-- 0\/0 6 1970-01-01 .* app\/data\/words.txt$/),
      expect.stringMatching(/^-rwxr-xr-x 0\/0 10 1970-01-01 .* app\/run$/),
    ]);
    expect(listing(layout, manifest.layers[0])).toContainEqual(
      expect.stringMatching(/^drwxrwxrwt 0\/0 0 .* tmp\/$/),
    );
  });

  test('of the same files has the same bytes on another day, in another folder, for another owner', async () => {
    const first = await buildImage(small());
    const copy = join(scratch, 'copy-of-run');
    writeFileSync(copy, '#!/bin/sh\n');
    chmodSync(copy, 0o711);
    utimesSync(copy, 12, 34);
    const files = { '/app/data/words.txt': Buffer.from('words\n'), '/app/run': copy };
    const second = await buildImage(small({ files, outDir: join(scratch, 'elsewhere') }));
    expect(second.digest).toBe(first.digest);
    expect(readFileSync(second.archivePath).equals(readFileSync(first.archivePath))).toBe(true);
  });

  test.each<[string, Partial<ImageOptions>]>([
    ['a byte', { files: { '/app/run': Buffer.from('#!/bin/sh \n') } }],
    ['a path', { files: { '/app/runs': script } }],
    ['the entry point', { config: { entrypoint: ['/app/run', '-v'] } }],
  ])('changes its digest with %s', async (_, change) => {
    expect((await buildImage(small(change))).digest).not.toBe((await buildImage(small())).digest);
  });

  test.each(['app/run', '/app/../etc/passwd'])('takes no file at %s', async (path) => {
    await expect(buildImage(small({ files: { [path]: script } }))).rejects.toThrow('absolute path');
  });

  test('takes long paths, and says which one is too long', async () => {
    const long = `/${'folder/'.repeat(20)}file`;
    const { layout, manifest } = await openImage(small({ files: { [long]: script } }));
    expect(listing(layout, manifest.layers[1]).at(-1)).toContain(long.slice(1));
    const tooLong = small({ files: { [`/${'x'.repeat(101)}`]: script } });
    await expect(buildImage(tooLong)).rejects.toThrow(/xxx is too long/);
  });
});

/** Unpacks the layers over each other and enters, as a container runtime does. */
const inImage = async (options: ImageOptions, command: readonly string[]): Promise<string> => {
  const { layout, manifest, config } = await openImage(options);
  const root = mkdtempSync(join(scratch, 'root-'));
  chmodSync(root, 0o755);
  for (const layer of manifest.layers) {
    execFileSync('tar', ['-xpf', blob(layout, layer.digest), '-C', root, '--same-owner']);
  }
  return execFileSync('chroot', [`--userspec=${config.config.User}`, root, ...command], {
    encoding: 'utf8',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
};

const testAsRoot = process.getuid?.() === 0 ? test : test.skip;
const asRoot = process.getuid?.() === 0 ? '' : ' [needs root]';

describe('the base', () => {
  testAsRoot(
    `node runs a script as user 1000 with nothing of this machine in reach${asRoot}`,
    async () => {
      const program = join(scratch, 'hello.mjs');
      writeFileSync(
        program,
        `import { existsSync, writeFileSync } from 'node:fs';
         import { userInfo } from 'node:os';
         writeFileSync('/tmp/x', '');
         console.log(process.version, process.getuid(), userInfo().username, existsSync('/work'), existsSync('/tmp/x'));`,
      );
      const files = { '/app/hello.mjs': program };
      const said = await inImage(small({ name: 'gridlease.test/node', base: 'node', files }), [
        '/usr/local/bin/node',
        '/app/hello.mjs',
      ]);
      expect(said.trim()).toBe(`${process.version} 1000 user false true`);
    },
  );

  const busybox = busyboxBinary();
  const withBusybox = busybox === undefined ? test.skip : testAsRoot;
  const why = busybox === undefined ? ' [no static busybox on this machine]' : asRoot;
  withBusybox(`busybox runs a shell${why}`, async () => {
    const said = await inImage(small({ base: 'busybox' }), ['/bin/sh', '-c', 'id -u; echo ok']);
    expect(said).toBe('1000\nok\n');
  });

  test('busybox is refused with what to do where there is none', async () => {
    if (busybox !== undefined) return;
    const attempt = buildImage(small({ base: 'busybox' }));
    await expect(attempt).rejects.toThrow(ImageBaseError);
    await expect(attempt).rejects.toThrow('install busybox-static');
  });

  test('is one layer that images on it share, and a failed build leaves nothing half done', async () => {
    const outDir = join(scratch, 'shared');
    mkdirSync(outDir);
    const one = await openImage(small({ outDir }));
    const other = await openImage(small({ outDir, name: 'gridlease.test/other', files: {} }));
    expect(one.manifest.layers[0]).toEqual(other.manifest.layers[0]);
    const missing = small({ outDir, files: { '/x': join(scratch, 'no-such-file') } });
    await expect(buildImage(missing)).rejects.toThrow('no-such-file');
    const left = execFileSync('ls', ['-A', outDir], { encoding: 'utf8' }).trim().split('\n');
    expect(left).toHaveLength(2);
    expect(statSync(one.image.archivePath).size).toBeLessThan(20_000);
  });
});

test('libraries are read from what ldd prints', () => {
  const output = [
    '\tlinux-vdso.so.1 (0x00007f520c9bc000)',
    '\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f520c8c6000)',
    '\t/lib64/ld-linux-x86-64.so.2 (0x00007f520c9be000)',
  ].join('\n');
  expect(libraryPaths(output)).toEqual([
    '/lib/x86_64-linux-gnu/libm.so.6',
    '/lib64/ld-linux-x86-64.so.2',
  ]);
});
