import { channelObjectName } from '@gridlease/contracts/channel';
import type { GPULease } from '@gridlease/crds/gpulease';
import { providerNamespace } from '@gridlease/crds/labels';
import { leaseIsActive } from '@gridlease/crds/leaseState';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { createOnce } from '@gridlease/kube/apply';
import type { LocalAccount } from 'viem';
import type { OnChain } from './accountFacts.ts';
import { isSameChannel, newChannel } from './channelObject.ts';
import { type Context, FIELD_MANAGER, type SettlementClient } from './deps.ts';

export type Tended = {
  readonly account: PaymentAccount;
  readonly chain: SettlementChain;
  readonly client: SettlementClient;
  readonly signer: LocalAccount;
  readonly channels: readonly PaymentChannel[];
  /** On the chain, in the order of `channels`. */
  readonly states: readonly OnChain[];
  readonly leases: readonly GPULease[];
};

/** Makes the channels that shall be warm, and lets closed ones begin their next generation. */
export async function tendChannels(
  context: Context,
  tended: Tended,
  signal: AbortSignal,
): Promise<void> {
  await warmChannels(context, tended, signal);
  for (const [index, channel] of tended.channels.entries()) {
    const state = tended.states[index];
    if (state !== undefined && mayAdvance(channel, state, tended.leases)) {
      await advance(context, tended.client, channel, signal);
    }
  }
}

/**
 * Whether the object may follow the chain into the next generation: nothing of the old one may still
 * run or wait for its payment, since a lease never crosses generations.
 */
export function mayAdvance(
  channel: PaymentChannel,
  state: Pick<OnChain, 'generation'>,
  leases: readonly GPULease[],
): boolean {
  const { metadata, spec } = channel;
  const running = leases.some(
    (lease) =>
      lease.metadata.namespace === metadata.namespace &&
      lease.spec.channelName === metadata.name &&
      lease.spec.terms.generation === spec.generation &&
      leaseIsActive(lease),
  );
  return state.generation > spec.generation && spec.finals.length === 0 && !running;
}

async function advance(
  context: Context,
  client: SettlementClient,
  channel: PaymentChannel,
  signal: AbortSignal,
): Promise<void> {
  // A close that is undone by a reorganisation must not make the hub refuse good vouchers.
  const [final] = await client.channels([channel.spec], 'final', signal);
  if (final === undefined || final.generation <= channel.spec.generation) return;
  const fresh = await context.clients.channels.get(channel.metadata, { signal });
  if (fresh.spec.finals.length > 0 || fresh.spec.generation >= final.generation) return;
  const { voucher: _voucher, reply: _reply, accepted: _accepted, ...kept } = fresh.spec;
  const written = await context.clients.channels.replace(
    { ...fresh, spec: { ...kept, generation: final.generation } },
    { signal, fieldManager: FIELD_MANAGER },
  );
  context.informers.channels.observe(written);
}

async function warmChannels(
  context: Context,
  { account, chain, client, signer, channels }: Tended,
  signal: AbortSignal,
): Promise<void> {
  const { informers, clients } = context;
  const { uid, namespace, name: accountName } = account.metadata;
  for (const { providerName } of account.spec.warmChannels ?? []) {
    const found = informers.providers.get(providerName);
    const provider = found?.spec.hubAccepted === true ? found.spec.address : undefined;
    if (provider === undefined || uid === undefined || namespace === undefined) continue;
    const name = channelObjectName(uid, provider, signer.address);
    if (channels.some(({ metadata }) => metadata.name === name)) continue;
    const tenant = account.spec.address;
    const key = { tenant, provider, signer: signer.address };
    const [state] = await client.channels([key], 'latest', signal);
    const wanted = newChannel({
      name,
      namespace: providerNamespace(providerName),
      accountRef: { namespace, name: accountName, uid },
      providerName,
      ...key,
      generation: state?.generation ?? 1,
      chainId: chain.spec.chainId,
      escrow: chain.spec.escrow,
    });
    const channel = await createOnce(clients.channels, wanted, {
      accept: (existing) => isSameChannel(existing, wanted),
      fieldManager: FIELD_MANAGER,
      signal,
    });
    informers.channels.observe(channel);
  }
}
