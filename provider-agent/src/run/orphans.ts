import { LABEL_HUB, LABEL_MANAGED_BY, LABEL_PROVIDER } from '@gridlease/crds/labels';
import type { KubeObject } from '@gridlease/kube/object';
import type { RunDeps } from './deps.ts';
import { leasePolicyName } from './names.ts';

/**
 * Removes what was made for a lease that this agent has no record of: pods that nobody meters and nobody
 * pays for. The record is asked for anew, since a cache may not have it yet; and only what this agent
 * made for this hub is touched. Returns whether there was anything.
 */
export async function removeOrphans(
  uid: string,
  deps: RunDeps,
  signal: AbortSignal,
): Promise<boolean> {
  const { informers, clients, recordNamespace } = deps;
  const isOurs = ({ metadata: { labels } }: KubeObject): boolean =>
    labels?.[LABEL_MANAGED_BY] === deps.managedBy &&
    labels[LABEL_HUB] === deps.hub.label &&
    labels[LABEL_PROVIDER] === deps.providerName;
  const deployments = informers.deployments.byIndex('leaseUid', uid).filter(isOurs);
  const jobs = informers.jobs.byIndex('leaseUid', uid).filter(isOurs);
  const pods = informers.pods.byIndex('leaseUid', uid).filter(isOurs);
  const first = [...deployments, ...jobs, ...pods][0];
  if (first === undefined) return false;
  const record = await clients.records.find({ namespace: recordNamespace, name: uid }, { signal });
  if (record !== undefined) {
    informers.records.observe(record);
    return false;
  }
  deps.log.warn(
    { lease: uid, name: first.metadata.name },
    'No record of this lease: removing its pods',
  );
  await deps.remove({ deployments, jobs, pods }, { gracePeriodSeconds: deps.stopSeconds, signal });
  const policy = { namespace: first.metadata.namespace ?? '', name: leasePolicyName(uid) };
  const found = await clients.networkPolicies.find(policy, { signal });
  if (found !== undefined) {
    await clients.networkPolicies.delete(policy, { uid: found.metadata.uid ?? '', signal });
  }
  return true;
}
