import type { Manifest } from '../cluster/apiClient.ts';
import { waitFor } from '../cluster/waitFor.ts';
import type { PodList } from '../demo/checker/pods.ts';
import { type Attempt, attemptsOf } from './hubView.ts';
import type { World } from './world.ts';

/** Applies a job until it is there; its UID. */
export async function submit({ federation, signal }: World, job: Manifest): Promise<string> {
  const applied = await waitFor(() => federation.hub.client.apply(job), {
    what: `job ${job.metadata.name}`,
    signal,
  });
  return applied.metadata.uid ?? '';
}

/** Waits until `tasks` pods of the job run; its first lease. */
export function untilRunning(world: World, jobUid: string, tasks: number): Promise<Attempt> {
  return waitFor(
    async () => {
      const attempts = await attemptsOf(world.federation, jobUid);
      const pods = attempts.flatMap((lease) => podsOf(world, lease.spec.providerName, lease));
      const running = pods.filter(({ status }) => status?.phase === 'Running');
      return running.length >= tasks ? attempts[0] : undefined;
    },
    { what: `${tasks} running pods`, timeoutMilliseconds: 120_000, signal: world.signal },
  );
}

/** The pods of a lease, as they were seen last. */
export function podsOf(
  { recorders }: Pick<World, 'recorders'>,
  provider: string,
  lease: Attempt,
): PodList['items'] {
  const recorder = recorders.find((candidate) => candidate.provider === provider);
  return (recorder?.pods() ?? []).filter(
    ({ metadata }) => metadata.labels?.['gridlease.dev/lease-uid'] === lease.metadata.uid,
  );
}
