import { uidToBytes32 } from '@gridlease/contracts/ids';
import type { GPULease } from '@gridlease/crds/gpulease';
import * as kinds from '@gridlease/crds/resources';
import { ApiError } from '@gridlease/kube/apiError';
import { setCondition } from '@gridlease/kube/conditions';
import { resourceClient } from '@gridlease/kube/resources';
import type { Hex } from 'viem';
import type { TestHub } from './testHub.ts';

/** What the provider's agent writes about a lease. */
export async function answer(
  hub: TestHub,
  lease: GPULease,
  change: (status: NonNullable<GPULease['status']>) => NonNullable<GPULease['status']>,
): Promise<void> {
  const client = resourceClient<GPULease>(hub.agent(lease.spec.providerName), kinds.gpuLeases);
  const leases = resourceClient<GPULease>(hub.admin, kinds.gpuLeases);
  for (;;) {
    const current = await leases.get(lease.metadata);
    try {
      await client.replaceStatus({ ...current, status: change(current.status ?? {}) });
      return;
    } catch (error) {
      // The operator wrote in between.
      if (!(error instanceof ApiError && error.isConflict)) throw error;
    }
  }
}

/** A condition as an agent would write it. */
export const saying = (type: string, status: 'True' | 'False', reason: string) => ({
  type,
  status,
  reason,
  message: `${reason}.`,
});

/** Takes a lease and says that all of its tasks run. */
export async function acceptAndRun(hub: TestHub, agent: Hex, lease: GPULease): Promise<void> {
  const acceptance = {
    leaseUid: uidToBytes32(lease.metadata.uid!),
    acceptedMs: String(Date.now()),
    agent,
    signature: `0x${'33'.repeat(65)}` as Hex,
  };
  await answer(hub, lease, (status) => {
    const types = ['Accepted', 'Funded', 'Provisioned', 'Delivered'];
    const conditions = types.reduce(
      (list, type) => setCondition(list, saying(type, 'True', type), new Date()),
      status.conditions ?? [],
    );
    const startTime = new Date().toISOString();
    return { ...status, acceptance, active: lease.spec.tasks.parallelism, startTime, conditions };
  });
}

/** Ends a lease with this result. */
export async function end(
  hub: TestHub,
  lease: GPULease,
  result: { readonly completed?: string; readonly failed?: string; readonly reason: string },
): Promise<void> {
  await answer(hub, lease, (status) => ({
    ...status,
    active: 0,
    completedIndexes: result.completed ?? '',
    failedIndexes: result.failed ?? '',
    endTime: new Date().toISOString(),
    conditions: setCondition(
      status.conditions,
      saying('Succeeded', result.reason === 'Completed' ? 'True' : 'False', result.reason),
      new Date(),
    ),
  }));
}
