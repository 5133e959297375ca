import type { EscrowDomain } from '@gridlease/contracts/domain';
import { uidToBytes32 } from '@gridlease/contracts/ids';
import { hashLeaseTerms, type LeaseTerms } from '@gridlease/contracts/leaseTerms';
import type { ChannelRef } from '@gridlease/contracts/typedData';
import type { UsageRow } from '@gridlease/contracts/usageRow';
import type { UsageStatement } from '@gridlease/contracts/usageStatement';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { LeaseTermsOnObject } from '@gridlease/crds/leaseTerms';
import type { PaymentChannel, PaymentChannelSpec } from '@gridlease/crds/paymentchannel';
import type { UsageRowOnObject, UsageStatementOnObject } from '@gridlease/crds/statement';
import type { Hex } from 'viem';
import type { AcceptedStatement } from './facts.ts';

/** Objects to the messages that are signed: strings become bigint, nothing else happens. */

export function channelRefOf({ spec }: PaymentChannel): ChannelRef {
  const { tenant, provider, signer, generation } = spec;
  return { tenant, provider, signer, generation };
}

export function statementOf(on: UsageStatementOnObject, channel: ChannelRef): UsageStatement {
  return {
    ...channel,
    seq: BigInt(on.seq),
    atMs: BigInt(on.atMs),
    rowCount: on.rowCount,
    rowsRoot: on.rowsRoot,
    foldedAmount: BigInt(on.foldedAmount),
    foldedHead: on.foldedHead,
    cumulative: BigInt(on.cumulative),
    prev: on.prev,
  };
}

export function rowOf(on: UsageRowOnObject): UsageRow {
  return {
    leaseId: on.leaseId,
    fromMs: BigInt(on.fromMs),
    toMs: BigInt(on.toMs),
    gpuMs: BigInt(on.gpuMs),
    amount: BigInt(on.amount),
    credit: BigInt(on.credit),
    segmentsRoot: on.segmentsRoot,
    last: on.last,
  };
}

export function termsOf(on: LeaseTermsOnObject): LeaseTerms {
  return {
    ...on,
    hubEpoch: BigInt(on.hubEpoch),
    pricePerGpuHour: BigInt(on.pricePerGpuHour),
    maxAmount: BigInt(on.maxAmount),
    acceptBy: BigInt(on.acceptBy),
  };
}

/** What was answered last in the channel's present generation. */
export function acceptedOf({ spec }: PaymentChannel): AcceptedStatement | undefined {
  const { accepted } = spec;
  if (accepted === undefined || accepted.generation !== spec.generation) return undefined;
  return {
    generation: accepted.generation,
    seq: BigInt(accepted.seq),
    foldedAmount: BigInt(accepted.foldedAmount),
    foldedHead: accepted.foldedHead,
    rows: accepted.rows.map(({ leaseId, gpuMs, amount, last, rowHash }) => ({
      leaseId,
      gpuMs: BigInt(gpuMs),
      amount: BigInt(amount),
      last,
      ...(rowHash === undefined ? {} : { rowHash }),
    })),
  };
}

export function acceptedToObject(
  accepted: AcceptedStatement,
): NonNullable<PaymentChannelSpec['accepted']> {
  return {
    generation: accepted.generation,
    seq: accepted.seq.toString(),
    foldedAmount: accepted.foldedAmount.toString(),
    foldedHead: accepted.foldedHead,
    rows: accepted.rows.map(({ leaseId, gpuMs, amount, last, rowHash }) => ({
      leaseId,
      gpuMs: gpuMs.toString(),
      amount: amount.toString(),
      last,
      ...(rowHash === undefined ? {} : { rowHash }),
    })),
  };
}

type Identity = { readonly leaseId: Hex; readonly terms: LeaseTerms; readonly uid: Hex };

const identities = new Map<string, Identity>();
const MOST_IDENTITIES = 20_000;

/**
 * The id of a lease and its terms as messages. Remembered, since a digest of terms costs a millisecond
 * and 256 rows come with every statement; a spec that changes has another generation.
 */
export function identityOf(lease: GPULease, domain: EscrowDomain): Identity {
  const { uid = '', generation = 0 } = lease.metadata;
  const key = `${uid}/${generation}/${domain.chainId}/${domain.verifyingContract}`;
  const known = identities.get(key);
  if (known !== undefined) return known;
  const terms = termsOf(lease.spec.terms);
  const identity = { leaseId: hashLeaseTerms(domain, terms), terms, uid: uidToBytes32(uid) };
  if (identities.size >= MOST_IDENTITIES) identities.clear();
  identities.set(key, identity);
  return identity;
}
