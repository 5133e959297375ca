import { join } from 'node:path';
import { ApiClient } from '../cluster/apiClient.ts';
import { ensureAssets } from '../cluster/assets.ts';
import { type Federation, startFederation } from '../cluster/federation.ts';
import { terminalProgress } from '../cluster/progress.ts';
import { benchProviders } from './benchJobs.ts';
import type { BenchContext } from './dispatch.ts';
import { type Followed, followAll } from './federationPhase.ts';

export type FollowedFederation = AsyncDisposable & {
  readonly federation: Federation;
  /** Admin of the hub. */
  readonly hub: ApiClient;
  readonly followed: Followed;
};

/** Three providers with a GPU for each job, whose leases and pods are followed from the first on. */
export async function followedFederation(
  jobs: number,
  { dir, say, signal }: BenchContext,
): Promise<FollowedFederation> {
  const progress = terminalProgress();
  await ensureAssets({ progress, signal });
  say('starting a hub and three providers');
  await using stack = new AsyncDisposableStack();
  const federation = stack.use(
    await startFederation({
      providers: benchProviders(jobs),
      dir: join(dir, 'federation'),
      progress,
      signal,
    }),
  );
  const [hub, ...providers] = [federation.hub, ...federation.providers].map(({ apiServer }) => {
    const client = new ApiClient(apiServer.accessAs('bootstrap'));
    stack.defer(() => client.close());
    return client;
  });
  const followed = await followAll(
    federation.providers.map(({ name }, i) => [name, providers[i]!]),
  );
  stack.defer(() => {
    for (const watch of followed.watches) watch.close();
  });
  const owned = stack.move();
  return { federation, hub: hub!, followed, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
