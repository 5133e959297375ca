import { larger } from '@gridlease/contracts/bigints';
import type { EscrowDomain } from '@gridlease/contracts/domain';
import type { ChannelRecordSpec } from '@gridlease/crds/channelrecord';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import { zeroHash } from 'viem';

/**
 * The record of a channel as its accepted leases require it; undefined when it may stay as it is.
 * The first lease begins it and binds the hub. A lease of a later generation begins the cumulatives
 * anew, once no lease of the old generation runs: what that one left open can't be paid any more.
 */
export function nextChannelRecord(
  current: ChannelRecordSpec | undefined,
  leases: readonly LeaseRecord[],
  domain: EscrowDomain,
): ChannelRecordSpec | undefined {
  const newest = leases.reduce<LeaseRecord | undefined>(
    (best, lease) =>
      best === undefined || lease.spec.terms.generation > best.spec.terms.generation ? lease : best,
    undefined,
  );
  if (newest === undefined) return undefined;
  const { terms, hub } = newest.spec;
  // Of all of them: an old lease that still runs must not hide that the hub was restored since.
  const hubEpoch = leases
    .map(({ spec }) => BigInt(spec.terms.hubEpoch))
    .reduce(larger, 0n)
    .toString();
  const begun = {
    hub,
    hubEpoch,
    channel: {
      tenant: terms.tenant,
      provider: terms.provider,
      signer: terms.signer,
      generation: terms.generation,
      chainId: Number(domain.chainId),
      escrow: domain.verifyingContract,
    },
    rows: [],
    folded: { amount: '0', head: zeroHash },
  };
  if (current === undefined) return { ...begun, retiredGenerations: [] };
  const { generation } = current.channel;
  if (terms.generation > generation) {
    const isOldRunning = leases.some(
      ({ spec }) => spec.terms.generation === generation && spec.state !== 'Ended',
    );
    return isOldRunning
      ? undefined
      : { ...begun, retiredGenerations: [...current.retiredGenerations, generation] };
  }
  return BigInt(hubEpoch) > BigInt(current.hubEpoch) ? { ...current, hubEpoch } : undefined;
}
