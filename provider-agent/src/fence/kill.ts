import { LABEL_LEASE_UID } from '@gridlease/crds/labels';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import { toKubeTime } from '@gridlease/kube/conditions';
import { describeError } from '@gridlease/kube/errors';
import type { KubeObject } from '@gridlease/kube/object';
import type { FenceDeps, FencedPod } from './deps.ts';

/** A lease whose pods are to go, and how long they may take. */
export type Condemned = { readonly record: LeaseRecord; readonly graceSeconds: number };

/** So many uids fit into the address of one request. */
const mostInSelector = 50;

/**
 * Notes on the records that no replica starts pods again, and takes away what there is. From fresh
 * lists, not from caches: what was created a moment ago counts. May be repeated until nothing is left.
 * Returns the number of pods that were still alive.
 */
export async function kill(
  condemned: readonly Condemned[],
  deps: FenceDeps,
  signal: AbortSignal,
): Promise<number> {
  // Killing doesn't wait for the mark: what comes back before it is written is killed again.
  await Promise.all(condemned.map(({ record }) => mark(record, deps, signal)));
  const graces = new Map(condemned.map((one) => [one.record.metadata.name, one.graceSeconds]));
  const isDoomed = (object: KubeObject): boolean => graces.has(leaseUidOf(object));
  const labelSelector = selectorFor([...graces.keys()]);
  const { clients } = deps;
  const kinds = [clients.deployments, clients.replicaSets, clients.jobs];
  const [deployments, replicaSets, jobs] = await Promise.all(
    kinds.map(async (client) =>
      (await client.list({ labelSelector, signal })).items.filter(isDoomed),
    ),
  );
  await deps.remove(
    { deployments: deployments!, replicaSets: replicaSets!, jobs: jobs! },
    { signal },
  );
  // After their owners: none of these is replaced any more.
  const pods = (await clients.pods.list({ labelSelector, signal })).items.filter(
    (pod) => isDoomed(pod) && isAlive(pod),
  );
  const nowMs = deps.clock.now().getTime();
  await Promise.all(
    pods.map(async (pod) => {
      const gracePeriodSeconds = graces.get(leaseUidOf(pod))!;
      // The time by which it is to be gone, also when it was asked before and given longer.
      const dueMs = Date.parse(pod.metadata.deletionTimestamp ?? '');
      if (dueMs <= nowMs + (gracePeriodSeconds + 1) * 1000) return;
      await deps.remove({ pods: [pod] }, { gracePeriodSeconds, signal });
    }),
  );
  return pods.length;
}

async function mark(record: LeaseRecord, deps: FenceDeps, signal: AbortSignal): Promise<void> {
  const { metadata, spec } = record;
  if (spec.fenced !== undefined || spec.state === 'Ended') return;
  const patch = {
    metadata: { uid: metadata.uid },
    spec: { fenced: toKubeTime(deps.clock.now()) },
  };
  try {
    const options = { fieldManager: 'gridlease-fence', signal };
    deps.informers.records.observe(await deps.clients.records.mergePatch(metadata, patch, options));
  } catch (error) {
    deps.log.warn(
      { error: describeError(error), lease: spec.leaseRef.name },
      'Not marked as fenced',
    );
  }
}

function leaseUidOf(object: KubeObject): string {
  return object.metadata.labels?.[LABEL_LEASE_UID] ?? '';
}

function selectorFor(uids: readonly string[]): string {
  return uids.length > mostInSelector
    ? LABEL_LEASE_UID
    : `${LABEL_LEASE_UID} in (${uids.join(',')})`;
}

function isAlive({ status }: FencedPod): boolean {
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}
