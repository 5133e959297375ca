import * as builtins from './builtins.ts';
import type { Cluster } from './cluster.ts';
import type { KubeObject } from './object.ts';
import { type ResourceClient, resourceClient } from './resources.ts';

type Deleter = Pick<ResourceClient<KubeObject>, 'delete'>;

/** Clients of the pods, and of what would make them again. */
export function workloadClients(cluster: Cluster) {
  return {
    deployments: resourceClient(cluster, builtins.deployments),
    replicaSets: resourceClient(cluster, builtins.replicaSets),
    jobs: resourceClient(cluster, builtins.jobs),
    pods: resourceClient(cluster, builtins.pods),
  };
}

/** Takes objects away in an order in which none comes back. */
export type Removal = (
  objects: {
    readonly deployments?: readonly KubeObject[];
    readonly replicaSets?: readonly KubeObject[];
    readonly jobs?: readonly KubeObject[];
    readonly pods?: readonly KubeObject[];
  },
  options: {
    /** For the pods; without it each takes what its own spec says. */
    readonly gracePeriodSeconds?: number;
    readonly signal: AbortSignal;
  },
) => Promise<void>;

/**
 * Deletes objects that make pods before the pods that they would make again, each by the UID that was
 * seen. Pods at once, not when garbage is collected. What is gone or being deleted is left alone, but
 * for pods with a grace period: it can be shortened.
 */
export function createRemoval(clients: {
  readonly deployments: Deleter;
  readonly replicaSets: Deleter;
  readonly jobs: Deleter;
  readonly pods: Deleter;
}): Removal {
  return async (objects, { signal, gracePeriodSeconds }) => {
    const owners = [
      [clients.deployments, objects.deployments],
      [clients.replicaSets, objects.replicaSets],
      [clients.jobs, objects.jobs],
    ] as const;
    for (const [client, list = []] of owners) {
      const staying = list.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      await Promise.all(
        staying.map(({ metadata }) =>
          client.delete(metadata, {
            uid: metadata.uid ?? '',
            propagationPolicy: 'Background',
            signal,
          }),
        ),
      );
    }
    const grace = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
    const pods = (objects.pods ?? []).filter(
      ({ metadata }) =>
        gracePeriodSeconds !== undefined || metadata.deletionTimestamp === undefined,
    );
    await Promise.all(
      pods.map(({ metadata }) =>
        clients.pods.delete(metadata, { uid: metadata.uid ?? '', ...grace, signal }),
      ),
    );
  };
}
