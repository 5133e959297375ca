import { configMaps } from '../builtins.ts';
import { type Cluster, connectCluster } from '../cluster.ts';
import { type Change, Informer } from '../informer.ts';
import type { InformerOptions } from '../informerOptions.ts';
import type { KubeObject } from '../object.ts';
import type { TcpProxy } from './tcpProxy.ts';
import { kubeConfigVia, type TestNamespace } from './testNamespace.ts';

export type ConfigMap = KubeObject & { readonly data?: Readonly<Record<string, string>> };

export function aConfigMap(
  namespace: string,
  name: string,
  n: number,
  labels: Record<string, string> = {},
): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels },
    data: { n: String(n) },
  };
}

export type Followed = AsyncDisposable & {
  readonly informer: Informer<ConfigMap>;
  /** `<type> <name> <data.n>`, one for each change. */
  readonly lines: string[];
  readonly changes: readonly Change[];
};

/** A running informer of the ConfigMaps in a namespace whose label `test` has the given value. */
export async function follow(
  namespace: TestNamespace,
  label: string,
  cluster: Cluster = namespace.cluster,
  options: Partial<InformerOptions<ConfigMap>> = {},
): Promise<Followed> {
  const stop = new AbortController();
  const lines: string[] = [];
  const changes: Change[] = [];
  const informer = new Informer<ConfigMap>({
    cluster,
    definition: configMaps,
    namespace: namespace.name,
    labelSelector: `test=${label}`,
    freeze: true,
    ...options,
  });
  informer.onChange((object, _, change) => {
    changes.push(change);
    lines.push(`${change.type} ${object.metadata.name} ${object.data?.['n']}`);
  });
  informer.start(stop.signal);
  await informer.synced();
  return {
    informer,
    lines,
    changes,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await informer.stopped;
      if (cluster !== namespace.cluster) await cluster.close();
    },
  };
}

/** A connection that goes through the proxy and waits at most 10 s for an answer. */
export function clusterVia(
  kubeconfigPath: string,
  proxy: TcpProxy,
  requestTimeoutMs = 10_000,
): Cluster {
  return connectCluster({
    name: 'hub',
    kubeConfig: kubeConfigVia(kubeconfigPath, proxy.url),
    userAgent: 'gridlease-kube-test',
    requestTimeoutMs,
  });
}

/** How many watches of this cluster ended in this way. */
export async function endsOf(cluster: Cluster, reason: string): Promise<number> {
  const { values } = await cluster.registry
    .getSingleMetric('gridlease_informer_watch_ends_total')!
    .get();
  return values.find(({ labels }) => labels['reason'] === reason)?.value ?? 0;
}
