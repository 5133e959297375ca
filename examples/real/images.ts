import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuiltImage, buildImage } from '../../e2e/images/buildImage.ts';
import { bundle } from '../../e2e/images/bundle.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** The programs of this folder; each becomes an image `gridlease.test/<name>`. */
export const EXAMPLES = ['train', 'render', 'inference', 'uploader'] as const;
export type ExampleName = (typeof EXAMPLES)[number];

/** Builds the images of the named examples into a folder, one after the other. The same sources give the same digests. */
export const buildExamples = async <Name extends ExampleName>(
  outDir: string,
  names: readonly Name[],
): Promise<Readonly<Record<Name, BuiltImage>>> => {
  const images: Partial<Record<Name, BuiltImage>> = {};
  for (const name of names) {
    images[name] = await buildImage({
      name: `gridlease.test/${name}`,
      base: 'node',
      files: { '/app/main.mjs': await bundle(join(FOLDER, name, 'main.mjs')) },
      config: { entrypoint: ['/usr/local/bin/node', '/app/main.mjs'], workingDir: '/app' },
      outDir,
    });
  }
  return images as Record<Name, BuiltImage>;
};

/** Removes the archives; a node that has imported them needs them no more. */
export const removeArchives = (images: Readonly<Record<string, BuiltImage>>): void => {
  for (const { archivePath } of Object.values(images)) rmSync(archivePath, { force: true });
};
