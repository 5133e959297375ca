import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { WorkloadDocument } from '@gridlease/crds/workloadDocument';
import type { RunDeps } from './deps.ts';
import { readDocument } from './documents.ts';
import type { LeaseIdentity } from './labels.ts';
import { tenantNamespace } from './names.ts';

/** A lease as the run stage works on it: its record with the parsed document and derived names. */
export type RunningLease = {
  readonly record: LeaseRecord;
  readonly uid: string;
  readonly document: WorkloadDocument;
  readonly identity: LeaseIdentity;
  readonly namespace: string;
};

/** Reads a record. Throws when its document isn't one: it was checked before it was stored. */
export function readLease(record: LeaseRecord, deps: RunDeps): RunningLease {
  const document = readDocument(record.spec.workloadDocument);
  const { leaseRef, jobRef, epoch } = record.spec;
  const { providerName, managedBy } = deps;
  const identity = {
    providerName,
    managedBy,
    hub: deps.hub.label,
    leaseUid: leaseRef.uid,
    epoch,
    job: jobRef,
  };
  const namespace = tenantNamespace(deps.hub.id, jobRef.namespace);
  return { record, uid: leaseRef.uid, document, identity, namespace };
}
