import { escrowDomain } from '@gridlease/contracts/domain';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { identityOf } from '../billing/parse.ts';
import { billedOf } from './accountMoney.ts';

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
    const said = billedOf(lease);
    const { settlement } = lease.status ?? {};
    const channel = byName.get(keyOf({ ...lease.metadata, name: lease.spec.channelName }));
    // The id that the lease shows is the provider's word as well.
    const own =
      settlement !== undefined || channel === undefined
        ? BigInt(settlement?.amount ?? 0)
        : (signed.get(identityOf(lease, escrowDomain(channel)).leaseId) ?? 0n);
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
