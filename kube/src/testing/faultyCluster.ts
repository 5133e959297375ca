import { dirname, join } from 'node:path';
import { type FaultProxy, startFaultProxy } from '@gridlease/e2e/chaos/faultProxy';
import { type Cluster, type ClusterOptions, connectCluster } from '../cluster.ts';
import { kubeConfigVia } from './testNamespace.ts';

export type FaultyCluster = AsyncDisposable & {
  readonly proxy: FaultProxy;
  readonly cluster: Cluster;
};

/** A connection to the hub of the tests' environment through a proxy that fails on command. */
export async function aFaultyCluster(
  kubeconfigPath: string,
  options: Partial<ClusterOptions> = {},
): Promise<FaultyCluster> {
  const certificates = join(dirname(kubeconfigPath), 'hub-apiserver-certificates');
  const proxy = await startFaultProxy({
    server: kubeConfigVia(kubeconfigPath).getCurrentCluster()!.server,
    certificateFile: join(certificates, 'apiserver.crt'),
    keyFile: join(certificates, 'apiserver.key'),
  });
  const cluster = connectCluster({
    name: 'hub',
    kubeConfig: kubeConfigVia(kubeconfigPath, proxy.url),
    userAgent: 'gridlease-kube-test',
    requestTimeoutMs: 5_000,
    ...options,
  });
  return {
    proxy,
    cluster,
    async [Symbol.asyncDispose]() {
      await cluster.close();
      await proxy[Symbol.asyncDispose]();
    },
  };
}
