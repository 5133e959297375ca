import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ImageOptions, imageLayers } from './buildImage.ts';

/**
 * Writes what an image consists of into a folder, later layers over earlier ones: for a Dockerfile, whose last stage
 * copies it. The modes are the image's; the owner is who runs this, in a container engine root.
 */
export const writeRootFiles = async (
  options: Pick<ImageOptions, 'base' | 'files' | 'config'>,
  folder: string,
): Promise<void> => {
  for (const entry of (await imageLayers(options)).flat()) {
    const path = join(folder, entry.path);
    if (entry.type === 'symlink') {
      await symlink(entry.target, path);
      continue;
    }
    if (entry.type === 'directory') await mkdir(path, { recursive: true });
    else if (typeof entry.content === 'string') await copyFile(entry.content, path);
    else await writeFile(path, entry.content);
    // Whatever the umask of who runs this says.
    await chmod(path, entry.mode);
  }
};
