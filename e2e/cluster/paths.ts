import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Where `npm run up` keeps its federation unless told otherwise. */
export const DEFAULT_DIR = join(ROOT, '.gridlease');

/** Whose federation a command is about when it isn't told: that of GRIDLEASE_FEDERATION, else where `npm run up` puts it. */
export const federationFolder = (): string => process.env['GRIDLEASE_FEDERATION'] ?? DEFAULT_DIR;

export const MANIFESTS = {
  hub: ['crds/manifests/hub', 'operator/rbac', 'provider-agent/rbac/hub'].map((folder) =>
    join(ROOT, folder),
  ),
  provider: ['crds/manifests/provider', 'provider-agent/rbac/provider'].map((folder) =>
    join(ROOT, folder),
  ),
} as const;

export const PROGRAMS = {
  operator: join(ROOT, 'operator/src/main.ts'),
  agent: join(ROOT, 'provider-agent/src/main.ts'),
  wallet: join(ROOT, 'e2e/cluster/wallet/main.ts'),
} as const;
