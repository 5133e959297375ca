import { randomBytes } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node';
import { namespaces } from '../builtins.ts';
import { type Cluster, type ClusterOptions, connectCluster } from '../cluster.ts';
import type { KubeObject } from '../object.ts';
import { resourceClient } from '../resources.ts';

/** The kubeconfig with its server replaced, for a proxy in between; unchanged without one. */
export function kubeConfigVia(path: string, server?: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(path);
  if (server === undefined) return config;
  config.clusters = config.clusters.map((cluster) => ({ ...cluster, server }));
  return config;
}

export type TestNamespace = AsyncDisposable & {
  readonly cluster: Cluster;
  readonly name: string;
};

/** A namespace of its own on a real API server, and an admin's connection to it. */
export async function aNamespace(
  kubeconfigPath: string,
  options: Partial<ClusterOptions> = {},
): Promise<TestNamespace> {
  const cluster = connectCluster({
    name: 'hub',
    kubeconfigPath,
    userAgent: 'gridlease-kube-test',
    ...options,
  });
  const client = resourceClient<KubeObject>(cluster, namespaces);
  const name = `kube-test-${randomBytes(4).toString('hex')}`;
  const namespace = await client.create({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  });
  return {
    cluster,
    name,
    async [Symbol.asyncDispose]() {
      await client.delete({ name }, { uid: namespace.metadata.uid! });
      await cluster.close();
    },
  };
}

/** Resolves once `condition` holds. A hard limit keeps a broken test from hanging the run. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 60_000,
): Promise<void> {
  const endsAt = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > endsAt) throw new Error(`It never happened that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
