import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseOutcome } from '@gridlease/crds/leaseState';
import type { Informer } from '@gridlease/kube/informer';
import { objectKey } from '@gridlease/kube/object';
import { billsWhileIdle, type Growth, idleSinceMs, runsUnpaid } from './integrity.ts';

/** How long a lease that billed for nothing is shown after it last did. */
const shownMs = 300_000;
/** A lease that began to deliver again may have said so a little later than its statement. */
const doubtMs = 15_000;

type Suspect = { readonly idleMs: number; readonly firstMs: number; readonly lastMs: number };

/** Which leases are paid and don't run, and which run and are not paid; all times are monotonic. */
export function leaseMismatches(sources: {
  readonly leases: Pick<Informer<GPULease>, 'onChange' | 'get'>;
  readonly isHeard: (provider: string) => boolean;
  readonly nowMs: () => number;
}) {
  const { leases, nowMs } = sources;
  /** Leases that deliver, and since when something is owed for them. */
  const owedSince = new Map<string, number>();
  const suspects = new Map<string, Suspect>();
  /** When a provider was last found silent: what it owes to say is late, not wrong. */
  const silentAt = new Map<string, number>();

  leases.onChange((lease, _old, { type }) => {
    const key = objectKey(lease);
    if (type === 'deleted') suspects.delete(key);
    if (type === 'deleted' || leaseOutcome(lease).state !== 'Running') owedSince.delete(key);
    else if (!owedSince.has(key)) owedSince.set(key, nowMs());
  });

  return {
    paid(key: string): void {
      if (owedSince.has(key)) owedSince.set(key, nowMs());
    },
    grew(key: string, growth: Growth): void {
      const lease = leases.get(key);
      if (lease === undefined || !billsWhileIdle(lease, growth)) return;
      const idleMs = idleSinceMs(lease)!;
      const before = suspects.get(key);
      const firstMs = before?.idleMs === idleMs ? before.firstMs : nowMs();
      suspects.set(key, { idleMs, firstMs, lastMs: nowMs() });
    },
    /** To be called now and then, also when nobody looks at the metrics. */
    noteSilence(providers: Iterable<string>): void {
      for (const name of silentAt.keys()) {
        if (nowMs() - silentAt.get(name)! > 2 * 3_600_000) silentAt.delete(name);
      }
      for (const name of providers) if (!sources.isHeard(name)) silentAt.set(name, nowMs());
    },
    paidNotRunning(): number {
      let found = 0;
      for (const [key, { idleMs, firstMs, lastMs }] of suspects) {
        const lease = leases.get(key);
        const isSame = lease !== undefined && idleSinceMs(lease) === idleMs;
        if (!isSame || nowMs() - lastMs > shownMs) suspects.delete(key);
        else if (nowMs() - firstMs >= doubtMs) found += 1;
      }
      return found;
    },
    runningNotPaid(): number {
      let found = 0;
      for (const [key, sinceMs] of owedSince) {
        const lease = leases.get(key);
        if (lease === undefined || !sources.isHeard(lease.spec.providerName)) continue;
        const since = Math.max(sinceMs, silentAt.get(lease.spec.providerName) ?? -Infinity);
        if (runsUnpaid(lease, since, nowMs())) found += 1;
      }
      return found;
    },
  };
}
