import type { ApiClient } from '../cluster/apiClient.ts';
import { waitFor } from '../cluster/waitFor.ts';

/** A namespace of a provider's cluster for pods of a test's own, as strict as a tenant's. */
export type PodSpace = {
  readonly name: string;
  /** Applies an object in the namespace. */
  apply(object: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string };
  }): Promise<unknown>;
  /** Starts a pod that runs a script in Node; `labels` are for Services to find it. */
  start(pod: PodOptions): Promise<void>;
  /** Waits until the pod has ended well, and returns what it has printed. Throws its output when it failed. */
  output(name: string): Promise<string>;
  /** Waits for its address, which it has while it runs. */
  address(name: string): Promise<string>;
};

export type PodOptions = {
  readonly name: string;
  readonly script: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Default false. Whether it has its namespace's account. */
  readonly hasAccount?: boolean;
  /** Default none. It is ready once something answers there. */
  readonly port?: number;
};

type Pod = {
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
};

/** `image` is one on the node that has Node in its PATH. */
export const openPodSpace = async (
  client: ApiClient,
  name: string,
  image: string,
): Promise<PodSpace> => {
  const pods = `/api/v1/namespaces/${name}/pods`;
  await client.apply({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  });
  await waitFor(() => client.find(`/api/v1/namespaces/${name}/serviceaccounts/default`), {
    what: `the account of namespace ${name}`,
  });
  const read = (pod: string) => client.get<Pod>(`${pods}/${pod}`);
  const log = (pod: string) => client.get<string>(`${pods}/${pod}/log`);
  return {
    name,
    apply: ({ metadata, ...object }) =>
      client.apply({ ...object, metadata: { ...metadata, namespace: name } }),
    start: async ({ name: pod, script, labels = {}, env = {}, hasAccount = false, port }) => {
      await client.request('POST', pods, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: pod, labels },
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: hasAccount,
          terminationGracePeriodSeconds: 1,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'script',
              image,
              imagePullPolicy: 'IfNotPresent',
              command: ['node', '-e', script],
              env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
              ...(port && { readinessProbe: { tcpSocket: { port }, periodSeconds: 1 } }),
            },
          ],
        },
      });
    },
    output: async (pod) => {
      await waitFor(
        async () => {
          const { status } = await read(pod);
          if (status?.phase === 'Failed') throw new Error(`${pod} failed: ${await log(pod)}`);
          return status?.phase === 'Succeeded';
        },
        { what: `the end of ${pod}`, timeoutMilliseconds: 90_000, intervalMilliseconds: 250 },
      );
      return log(pod);
    },
    address: (pod) =>
      waitFor(
        async () => {
          const { status } = await read(pod);
          const isReady = status?.conditions?.some(
            (one) => one.type === 'Ready' && one.status === 'True',
          );
          return isReady === true && status?.podIP;
        },
        { what: `${pod} ready`, timeoutMilliseconds: 60_000, intervalMilliseconds: 250 },
      ).then(String),
  };
};
