import type { GPULease, GPULeaseStatus } from '@gridlease/crds/gpulease';
import { leaseIsFinished, leaseIsSettled, leaseOutcome } from '@gridlease/crds/leaseState';
import { createOnce, updateStatus } from '@gridlease/kube/apply';
import { getCondition, setCondition } from '@gridlease/kube/conditions';
import type { Reconcile, ReconcileResult } from '@gridlease/kube/controller';
import { GridleaseError } from '@gridlease/kube/errors';
import { isSameChannel, newChannel } from './channelObject.ts';
import { type Context, FIELD_MANAGER } from './deps.ts';

/** How long after its end a lease that was never billed may still be stated, in milliseconds. */
const LAST_STATEMENT_MS = 120_000;

/** Makes the channel of a lease that begins, and settles one that ended without costing anything. */
export function leaseReconcile(context: Context): Reconcile {
  const { informers, clients, clock } = context;
  return async (key, { signal }): Promise<ReconcileResult> => {
    const lease = informers.leases.get(key);
    if (lease === undefined || leaseIsSettled(lease)) return;
    if (!leaseIsFinished(lease)) return ensureChannel(context, lease, signal);
    const waitMs = untilNothingToSettle(lease, isListed(context, lease), clock.now());
    if (waitMs === undefined) return;
    if (waitMs > 0) return { requeueAfterMs: waitMs };
    await updateStatus({
      client: clients.leases,
      informer: informers.leases,
      object: lease,
      fieldManager: FIELD_MANAGER,
      signal,
      mutate: ({ status }): GPULeaseStatus => ({
        ...status,
        conditions: setCondition(status?.conditions, nothingToSettle, clock.now()),
      }),
    });
  };
}

export const nothingToSettle = {
  type: 'Settled',
  status: 'True',
  reason: 'NothingToSettle',
  message: 'Nothing was billed: no transaction was needed.',
} as const;

/**
 * Milliseconds until a finished lease counts as having cost nothing; undefined when it has a row, which
 * decides then. A lease that was never accepted can't be billed; one that was gets time for a last row.
 */
export function untilNothingToSettle(
  lease: GPULease,
  listed: boolean,
  now: Date,
): number | undefined {
  const { state } = leaseOutcome(lease);
  if (state === 'Refused' || state === 'Withdrawn') return 0;
  const { gpuMilliseconds = '0', conditions } = lease.status ?? {};
  if (listed || gpuMilliseconds !== '0') return undefined;
  const endedAt = Date.parse(getCondition(conditions, 'Succeeded')?.lastTransitionTime ?? '');
  if (Number.isNaN(endedAt)) return undefined;
  return Math.max(0, endedAt + LAST_STATEMENT_MS - now.getTime());
}

function isListed({ informers }: Context, lease: GPULease): boolean {
  const { namespace, name } = lease.metadata;
  const channel = informers.channels.get(`${namespace}/${lease.spec.channelName}`);
  const named = [...(channel?.spec.finals ?? []), ...(channel?.status?.rows ?? [])];
  return named.some(({ leaseName }) => leaseName === name);
}

async function ensureChannel(
  context: Context,
  lease: GPULease,
  signal: AbortSignal,
): Promise<ReconcileResult> {
  const { informers, clients } = context;
  const { namespace = '' } = lease.metadata;
  const { channelName, accountRef, providerName, terms } = lease.spec;
  if (informers.channels.get(`${namespace}/${channelName}`) !== undefined) return;
  const account = informers.accounts.get(`${accountRef.namespace}/${accountRef.name}`);
  const chain = informers.chains.get(account?.spec.chainName ?? '');
  if (account?.metadata.uid !== accountRef.uid || chain === undefined) {
    throw new GridleaseError(
      `lease ${lease.metadata.name} is paid by ${accountRef.namespace}/${accountRef.name}, which is gone or names no chain: its channel can't be made`,
    );
  }
  const { tenant, provider, signer, generation } = terms;
  const { chainId, escrow } = chain.spec;
  const wanted = newChannel({
    name: channelName,
    namespace,
    accountRef,
    providerName,
    tenant,
    provider,
    signer,
    generation,
    chainId,
    escrow,
  });
  const channel = await createOnce(clients.channels, wanted, {
    accept: (existing) => isSameChannel(existing, wanted),
    fieldManager: FIELD_MANAGER,
    signal,
  });
  informers.channels.observe(channel);
}
