import type { EscrowDomain } from '@gridlease/contracts/domain';
import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseIsSettled } from '@gridlease/crds/leaseState';
import type { PaymentChannel, PaymentChannelSpec } from '@gridlease/crds/paymentchannel';
import { MAX_FINALS } from './gather.ts';
import { identityOf } from './parse.ts';

type Final = PaymentChannelSpec['finals'][number];

/** Whether a lease that was given up still lacks its way to the chain; cheap, from caches. */
export function lacksFinal({ metadata, spec }: PaymentChannel, lease: GPULease): boolean {
  return (
    lease.spec.lost !== undefined &&
    lease.spec.channelName === metadata.name &&
    lease.spec.terms.generation === spec.generation &&
    lease.status?.acceptance !== undefined &&
    !leaseIsSettled(lease) &&
    !spec.finals.some(({ leaseName }) => leaseName === lease.metadata.name)
  );
}

/**
 * What lost leases cost in the end: what was accepted of them before, whether their provider ever comes
 * back with a last row or not. The newest voucher covers it, for every accepted row is in its sum. As
 * many as the channel has room for.
 */
export function lostFinals(
  channel: PaymentChannel,
  leases: readonly GPULease[],
  domain: EscrowDomain,
): readonly Final[] {
  const { spec } = channel;
  const { accepted, voucher, generation } = spec;
  const rows = accepted?.generation === generation ? accepted.rows : [];
  const cumulative = voucher?.generation === generation ? voucher.cumulative : '0';
  return leases
    .filter((lease) => lacksFinal(channel, lease))
    .slice(0, Math.max(0, MAX_FINALS - spec.finals.length))
    .map((lease) => {
      const { leaseId } = identityOf(lease, domain);
      const row = rows.find((one) => one.leaseId === leaseId);
      const { gpuMs = '0', amount = '0' } = row ?? {};
      return { leaseId, leaseName: lease.metadata.name, gpuMs, amount, cumulative };
    });
}
