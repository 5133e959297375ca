import { join } from 'node:path';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './controlPlane.ts';
import type { ProviderSpec } from './defaultProviders.ts';
import { applyManifests, loadManifests } from './manifests.ts';
import { createNodes } from './nodes.ts';
import { MANIFESTS } from './paths.ts';

export const AGENT_NAMESPACE = 'gridlease-agent';

export type ProviderCluster = ControlPlane & { readonly spec: ProviderSpec; readonly dir: string };

/** Starts a provider's own cluster with its simulated nodes, and installs what its agent needs there. */
export const startProviderCluster = async (
  spec: ProviderSpec,
  options: Omit<ControlPlaneOptions, 'name' | 'role'>,
): Promise<ProviderCluster> => {
  const dir = join(options.dir, 'providers', spec.name);
  const plane = await startControlPlane({ ...options, dir, name: spec.name, role: 'provider' });
  await Promise.all([
    createNodes(plane.client, spec.name, spec.pools, options.signal),
    plane.client
      .apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: AGENT_NAMESPACE } })
      .then(() =>
        applyManifests(plane.client, loadManifests(...MANIFESTS.provider), options.signal),
      ),
  ]);
  return { ...plane, spec, dir };
};
