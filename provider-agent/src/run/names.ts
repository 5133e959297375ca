import { createHash } from 'node:crypto';

/** The tenant's namespace at the provider: one for each (hub, tenant namespace). */
export function tenantNamespace(hub: string, jobNamespace: string): string {
  return `gridlease-${readable(jobNamespace, 36)}-${digest(`${hub}/${jobNamespace}`)}`;
}

/** The Job of one task. A repeat of the same attempt finds the same name; another epoch another one. */
export function taskName(task: {
  readonly jobName: string;
  readonly leaseUid: string;
  readonly epoch: number;
  readonly index: number;
}): string {
  return `${readable(task.jobName, 30)}-${digest(task.leaseUid)}-e${task.epoch}-${task.index}`;
}

/** The Service of one GPUJob: all its replicas at this provider. */
export function serviceName(job: { readonly name: string; readonly uid: string }): string {
  return `${readable(`s-${job.name}`, 40)}-${digest(job.uid)}`;
}

/** The NetworkPolicy of one lease. */
export function leasePolicyName(leaseUid: string): string {
  return `lease-${digest(leaseUid)}`;
}

/** The name is for people; the digest beside it is what tells two apart. */
function readable(text: string, longest: number): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, longest)
    .replace(/^-+|-+$/g, '');
  return plain === '' ? 'x' : plain;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}
