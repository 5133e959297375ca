import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../cluster/paths.ts';
import { type BuiltImage, buildImage, type ImageOptions } from './buildImage.ts';
import { APP, bundleProgram } from './programBundle.ts';

export const PROGRAM_NAMES = ['operator', 'provider-agent'] as const;
export type ProgramName = (typeof PROGRAM_NAMES)[number];

export type ProgramImage = Required<Pick<ImageOptions, 'base' | 'files' | 'config'>>;

const USER = 65_532;

const TITLES: Readonly<Record<ProgramName, string>> = {
  operator: 'Gridlease operator',
  'provider-agent': 'Gridlease provider agent',
};

/**
 * What the image of a program holds and how it is started: the program, Node, the libraries that Node loads, and
 * nothing else. It runs as user 65532, needs no shell, and writes into no folder but the one that its configuration
 * names. The Dockerfile beside the program says the same; a test compares them.
 */
export const programImage = async (program: ProgramName): Promise<ProgramImage> => {
  const { version } = JSON.parse(readFileSync(join(ROOT, program, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return {
    base: 'node',
    files: {
      ...(await bundleProgram(`${program}/src/main.ts`)),
      '/etc/passwd': Buffer.from(
        `root:x:0:0:root:/:/sbin/nologin\nnonroot:x:${USER}:${USER}:nonroot:/nonexistent:/sbin/nologin\n`,
      ),
      '/etc/group': Buffer.from(`root:x:0:\nnonroot:x:${USER}:\n`),
      '/etc/nsswitch.conf': Buffer.from('hosts: files dns\n'),
    },
    config: {
      user: `${USER}:${USER}`,
      entrypoint: [
        '/usr/local/bin/node',
        // A stack trace names lines of TypeScript.
        '--enable-source-maps',
        // Node otherwise lets garbage pile up to several times what lives.
        '--max-semi-space-size=8',
        `/${APP}/main.mjs`,
      ],
      cmd: ['--config', '/etc/gridlease/config.json'],
      labels: {
        'org.opencontainers.image.title': TITLES[program],
        'org.opencontainers.image.version': version,
        'org.opencontainers.image.licenses': 'Apache-2.0',
      },
    },
  };
};

/** The image of a program as an OCI archive, made without a container engine. The same sources give the same digest. */
export const buildProgram = async (options: {
  readonly program: ProgramName;
  /** Folder for the archive; made if missing. */
  readonly outDir: string;
  /** What stands before the program's name. Default gridlease.test, which no registry has. */
  readonly repository?: string;
}): Promise<BuiltImage> => {
  const { program, outDir, repository = 'gridlease.test' } = options;
  return buildImage({ ...(await programImage(program)), name: `${repository}/${program}`, outDir });
};
