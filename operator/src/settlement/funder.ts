import { encodeFundTo } from '@gridlease/contracts/escrow';
import { keptSenders } from '@gridlease/contracts/keptSenders';
import { changeResult } from '@gridlease/contracts/transactionChange';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { recordTransaction } from '@gridlease/crds/transactionTraces';
import type { ReconcileContext } from '@gridlease/kube/controller';
import { describeError } from '@gridlease/kube/errors';
import { withSpan } from '@gridlease/kube/tracing';
import type { LocalAccount } from 'viem';
import type { Context, SettlementClient } from './deps.ts';
import type { Funding } from './funding.ts';
import { fundingSpan } from './traces.ts';

/** A funding that the contract refuses is not tried again before this. */
const refusedAgainMs = 30_000;

export type FundingRequest = {
  readonly account: PaymentAccount;
  readonly client: SettlementClient;
  readonly signer: LocalAccount;
  readonly facts: { readonly coins: bigint; readonly coinsNeeded: bigint };
  readonly fundings: readonly Funding[];
  readonly channels: readonly PaymentChannel[];
};

/** Raises channels, one transaction of a delegate at a time; what the first one needs is decided anew each time. */
export function channelFunder(context: Context) {
  const senderOf = keptSenders(context.createSender);
  const refusedAtMs = new Map<string, number>();
  const { clock } = context;
  const { transactions } = context.metrics;

  function isDue({ name }: Funding): boolean {
    const at = refusedAtMs.get(name);
    return at === undefined || clock.monotonicMs() - at > refusedAgainMs;
  }

  return async (request: FundingRequest, { signal, log }: ReconcileContext): Promise<void> => {
    const { client, signer } = request;
    const sender = senderOf(`${client.chainId}/${signer.address}`, client, signer);
    const { changes, busy } = await sender.resolve(signal);
    const results = changes.flatMap((change) => changeResult(change) ?? []);
    for (const result of results) transactions.inc({ op: 'fund', result });
    for (const change of changes) {
      const { record, before, state } = change;
      recordTransaction(change, clock.now());
      const { hash } = record.spec.signed;
      log.info({ hash, before, state }, `${record.spec.description}: ${record.status.message}`);
    }
    // What was seen of the chain may be older than what was mined just now: look again first.
    if (busy !== undefined || results.length > 0) return;
    const funding = request.fundings.find(isDue);
    const channel = request.channels.find(({ metadata }) => metadata.name === funding?.name);
    const { coins, coinsNeeded } = request.facts;
    if (funding === undefined || channel === undefined || coins < coinsNeeded) return;
    const description = `funding channel ${funding.name} to ${funding.target}`;
    const { name, namespace = '' } = channel.metadata;
    const { tenant, provider, generation } = channel.spec;
    const refs = [{ kind: 'PaymentChannel', namespace, name, generation }];
    const data = encodeFundTo({ tenant, provider, generation, targetReserved: funding.target });
    try {
      const to = request.client.escrow;
      const asked = { operation: 'FundChannel', description, to, data, refs } as const;
      const sent = await withSpan(
        () => fundingSpan(channel, funding, context.informers.leases.list(namespace)),
        async (span) => {
          const outcome = await sender.send(asked, signal);
          if (outcome.state !== 'Sent') span.discard();
          span.set({ 'gridlease.state': outcome.state });
          return outcome;
        },
      );
      if (sent.state === 'Sent') transactions.inc({ op: 'fund', result: 'sent' });
      log.info({ ...sent }, description);
    } catch (error) {
      if (signal.aborted || !isAnswered(error)) throw error;
      transactions.inc({ op: 'fund', result: 'refused' });
      refusedAtMs.set(funding.name, clock.monotonicMs());
      context.recorder.event(request.account, {
        type: 'Warning',
        reason: 'FundingRefused',
        note: describeError(error),
        action: 'Fund',
      });
    }
  };
}

/** A no of the contract, as opposed to no answer. */
function isAnswered(error: unknown): boolean {
  return error instanceof Error && (error as { answered?: unknown }).answered === true;
}
