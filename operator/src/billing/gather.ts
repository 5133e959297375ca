import { recoverAcceptance } from '@gridlease/contracts/acceptance';
import type { EscrowDomain } from '@gridlease/contracts/domain';
import { hashUsageRow, usageRowsRoot } from '@gridlease/contracts/usageRow';
import { hashUsageStatement, recoverUsageStatement } from '@gridlease/contracts/usageStatement';
import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseIsLost, leaseIsSettled } from '@gridlease/crds/leaseState';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { getCondition } from '@gridlease/kube/conditions';
import type { Address, Hex } from 'viem';
import type { AcceptanceFacts, LeaseFacts, Refusal, StatementFacts } from './facts.ts';
import { acceptedOf, channelRefOf, identityOf, rowOf, statementOf } from './parse.ts';

/** What the gatherer asks of its surroundings. */
export type Surroundings = {
  readonly domain: EscrowDomain;
  /**
   * The lease of a row, undefined when the hub has none of that name. With `isNew` the lease as it is
   * stored now: its row is not counted yet, and one that was settled meanwhile must not count again.
   */
  readonly findLease: (
    name: string,
    options: { readonly isNew: boolean },
  ) => Promise<GPULease | undefined>;
  readonly grantRefusal: (agent: Address) => Promise<Refusal | undefined>;
  readonly receivedMs: number;
  readonly lastHeartbeatMs: number | undefined;
  readonly skewMs: number;
  readonly heartbeatToleranceMs: number;
};

/** The most ended leases that a PaymentChannel lists. */
export const MAX_FINALS = 256;

/** Everything that decides about the channel's statement; undefined when there is none. */
export async function gatherFacts(
  channel: PaymentChannel,
  around: Surroundings,
): Promise<StatementFacts | undefined> {
  const stated = channel.status?.statement;
  if (stated === undefined) return undefined;
  const { domain } = around;
  const ref = channelRefOf(channel);
  const statement = statementOf(stated, ref);
  const ending = new Set(channel.spec.finals.map(({ leaseId }) => leaseId));
  const rows = (channel.status?.rows ?? []).map((on) => ({ row: rowOf(on), name: on.leaseName }));
  const accepted = acceptedOf(channel);
  const counted = new Set(accepted?.rows.map(({ leaseId }) => leaseId));
  const leases = await Promise.all(
    rows.map(async ({ row, name }) => {
      const lease = await around.findLease(name, { isNew: !counted.has(row.leaseId) });
      return lease === undefined ? undefined : leaseFacts(lease, domain, ending);
    }),
  );
  const { spec } = channel;
  const sameGeneration = spec.accepted?.generation === spec.generation;
  return {
    channel: ref,
    statement,
    statedHash: stated.hash,
    hash: hashUsageStatement(domain, statement),
    agent: stated.agent,
    signer: await recoverUsageStatement(domain, statement, stated.signature).catch(() => undefined),
    grantRefusal: await around.grantRefusal(stated.agent),
    rowsRoot: usageRowsRoot(rows.map(({ row }) => row)),
    rows: rows.map(({ row, name }, index) => ({
      row,
      hash: hashUsageRow(row),
      leaseName: name,
      lease: leases[index],
    })),
    accepted,
    repliedHash: sameGeneration ? spec.reply?.statementHash : undefined,
    voucherCumulative:
      spec.voucher?.generation === spec.generation ? BigInt(spec.voucher.cumulative) : 0n,
    receivedMs: BigInt(around.receivedMs),
    lastHeartbeatMs:
      around.lastHeartbeatMs === undefined ? undefined : BigInt(around.lastHeartbeatMs),
    skewMs: BigInt(around.skewMs),
    heartbeatToleranceMs: BigInt(around.heartbeatToleranceMs),
    finalsCount: spec.finals.length,
    maxFinals: MAX_FINALS,
  };
}

async function leaseFacts(
  lease: GPULease,
  domain: EscrowDomain,
  ending: ReadonlySet<Hex>,
): Promise<LeaseFacts> {
  const { leaseId, terms, uid } = identityOf(lease, domain);
  return {
    leaseId,
    name: lease.metadata.name,
    createdMs: BigInt(Date.parse(lease.metadata.creationTimestamp ?? '') || 0),
    terms,
    acceptance: await acceptanceFacts(lease, domain, leaseId, uid),
    withdrawn: lease.spec.desiredState === 'Withdrawn',
    stoppedMs:
      lease.spec.stopTime === undefined ? undefined : BigInt(Date.parse(lease.spec.stopTime)),
    endedMs: reportedEndMs(lease),
    lost: leaseIsLost(lease),
    ended: ending.has(leaseId) || leaseIsSettled(lease),
  };
}

/** The end counts once it is said that it is one; admission policy keeps it as it was said first. */
function reportedEndMs({ status }: GPULease): bigint | undefined {
  const succeeded = getCondition(status?.conditions, 'Succeeded')?.status;
  if (succeeded !== 'True' && succeeded !== 'False') return undefined;
  const endMs = Date.parse(status?.endTime ?? '');
  return Number.isNaN(endMs) ? undefined : BigInt(endMs);
}

async function acceptanceFacts(
  lease: GPULease,
  domain: EscrowDomain,
  leaseId: Hex,
  expectedUid: Hex,
): Promise<AcceptanceFacts | undefined> {
  const on = lease.status?.acceptance;
  if (on === undefined) return undefined;
  const message = { leaseId, leaseUid: on.leaseUid, acceptedMs: BigInt(on.acceptedMs) };
  const signer = await recover(domain, message, on.signature);
  return { ...message, expectedUid, agent: on.agent, signer };
}

/** Recovering costs about a millisecond and the same acceptance comes with every statement. */
const recovered = new Map<Hex, { readonly leaseId: Hex; readonly signer: Address | undefined }>();
const MOST_RECOVERED = 10_000;

async function recover(
  domain: EscrowDomain,
  message: Parameters<typeof recoverAcceptance>[1],
  signature: Hex,
): Promise<Address | undefined> {
  const key: Hex = `${message.leaseUid}${message.acceptedMs.toString(16)}/${signature.slice(2)}`;
  const known = recovered.get(key);
  if (known?.leaseId === message.leaseId) return known.signer;
  const signer = await recoverAcceptance(domain, message, signature).catch(() => undefined);
  if (recovered.size >= MOST_RECOVERED) recovered.clear();
  recovered.set(key, { leaseId: message.leaseId, signer });
  return signer;
}
