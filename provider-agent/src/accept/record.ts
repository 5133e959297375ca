import { signAcceptance } from '@gridlease/contracts/acceptance';
import { uidToBytes32 } from '@gridlease/contracts/ids';
import type { GPULease } from '@gridlease/crds/gpulease';
import {
  API_VERSION,
  LABEL_JOB_NAME,
  LABEL_JOB_UID,
  LABEL_LEASE_UID,
} from '@gridlease/crds/labels';
import { type LeaseRecord, leaseRecord } from '@gridlease/crds/leaserecord';
import { leaseParentOf, withTraceparent } from '@gridlease/crds/traces';
import type { Hex } from 'viem';
import type { AcceptDeps } from './deps.ts';
import type { ChannelFacts } from './facts.ts';

/**
 * The agent's durable memory of a lease that it is about to accept, with the signature that the hub
 * will get. Everything that running and billing need is in it: neither asks the hub again.
 */
export async function acceptedRecord(
  lease: GPULease,
  facts: { readonly leaseId: Hex; readonly workloadDocument: string },
  deps: AcceptDeps,
): Promise<LeaseRecord> {
  const { spec, metadata } = lease;
  const uid = metadata.uid!;
  const acceptedMs = BigInt(deps.clock.now().getTime());
  const leaseUid = uidToBytes32(uid);
  const { leaseId, workloadDocument } = facts;
  const message = { leaseId, leaseUid, acceptedMs };
  const signature = await signAcceptance(deps.agent, deps.domain, message);
  const agent = deps.agent.address;
  const record: LeaseRecord = {
    apiVersion: API_VERSION,
    kind: leaseRecord.resource.kind,
    metadata: {
      namespace: deps.recordNamespace,
      name: uid,
      labels: {
        [LABEL_LEASE_UID]: uid,
        [LABEL_JOB_UID]: spec.jobRef.uid,
        [LABEL_JOB_NAME]: spec.jobRef.name,
      },
    },
    spec: {
      hub: deps.hubName,
      leaseRef: { namespace: deps.hubNamespace, name: metadata.name, uid },
      jobRef: spec.jobRef,
      leaseId,
      terms: spec.terms,
      termsSignature: spec.termsSignature,
      tasks: spec.tasks,
      epoch: spec.epoch,
      product: spec.product,
      workloadDocument,
      channelName: spec.channelName,
      acceptance: { leaseUid, acceptedMs: String(acceptedMs), agent, signature },
      desiredState: spec.desiredState,
      state: 'Accepted',
    },
  };
  return withTraceparent(record, () => leaseParentOf(lease));
}

/** What the agent's own records say about a channel, and about terms on it that it is asked to accept. */
export function channelRecordsOf(
  records: readonly LeaseRecord[],
  asked: { readonly channelName: string; readonly leaseId: Hex; readonly leaseUid: string },
): Pick<ChannelFacts, 'openLeases' | 'acceptedAs'> {
  const { channelName, leaseId, leaseUid } = asked;
  // Ended ones too: a row that the payer refuses stays listed, and takes the place of another for ever.
  const open = records.filter(
    ({ spec }) => spec.channelName === channelName && spec.meter?.folded !== true,
  );
  const twin = records.find(
    ({ spec }) => spec.leaseId === leaseId && spec.leaseRef.uid !== leaseUid,
  );
  return { openLeases: open.length, acceptedAs: twin?.spec.leaseRef.name };
}
