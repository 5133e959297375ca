import type { GPULease, GPULeaseStatus } from '@gridlease/crds/gpulease';
import { updateStatus } from '@gridlease/kube/apply';
import { type ConditionUpdate, getCondition, setCondition } from '@gridlease/kube/conditions';
import { withSpan } from '@gridlease/kube/tracing';
import type { Final } from './decide.ts';
import { type Context, FIELD_MANAGER } from './deps.ts';
import type { Payment } from './settled.ts';
import { settledSpan } from './traces.ts';

/** What is said of a lease whose money is final. */
export type Settling = {
  readonly condition: ConditionUpdate;
  readonly settlement?: GPULeaseStatus['settlement'];
  /** Both absent where it cost nothing. */
  readonly final?: Final | undefined;
  readonly payment?: Payment | undefined;
};

/**
 * Says on a lease that it is settled, with the span from its end until now. Returns it as it was
 * written; undefined when that was said before, which is no second settlement and leaves no span.
 */
export function markSettled(
  { clients, informers, clock }: Context,
  lease: GPULease,
  { condition, settlement, final, payment }: Settling,
  signal: AbortSignal,
): Promise<GPULease | undefined> {
  return withSpan(
    () => settledSpan(lease, final, payment),
    async (span) => {
      let isNews = false;
      const written = await updateStatus({
        client: clients.leases,
        informer: informers.leases,
        object: lease,
        fieldManager: FIELD_MANAGER,
        signal,
        mutate: (current): GPULeaseStatus => {
          // Of several tries the first counts: when its answer is lost, the next finds its own words.
          const before = getCondition(current.status?.conditions, condition.type);
          isNews ||= before?.reason !== condition.reason;
          return {
            ...current.status,
            ...(settlement === undefined ? {} : { settlement }),
            conditions: setCondition(current.status?.conditions, condition, clock.now()),
          };
        },
      });
      if (!isNews) span.discard();
      return isNews ? written : undefined;
    },
  );
}
