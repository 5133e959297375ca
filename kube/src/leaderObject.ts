import { linkedAbort, TimeoutError } from './abort.ts';
import type { Clock, Timers } from './clock.ts';
import { toMicroTime } from './conditions.ts';
import { type ElectionLease, observeLease, type SeenLease } from './leaderDecide.ts';
import type { ResourceClient } from './resources.ts';

const fieldManager = 'gridlease-leader';

/** The Lease as we have written it, and the monotonic milliseconds at which that was sent. */
export type Held = { readonly lease: ElectionLease; readonly sentMs: number };

/** The Lease that the replicas compete for, as one of them reads and writes it. */
export function leaderObject(options: {
  readonly client: Pick<ResourceClient<ElectionLease>, 'find' | 'create' | 'replace'>;
  readonly namespace: string;
  readonly name: string;
  /** Who writes. */
  readonly identity: string;
  readonly durationMs: number;
  /** Longest wait for one answer, in milliseconds. */
  readonly answerMs: number;
  readonly clock: Clock;
  readonly timers: Timers;
}) {
  const { client, namespace, name, identity, clock, timers } = options;
  let seen: SeenLease | undefined;

  const ask = async <R>(call: (signal: AbortSignal) => Promise<R>, signal?: AbortSignal) => {
    using limit = linkedAbort([signal]);
    const timeout = new TimeoutError(`Lease ${namespace}/${name}: no answer in time`);
    const cancel = timers.after(options.answerMs, () => limit.abort(timeout));
    try {
      return await call(limit.signal);
    } finally {
      cancel();
    }
  };

  return {
    /** As it was seen last, by a read or in the answer to a write. */
    get seen(): SeenLease | undefined {
      return seen;
    },

    read: async (signal: AbortSignal): Promise<SeenLease> => {
      const lease = await ask((s) => client.find({ namespace, name }, { signal: s }), signal);
      seen = observeLease(seen, lease, clock.monotonicMs());
      return seen;
    },

    /** Writes the Lease with us as its holder; the resourceVersion lets one of several through. */
    take: async (lease: ElectionLease | undefined, signal: AbortSignal): Promise<Held> => {
      const sentMs = clock.monotonicMs();
      const renewTime = toMicroTime(clock.now());
      const before = lease?.spec;
      const isOurs = before?.holderIdentity === identity;
      const spec = {
        ...before,
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(options.durationMs / 1000),
        acquireTime: (isOurs ? before.acquireTime : undefined) ?? renewTime,
        renewTime,
        leaseTransitions: (before?.leaseTransitions ?? 0) + (lease === undefined || isOurs ? 0 : 1),
      };
      const type = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
      const stored = await ask(
        (s) =>
          lease === undefined
            ? client.create(
                { ...type, metadata: { namespace, name }, spec },
                { fieldManager, signal: s },
              )
            : client.replace({ ...lease, spec }, { fieldManager, signal: s }),
        signal,
      );
      seen = observeLease(seen, stored, clock.monotonicMs());
      return { lease: stored, sentMs };
    },

    /** Frees it, so that another can go on at once. */
    release: async ({ lease }: Held): Promise<void> => {
      const spec = { ...lease.spec, holderIdentity: '', renewTime: toMicroTime(clock.now()) };
      await ask((signal) => client.replace({ ...lease, spec }, { fieldManager, signal }));
    },
  };
}
