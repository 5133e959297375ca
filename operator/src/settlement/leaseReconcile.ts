import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseIsFinished, leaseIsSettled } from '@gridlease/crds/leaseState';
import { createOnce } from '@gridlease/kube/apply';
import type { Reconcile, ReconcileResult } from '@gridlease/kube/controller';
import { GridleaseError } from '@gridlease/kube/errors';
import { isSameChannel, newChannel } from './channelObject.ts';
import { nothingToSettle, untilNothingToSettle } from './decide.ts';
import { type Context, FIELD_MANAGER } from './deps.ts';
import { markSettled } from './markSettled.ts';

/** Makes the channel of a lease that begins, and settles one that ended without costing anything. */
export function leaseReconcile(context: Context): Reconcile {
  const { informers, clock } = context;
  return async (key, { signal }): Promise<ReconcileResult> => {
    const lease = informers.leases.get(key);
    if (lease === undefined || leaseIsSettled(lease)) return;
    if (!leaseIsFinished(lease)) return ensureChannel(context, lease, signal);
    const waitMs = untilNothingToSettle(lease, isListed(context, lease), clock.now());
    if (waitMs === undefined) return;
    if (waitMs > 0) return { requeueAfterMs: waitMs };
    await markSettled(context, lease, { condition: nothingToSettle }, signal);
  };
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
