import type { Federation } from '../cluster/federation.ts';
import { condition, type Lease } from '../demo/receipts.ts';

/** A lease as far as these suites read it. */
export type Attempt = Lease & {
  readonly metadata: { readonly creationTimestamp: string };
  readonly spec: {
    readonly epoch: number;
    readonly tasks: { readonly indexes: string };
    readonly lost?: { readonly time: string; readonly reason: string; readonly message: string };
  };
};

const api = '/apis/gridlease.dev/v1alpha1';

/** All attempts of a job, the first one first. */
export async function attemptsOf(
  { hub }: Pick<Federation, 'hub'>,
  jobUid: string,
): Promise<readonly Attempt[]> {
  const { items } = await hub.client.get<{ items: Attempt[] }>(
    `${api}/gpuleases?labelSelector=gridlease.dev%2Fjob-uid%3D${jobUid}`,
  );
  return items.sort((a, b) => a.spec.epoch - b.spec.epoch);
}

/** When the hub stored the provider's last heartbeat, unix milliseconds. */
export async function lastRenewalMs(
  { hub }: Pick<Federation, 'hub'>,
  provider: string,
): Promise<number> {
  const lease = await hub.client.get<{ spec: { renewTime: string } }>(
    `/apis/coordination.k8s.io/v1/namespaces/gridlease-provider-${provider}/leases/agent`,
  );
  return Date.parse(lease.spec.renewTime);
}

/** A condition of a provider at the hub, as "Status Reason: message". */
export async function providerSays(
  { hub }: Pick<Federation, 'hub'>,
  provider: string,
  type: string,
): Promise<
  { readonly status: string; readonly reason: string; readonly message: string } | undefined
> {
  return condition(await hub.client.get(`${api}/gpuproviders/${provider}`), type);
}
