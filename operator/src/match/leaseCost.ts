import { amountFor } from '@gridlease/contracts/amount';
import { escrowDomain } from '@gridlease/contracts/domain';
import { hashLeaseTerms } from '@gridlease/contracts/leaseTerms';
import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseIsLost } from '@gridlease/crds/leaseState';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import type { Hex } from 'viem';

/** Cost so far by the lease's own status, exact in smallest units; never more than it may cost. */
export function billedOf({ spec, status }: GPULease): bigint {
  const { pricePerGpuHour, maxAmount } = spec.terms;
  const due = amountFor(BigInt(pricePerGpuHour), BigInt(status?.gpuMilliseconds ?? 0));
  return due < BigInt(maxAmount) ? due : BigInt(maxAmount);
}

/**
 * What an ended lease has cost, smallest units: what it says itself, but never less than what this hub
 * signed for. A provider that bills one figure and shows a smaller one must not have it paid twice.
 */
export function costReader(channels: readonly PaymentChannel[]): (lease: GPULease) => bigint {
  const signed = new Map<string, bigint>();
  for (const { spec } of channels) {
    for (const { leaseId, amount } of [...(spec.accepted?.rows ?? []), ...spec.finals]) {
      const before = signed.get(leaseId) ?? 0n;
      if (BigInt(amount) > before) signed.set(leaseId, BigInt(amount));
    }
  }
  const byName = new Map(channels.map((channel) => [keyOf(channel.metadata), channel.spec]));
  return (lease) => {
    // Of a lost one what its provider says later is not paid.
    const said = leaseIsLost(lease) ? 0n : billedOf(lease);
    const { settlement } = lease.status ?? {};
    const channel = byName.get(keyOf({ ...lease.metadata, name: lease.spec.channelName }));
    // The id that the lease shows is the provider's word as well.
    const own =
      settlement !== undefined || channel === undefined
        ? BigInt(settlement?.amount ?? 0)
        : (signed.get(leaseIdOf(lease, channel)) ?? 0n);
    return own > said ? own : said;
  };
}

function keyOf({
  namespace,
  name,
}: {
  readonly namespace?: string;
  readonly name: string;
}): string {
  return `${namespace}/${name}`;
}

const leaseIds = new WeakMap<GPULease, Hex>();

/** The digest of a lease's terms; remembered, since it costs a millisecond. */
export function leaseIdOf(
  lease: GPULease,
  channel: Pick<PaymentChannel['spec'], 'chainId' | 'escrow'>,
): Hex {
  const known = leaseIds.get(lease);
  if (known !== undefined) return known;
  const { terms } = lease.spec;
  const leaseId = hashLeaseTerms(escrowDomain(channel), {
    ...terms,
    hubEpoch: BigInt(terms.hubEpoch),
    pricePerGpuHour: BigInt(terms.pricePerGpuHour),
    maxAmount: BigInt(terms.maxAmount),
    acceptBy: BigInt(terms.acceptBy),
  });
  leaseIds.set(lease, leaseId);
  return leaseId;
}
