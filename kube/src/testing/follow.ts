import { parseArgs } from 'node:util';
import { configMaps } from '../builtins.ts';
import { connectCluster } from '../cluster.ts';
import { Informer } from '../informer.ts';
import type { KubeObject } from '../object.ts';
import { kubeConfigVia } from './testNamespace.ts';

/**
 * A process of its own that writes every change of the ConfigMaps in a namespace as a line
 * `<type> <name> <uid> <data.n>`: here an unhandled rejection ends the process, as it would in
 * production. Ends with status 0 on SIGTERM.
 */
const { values } = parseArgs({
  options: {
    kubeconfig: { type: 'string' },
    server: { type: 'string' },
    namespace: { type: 'string' },
  },
});

const cluster = connectCluster({
  name: 'hub',
  kubeConfig: kubeConfigVia(values.kubeconfig!, values.server!),
  userAgent: 'gridlease-kube-test-follow',
});
const stop = new AbortController();
const informer = new Informer<KubeObject & { readonly data?: { readonly n?: string } }>({
  cluster,
  definition: configMaps,
  namespace: values.namespace!,
  labelSelector: 'followed=yes',
  freeze: true,
});
informer.onChange((object, _, change) => {
  const { name, uid } = object.metadata;
  process.stdout.write(`${change.type} ${name} ${uid} ${object.data?.n}\n`);
});
process.on('SIGTERM', () => stop.abort());
informer.start(stop.signal);
await informer.synced(stop.signal);
process.stdout.write('synced\n');
await informer.stopped;
await cluster.close();
