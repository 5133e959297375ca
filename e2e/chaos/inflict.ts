import { setTimeout as sleep } from 'node:timers/promises';
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
