import { fileURLToPath } from 'node:url';
import { type BuiltImage, buildImage } from './buildImage.ts';
import { unseenHogs } from './unseenHogs.ts';
import { unseenPrograms } from './unseenPrograms.ts';
import { unseenServices } from './unseenServices.ts';
import { type UnseenOptions, type UnseenWorkload, unseenJobMaker } from './unseenWorkload.ts';

/** One image for all of them. */
export const buildUnseenImage = (outDir: string): Promise<BuiltImage> =>
  buildImage({
    name: 'gridlease.test/unseen',
    base: 'node',
    files: { '/app/main.mjs': fileURLToPath(new URL('./unseen/main.mjs', import.meta.url)) },
    config: { entrypoint: ['/usr/local/bin/node', '/app/main.mjs'], workingDir: '/app' },
    outDir,
  });

/** Containers that no test of a single part has foreseen: what a cluster meets every day, and two cheats. */
export const unseenWorkloads = (options: UnseenOptions): readonly UnseenWorkload[] => {
  const { failAfterSeconds = 540, slowStartSeconds = 20 } = options;
  const maker = unseenJobMaker(options);
  return [
    ...unseenPrograms(maker, failAfterSeconds),
    ...unseenHogs(maker),
    ...unseenServices(maker, slowStartSeconds),
  ];
};
