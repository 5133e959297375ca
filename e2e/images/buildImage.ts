import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';
import { baseEntries, IMAGE_USER, type ImageBase } from './bases.ts';
import { type TarEntry, type Written, writeTar } from './tar.ts';

export type ImageConfig = {
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** `uid:gid`. Default 1000:1000, so that the image runs under the restricted Pod Security profile. */
  readonly user?: string;
  /** Default /. Made if no file lies in it. */
  readonly workingDir?: string;
  readonly labels?: Readonly<Record<string, string>>;
};

export type ImageOptions = {
  /** Repository with its host, without tag: `gridlease.test/train`. */
  readonly name: string;
  /** Absolute path in the image → local file or content. A local file keeps its x bit; everything belongs to root. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly base: ImageBase;
  readonly config?: ImageConfig;
  /** Folder for the archive; made if missing. */
  readonly outDir: string;
};

export type BuiltImage = {
  /** An OCI image layout in a tar: `ctr -n k8s.io images import <archivePath>`. */
  readonly archivePath: string;
  /** `gridlease.test/train@sha256:…`: what a pod says as its image. */
  readonly reference: string;
  /** Of the manifest. */
  readonly digest: `sha256:${string}`;
};

const MEDIA_TYPE = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;

type Blob = Written & { readonly content: string | Buffer };

const jsonBlob = (value: unknown): Blob => {
  const content = Buffer.from(JSON.stringify(value));
  return {
    content,
    size: content.length,
    digest: `sha256:${createHash('sha256').update(content).digest('hex')}`,
  };
};

const platform = () => ({ architecture: arch() === 'x64' ? 'amd64' : arch(), os: 'linux' });

/**
 * Makes an image from files of this machine, without a container engine and without a registry. The same files and
 * options give the same digest: owners, modes and times are fixed, members are sorted, layers aren't compressed.
 * The base is a layer of its own, which a node keeps once for all images on it.
 */
export const buildImage = async (options: ImageOptions): Promise<BuiltImage> => {
  const config = options.config ?? {};
  mkdirSync(options.outDir, { recursive: true });
  const scratch = mkdtempSync(join(options.outDir, '.building-'));
  try {
    const [base, files] = await imageLayers(options);
    const layers = [
      await layerBlob(join(scratch, 'base.tar'), base),
      await layerBlob(join(scratch, 'files.tar'), files),
    ];
    const configBlob = jsonBlob({
      ...platform(),
      config: {
        User: config.user ?? `${IMAGE_USER}:${IMAGE_USER}`,
        Env: Object.entries({ PATH: '/usr/local/bin:/usr/bin:/bin', ...config.env }).map(
          ([name, value]) => `${name}=${value}`,
        ),
        ...(config.entrypoint === undefined ? {} : { Entrypoint: config.entrypoint }),
        ...(config.cmd === undefined ? {} : { Cmd: config.cmd }),
        WorkingDir: config.workingDir ?? '/',
        ...(config.labels === undefined ? {} : { Labels: config.labels }),
      },
      // Uncompressed layers: what is stored is what is unpacked.
      rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
    });
    const manifest = jsonBlob({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.manifest,
      config: descriptor(MEDIA_TYPE.config, configBlob),
      layers: layers.map((layer) => descriptor(MEDIA_TYPE.layer, layer)),
    });
    const reference = `${options.name}@${manifest.digest}`;
    const archivePath = join(
      options.outDir,
      `${options.name.replaceAll(/[^a-z0-9.-]/g, '-')}-${manifest.digest.slice(7, 19)}.tar`,
    );
    await writeTar(archivePath, layoutEntries(reference, manifest, [...layers, configBlob]));
    return { archivePath, reference, digest: manifest.digest };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

/** What an image consists of: the layer of its base, and over that its own files. */
export const imageLayers = async (
  options: Pick<ImageOptions, 'base' | 'files' | 'config'>,
): Promise<readonly [base: readonly TarEntry[], files: readonly TarEntry[]]> => [
  withFolders(await baseEntries(options.base)),
  withFolders(fileEntries(options.files ?? {}, options.config ?? {})),
];

const layerBlob = async (file: string, entries: readonly TarEntry[]): Promise<Blob> => ({
  content: file,
  ...(await writeTar(file, entries)),
});

const descriptor = (mediaType: string, { digest, size }: Written) => ({ mediaType, digest, size });

/** containerd takes the image's name from its annotation; with the digest in it, `name@sha256:…` is found at once. */
const layoutEntries = (reference: string, manifest: Blob, blobs: readonly Blob[]): TarEntry[] => {
  const index = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.index,
    manifests: [
      {
        ...descriptor(MEDIA_TYPE.manifest, manifest),
        platform: platform(),
        annotations: { 'io.containerd.image.name': reference },
      },
    ],
  };
  const file = (path: string, content: string | Buffer): TarEntry => ({
    type: 'file',
    path,
    mode: 0o644,
    content,
  });
  return [
    file('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')),
    file('index.json', Buffer.from(JSON.stringify(index))),
    ...[...blobs, manifest].map((blob) =>
      file(`blobs/sha256/${blob.digest.slice('sha256:'.length)}`, blob.content),
    ),
  ];
};

const fileEntries = (
  files: Readonly<Record<string, string | Buffer>>,
  config: ImageConfig,
): TarEntry[] => {
  const entries = Object.entries(files).map(([path, content]): TarEntry => {
    if (!path.startsWith('/') || path.split('/').includes('..')) {
      throw new Error(`${path} is no place in an image: write an absolute path without ..`);
    }
    const isExecutable = typeof content === 'string' && (statSync(content).mode & 0o111) !== 0;
    return { type: 'file', path: path.slice(1), mode: isExecutable ? 0o755 : 0o644, content };
  });
  const workingDir = config.workingDir?.replace(/^\/+|\/+$/g, '');
  if (!workingDir) return entries;
  return [...entries, { type: 'directory', path: workingDir, mode: 0o755 }];
};

/** Each folder on the way to a file, once: unpacking must not depend on the umask of who unpacks. */
const withFolders = (entries: readonly TarEntry[]): readonly TarEntry[] => {
  const all = new Map<string, TarEntry>();
  for (const { path } of entries) {
    const parts = path.split('/').slice(0, -1);
    for (let depth = 1; depth <= parts.length; depth++) {
      const folder = parts.slice(0, depth).join('/');
      all.set(folder, { type: 'directory', path: folder, mode: 0o755 });
    }
  }
  for (const entry of entries) all.set(entry.path, entry);
  return [...all.values()];
};
