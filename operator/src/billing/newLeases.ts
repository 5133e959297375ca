import type { GPULease } from '@gridlease/crds/gpulease';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { newestOf } from '@gridlease/kube/apply';
import { objectKey } from '@gridlease/kube/object';
import { createTurns } from '@gridlease/kube/turns';

/** How many leases are read at a time: a statement that lists hundreds must not hold up what others ask. */
const mostReads = 8;

type Read = (name: string) => Promise<GPULease | undefined>;

export type NewLeases = {
  /** Reads through what is known of the channel as it is. */
  reader(channel: PaymentChannel, read: Read): Read;
  /** What was read for a channel, `namespace/name`, is of no use any more: answered, or gone. */
  forget(key: string): void;
};

/**
 * Leases as they are stored, for rows that are not counted yet. What was read holds for as long as the
 * channel has the same generation: a lease can only be counted, ended and settled by writes of the
 * channel's spec in between. So a look that ran out of time is gone on with, not begun anew.
 */
export function newLeases(): NewLeases {
  const known = new Map<string, { generation: number; leases: Map<string, GPULease> }>();
  const reader: NewLeases['reader'] = (channel, read) => {
    const key = objectKey(channel);
    const generation = channel.metadata.generation ?? 0;
    let entry = known.get(key);
    if (entry?.generation !== generation) {
      entry = { generation, leases: new Map() };
      known.set(key, entry);
    }
    const { leases } = entry;
    const takeTurn = createTurns(mostReads);
    return async (name) => {
      const before = leases.get(name);
      if (before !== undefined) return before;
      const giveOn = await takeTurn(false);
      try {
        const lease = await read(name);
        // Without an answer it can still change in what decides.
        if (lease?.status?.acceptance !== undefined) leases.set(name, lease);
        return lease;
      } finally {
        giveOn();
      }
    };
  };
  return { reader, forget: (key) => void known.delete(key) };
}

/** The one that was stored later; undefined when the lease is gone, whatever the cache says. */
export function newer(
  stored: GPULease | undefined,
  cached: GPULease | undefined,
): GPULease | undefined {
  return stored && newestOf(stored, cached);
}
