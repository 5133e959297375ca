import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildExamples, removeArchives } from '../../examples/real/images.ts';
import { JOBS, type JobName } from '../../examples/real/jobs.ts';
import type { RealNodeControl } from '../cluster/realNode/control.ts';

/** `name@sha256:…` of the image of each example that has a job. Each has Node in its PATH. */
export type SceneImages = Readonly<Record<JobName, string>>;

const file = (dir: string): string => join(dir, 'images.json');

/** Builds the examples' images and imports them into the nodes; their names are kept in the federation's folder. */
export const provideImages = async (
  dir: string,
  nodes: readonly Pick<RealNodeControl, 'importImage'>[],
): Promise<SceneImages> => {
  const images = await buildExamples(join(dir, 'images'), JOBS);
  await Promise.all(
    nodes.map(async (node) => {
      for (const { archivePath, reference } of Object.values(images)) {
        await node.importImage(archivePath, reference);
      }
    }),
  );
  removeArchives(images);
  const references = Object.fromEntries(
    Object.entries(images).map(([name, { reference }]) => [name, reference]),
  ) as SceneImages;
  writeFileSync(file(dir), JSON.stringify(references));
  return references;
};

/** What provideImages has imported there. Throws when it hasn't. */
export const readImages = (dir: string): SceneImages =>
  JSON.parse(readFileSync(file(dir), 'utf8')) as SceneImages;
