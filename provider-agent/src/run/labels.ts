import {
  LABEL_EPOCH,
  LABEL_HUB,
  LABEL_INDEX,
  LABEL_JOB_NAME,
  LABEL_JOB_NAMESPACE,
  LABEL_JOB_UID,
  LABEL_LEASE_UID,
  LABEL_MANAGED_BY,
  LABEL_PROVIDER,
} from '@gridlease/crds/labels';

export type LeaseIdentity = {
  readonly providerName: string;
  /** The hub's identity as a label value. */
  readonly hub: string;
  readonly managedBy: string;
  readonly leaseUid: string;
  readonly epoch: number;
  readonly job: { readonly namespace: string; readonly name: string; readonly uid: string };
};

/** What everything made for one tenant namespace carries. */
export function tenantLabels(identity: LeaseIdentity): Readonly<Record<string, string>> {
  return {
    [LABEL_MANAGED_BY]: identity.managedBy,
    [LABEL_HUB]: identity.hub,
    [LABEL_PROVIDER]: identity.providerName,
    [LABEL_JOB_NAMESPACE]: identity.job.namespace,
  };
}

/** What everything made for one GPUJob and no lease in particular carries. */
export function jobLabels(identity: LeaseIdentity): Readonly<Record<string, string>> {
  return {
    ...tenantLabels(identity),
    [LABEL_JOB_NAME]: identity.job.name,
    [LABEL_JOB_UID]: identity.job.uid,
  };
}

/** What everything made for one lease carries: ownership across clusters is labels and UIDs. */
export function leaseLabels(identity: LeaseIdentity): Readonly<Record<string, string>> {
  return {
    ...jobLabels(identity),
    [LABEL_LEASE_UID]: identity.leaseUid,
    [LABEL_EPOCH]: String(identity.epoch),
  };
}

/** What the Job and the pod of one task carry. */
export function taskLabels(
  identity: LeaseIdentity,
  index: number,
): Readonly<Record<string, string>> {
  return { ...leaseLabels(identity), [LABEL_INDEX]: String(index) };
}
