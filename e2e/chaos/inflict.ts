import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../cluster/apiClient.ts';
import { waitFor } from '../cluster/waitFor.ts';
import { CHAIN_RPC, type Fault } from './fault.ts';
import type { World } from './world.ts';

/** Lets one fault happen at its millisecond, and ends it: resolves when the program is started again. */
export async function inflict(fault: Fault, world: World): Promise<void> {
  const { chain, signal } = world;
  const { processes, hub, providers } = world.federation;
  await sleep(fault.atMs, undefined, { signal });
  if (fault.target === CHAIN_RPC) {
    try {
      if (fault.kind === 'freeze') chain.freeze();
      else await chain.refuse();
      await sleep(fault.downMs, undefined, { signal });
    } finally {
      await chain.restore();
    }
    return;
  }
  await processes.kill(fault.target);
  await sleep(fault.downMs, undefined, { signal });
  const simulated = providers.find(({ name }) => `${name}-kwok` === fault.target);
  if (simulated !== undefined) await endNodeLeases(simulated.client);
  processes.startAgain(fault.target);
  const server = [hub, ...providers].find(({ name }) => `${name}-apiserver` === fault.target);
  if (server === undefined) return;
  await waitFor(async () => (await server.client.get('/readyz')) !== undefined, {
    what: `${fault.target} ready again`,
    timeoutMilliseconds: 90_000,
    signal,
  });
  world.audit.read(server.name);
}

/**
 * A kubelet that starts again goes on with its node's Lease. The simulator calls itself something else each time, and
 * would wait 40 s until the Leases of the one before it have run out.
 */
async function endNodeLeases(client: ApiClient): Promise<void> {
  const path = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  const { items } = await client.get<{ items: { metadata: { name: string } }[] }>(path);
  const body = { spec: { leaseDurationSeconds: 1 } };
  for (const { metadata } of items) {
    await client.request('PATCH', `${path}/${metadata.name}`, body, 'application/merge-patch+json');
  }
}
