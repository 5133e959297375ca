import { existsSync, globSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { canFetchPackages, succeeds, unpackPackages } from './debianPackages.ts';
import { MissingToolError } from './missingTool.ts';

/** Without it runc starts no container that has a seccomp profile, and restricted namespaces demand one. */
const PACKAGE = 'libseccomp-dev';
const REMEDY = `runc needs libseccomp: install Debian's ${PACKAGE} (apt-get install ${PACKAGE}) and gcc`;

const isInstalled = (): boolean =>
  existsSync('/usr/include/seccomp.h') || succeeds('pkg-config', '--exists', 'libseccomp');

/** Why runc can't be built here, or undefined where it can: the library is installed, or apt knows where it is. */
export const seccompObstacle = (): string | undefined => {
  if (!succeeds('gcc', '--version')) return REMEDY;
  return isInstalled() || canFetchPackages([PACKAGE]) ? undefined : REMEDY;
};

/**
 * Unpacks the package into `folder` and returns where its header and its static library are: nothing is installed,
 * and the result depends on nothing but the C library.
 */
const unpackPackage = (folder: string): { readonly include: string; readonly library: string } => {
  unpackPackages([PACKAGE], folder, REMEDY);
  const [library] = globSync('usr/lib/**/libseccomp.a', { cwd: folder });
  if (library === undefined) throw new MissingToolError(REMEDY);
  return { include: join(folder, 'usr/include'), library: dirname(join(folder, library)) };
};

/** Environment of a Go build that links libseccomp; `folder` is for what has to be fetched and is removed afterwards. */
export const seccompBuild = (folder: string): Readonly<Record<string, string>> => {
  if (isInstalled() && succeeds('pkg-config', '--version')) return { CGO_ENABLED: '1' };
  const found = isInstalled() ? undefined : unpackPackage(folder);
  // cgo asks pkg-config, which may be missing and knows nothing of a folder that was just unpacked.
  const pkgConfig = join(folder, 'pkg-config');
  writeFileSync(
    pkgConfig,
    '#!/bin/sh\ncase "$*" in *--libs*) echo -lseccomp ;; *--modversion*) echo 2.5.4 ;; esac\n',
    { mode: 0o755 },
  );
  return {
    CGO_ENABLED: '1',
    PKG_CONFIG: pkgConfig,
    ...(found && { CGO_CFLAGS: `-I${found.include}`, CGO_LDFLAGS: `-L${found.library}` }),
  };
};
