import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { ApiError } from '@gridlease/kube/apiError';
import type { ReconcileContext, ReconcileResult } from '@gridlease/kube/controller';
import { describeError } from '@gridlease/kube/errors';
import { decideFinals, decidePaid, type Final, nothingToSettle } from './decide.ts';
import { type Context, FIELD_MANAGER, type SettlementClient } from './deps.ts';
import { findPayments } from './findPayments.ts';
import { markSettled, type Settling } from './markSettled.ts';
import type { Payment } from './settled.ts';

/**
 * Marks leases as settled once what they cost is paid in a final block, and takes them off the channel.
 * The lease is written first: a crash in between finds it written and only takes it off.
 */
export function channelReconcile(context: Context) {
  const { informers, chains, clock, metrics } = context;

  return async (key: string, { signal, log }: ReconcileContext): Promise<ReconcileResult> => {
    const channel = informers.channels.get(key);
    if (channel === undefined || channel.spec.finals.length === 0) return;
    const { free } = decideFinals(channel.spec, undefined);
    for (const final of free) await mark(channel, final, { condition: nothingToSettle }, signal);
    const chainName = chainNameOf(context, channel);
    const client = chainName === undefined ? undefined : chains.chainFor(chainName);
    let paid: readonly Final[] = [];
    if (client !== undefined && free.length < channel.spec.finals.length) {
      try {
        paid = await settlePaid(channel, client, signal);
      } catch (error) {
        if (signal.aborted || error instanceof ApiError) throw error;
        // What can't be read now is read at the next block; nothing follows from silence.
        metrics.requestErrors.inc({ chain: chainName ?? '' });
        log.warn({ channel: key }, describeError(error));
        if (free.length === 0) return { requeueAfterMs: 2_000 };
      }
    }
    const done = new Set([...free, ...paid].map(({ leaseId }) => leaseId));
    if (done.size > 0) await takeOff(channel, done, signal);
  };

  async function settlePaid(
    channel: PaymentChannel,
    client: SettlementClient,
    signal: AbortSignal,
  ): Promise<readonly Final[]> {
    const { spec } = channel;
    // One number for all reads: "final" may move on between two of them.
    const block = await client.blockNumber('final', signal);
    const [state] = await client.channels([spec], block, signal);
    const { paid } = decideFinals(spec, state);
    if (state === undefined || paid.length === 0) return [];
    const found = await findPayments(client, {
      key: spec,
      generation: spec.generation,
      block,
      claimed: state.claimed,
      cumulatives: paid.map(({ cumulative }) => BigInt(cumulative)),
      signal,
    });
    for (const final of paid) {
      await markPaid(channel, final, found.get(BigInt(final.cumulative)), client, signal);
    }
    return paid;
  }

  async function markPaid(
    channel: PaymentChannel,
    final: Final,
    payment: Payment | undefined,
    client: SettlementClient,
    signal: AbortSignal,
  ): Promise<void> {
    const said = decidePaid(final, payment, client.token);
    await mark(channel, final, { ...said, payment }, signal);
  }

  async function mark(
    channel: PaymentChannel,
    final: Final,
    said: Omit<Settling, 'final'>,
    signal: AbortSignal,
  ): Promise<void> {
    const lease = informers.leases.get(`${channel.metadata.namespace}/${final.leaseName}`);
    // Deleted by an admin: it was paid all the same.
    if (lease === undefined) return;
    const written = await markSettled(context, lease, { ...said, final }, signal);
    const endedAt = Date.parse(written?.status?.endTime ?? '');
    if (!Number.isNaN(endedAt) && final.amount !== '0') {
      metrics.lagSeconds.observe(Math.max(0, clock.now().getTime() - endedAt) / 1_000);
    }
  }

  async function takeOff(
    channel: PaymentChannel,
    done: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<void> {
    const fresh = await context.clients.channels.get(channel.metadata, { signal });
    const finals = fresh.spec.finals.filter(({ leaseId }) => !done.has(leaseId));
    if (finals.length === fresh.spec.finals.length) return;
    const written = await context.clients.channels.replace(
      { ...fresh, spec: { ...fresh.spec, finals } },
      { signal, fieldManager: FIELD_MANAGER },
    );
    informers.channels.observe(written);
  }
}

/** The SettlementChain that a channel is on. */
export function chainNameOf(
  { informers }: Pick<Context, 'informers'>,
  channel: PaymentChannel,
): string | undefined {
  const { chainId, escrow } = channel.spec;
  return informers.chains
    .list()
    .find(
      ({ spec }) => spec.chainId === chainId && spec.escrow.toLowerCase() === escrow.toLowerCase(),
    )?.metadata.name;
}
