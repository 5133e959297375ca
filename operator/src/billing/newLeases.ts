import type { GPULease } from '@gridlease/crds/gpulease';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { objectKey } from '@gridlease/kube/object';

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
    const inTurn = atMost(mostReads);
    return async (name) => {
      const before = leases.get(name);
      if (before !== undefined) return before;
      const lease = await inTurn(() => read(name));
      // Without an answer it can still change in what decides.
      if (lease?.status?.acceptance !== undefined) leases.set(name, lease);
      return lease;
    };
  };
  return { reader, forget: (key) => void known.delete(key) };
}

/** The one that was stored later. */
export function newer(
  stored: GPULease | undefined,
  cached: GPULease | undefined,
): GPULease | undefined {
  if (stored === undefined || cached?.metadata.uid !== stored.metadata.uid) return stored;
  const version = ({ metadata }: GPULease) => BigInt(metadata.resourceVersion ?? 0);
  return version(cached!) > version(stored) ? cached : stored;
}

/** Runs what it is given, so many at a time, in the order in which it came. */
function atMost(most: number): <R>(work: () => Promise<R>) => Promise<R> {
  const lanes: Promise<unknown>[] = Array.from({ length: most }, () => Promise.resolve());
  let next = 0;
  return (work) => {
    const lane = next++ % most;
    const result = lanes[lane]!.then(work, work);
    lanes[lane] = result.catch(() => undefined);
    return result;
  };
}
