import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseIsActive } from '@gridlease/crds/leaseState';
import type { PaymentAccount, PaymentAccountStatus } from '@gridlease/crds/paymentaccount';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { ApiError } from '@gridlease/kube/apiError';
import { updateStatus } from '@gridlease/kube/apply';
import { getCondition, isTrue } from '@gridlease/kube/conditions';
import type { ReconcileContext, ReconcileResult } from '@gridlease/kube/controller';
import { describeError } from '@gridlease/kube/errors';
import { sameJson } from '@gridlease/kube/json';
import { objectKey } from '@gridlease/kube/object';
import type { Address } from 'viem';
import { type AccountFacts, blockedAccount, decideAccount } from './account.ts';
import { coinsNeeded, commitments, fundableChannel, type OnChain } from './accountFacts.ts';
import { type Context, FIELD_MANAGER, type SettlementClient } from './deps.ts';
import { channelFunder } from './funder.ts';
import { decideFunding, type Funding } from './funding.ts';
import { forgetBalances, recordBalances } from './recordBalances.ts';
import { tendChannels } from './tendChannels.ts';

/** Figures alone are written this often at most: they change with every voucher. */
const figuresEveryMs = 10_000;
const againMs = 15_000;

/** Says what is in escrow, and keeps the channels of running leases funded. */
export function accountReconcile(context: Context) {
  const { informers, chains, clock } = context;
  const fund = channelFunder(context);
  const writtenAtMs = new Map<string, number>();

  return async (key: string, { signal, log }: ReconcileContext): Promise<ReconcileResult> => {
    const account = informers.accounts.get(key);
    if (account?.metadata.uid === undefined) return forgetBalances(context.metrics, key);
    const signer = await context.signerFor(account.metadata.uid);
    const { chainName } = account.spec;
    const chain = informers.chains.get(chainName);
    const client = chains.chainFor(chainName);
    if (chain === undefined || client === undefined) {
      const isReady = isTrue(chain?.status?.conditions, 'Ready');
      const reason = chain === undefined ? 'ChainNotFound' : 'ChainNotReady';
      // Well as far as it said last, only not connected yet: that is over in a moment.
      if (!isReady) await block(account, reason, signer.address, signal);
      return { requeueAfterMs: isReady ? 1_000 : againMs };
    }
    let seen: Seen;
    try {
      seen = await look(account, client, signer.address, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      context.metrics.requestErrors.inc({ chain: chainName });
      log.warn({ chain: chainName }, describeError(error));
      const ready = getCondition(chain.status?.conditions, 'Ready');
      // One lost request proves nothing; the chain's own condition says when it is more than that.
      if (ready?.status !== 'True') await block(account, 'ChainNotReady', signer.address, signal);
      return { requeueAfterMs: 2_000 };
    }
    recordBalances(context.metrics, seen.facts);
    const requeueAfterMs = await writeStatus(account, seen.facts, signal);
    try {
      await fund({ account, client, signer, ...seen }, { signal, log });
      await tendChannels(context, { account, chain, client, signer, ...seen }, signal);
    } catch (error) {
      // What the hub refuses is a failure to be counted; silence of the chain is shown elsewhere.
      if (signal.aborted || error instanceof ApiError) throw error;
      log.warn({ account: key }, describeError(error));
      return { requeueAfterMs: 2_000 };
    }
    return { requeueAfterMs };
  };

  type Seen = {
    readonly facts: AccountFacts;
    readonly fundings: readonly Funding[];
    readonly channels: readonly PaymentChannel[];
    readonly states: readonly OnChain[];
    readonly leases: readonly GPULease[];
  };

  async function look(
    account: PaymentAccount,
    client: SettlementClient,
    delegate: Address,
    signal: AbortSignal,
  ): Promise<Seen> {
    const uid = account.metadata.uid ?? '';
    const channels = informers.channels
      .byIndex('accountUid', uid)
      .filter(({ spec }) => BigInt(spec.chainId) === client.chainId);
    // Once, here: ended leases stay for days and outnumber the others by far.
    const leases = informers.leases.byIndex('accountUid', uid).filter(leaseIsActive);
    const [tenant, coins, fee, states] = await Promise.all([
      client.tenant(account.spec.address, delegate, signal),
      client.coins(delegate, signal),
      client.maxFeePerGas(signal),
      client.channels(
        channels.map(({ spec }) => spec),
        'latest',
        signal,
      ),
    ]);
    const { decimals } = client.token;
    const around = { account, leases, stopSeconds: context.stopSeconds, decimals };
    const fundable = channels.map((channel, index) =>
      fundableChannel(channel, states[index]!, around),
    );
    const { fundings, shortfalls } = decideFunding({ ...tenant, channels: fundable });
    const facts = {
      account,
      delegate,
      chain: client,
      ...tenant,
      coins,
      coinsNeeded: coinsNeeded(fee),
      channels: fundable,
      shortfalls,
      ...commitments(leases, channels),
    };
    return { facts, fundings, channels, states, leases };
  }

  async function block(
    account: PaymentAccount,
    reason: 'ChainNotFound' | 'ChainNotReady',
    delegate: Address,
    signal: AbortSignal,
  ): Promise<void> {
    const { chainName } = account.spec;
    const said = getCondition(informers.chains.get(chainName)?.status?.conditions, 'Ready');
    const verdict =
      reason === 'ChainNotFound'
        ? ({
            status: 'False',
            reason,
            message: `there is no SettlementChain ${chainName}: an admin must create it, or a new PaymentAccount must name another`,
          } as const)
        : ({
            status: 'Unknown',
            reason,
            message: `SettlementChain ${chainName}: ${said?.message ?? 'not verified yet'}`,
          } as const);
    await write(
      account,
      (current) => blockedAccount(current, verdict, delegate, clock.now()),
      signal,
    );
  }

  /** Returns after how many milliseconds figures that were held back may be written. */
  async function writeStatus(
    account: PaymentAccount,
    facts: AccountFacts,
    signal: AbortSignal,
  ): Promise<number> {
    const key = objectKey(account);
    const wanted = decideAccount(facts, clock.now());
    const due = (writtenAtMs.get(key) ?? -figuresEveryMs) + figuresEveryMs - clock.monotonicMs();
    const onlyFigures = sameJson(essence(wanted), essence(account.status));
    if (sameJson(wanted, account.status)) return againMs;
    if (onlyFigures && due > 0) return due;
    const mutate = (current: PaymentAccount) =>
      decideAccount({ ...facts, account: current }, clock.now());
    await write(account, mutate, signal);
    writtenAtMs.set(key, clock.monotonicMs());
    return againMs;
  }

  async function write(
    account: PaymentAccount,
    mutate: (current: PaymentAccount) => PaymentAccountStatus,
    signal: AbortSignal,
  ): Promise<void> {
    const written = await updateStatus({
      client: context.clients.accounts,
      informer: informers.accounts,
      object: account,
      fieldManager: FIELD_MANAGER,
      signal,
      mutate,
    });
    const [before, after] = [account, written].map(({ status }) =>
      getCondition(status?.conditions, 'Ready'),
    );
    if (after === undefined || (after.status === before?.status && after.reason === before.reason))
      return;
    const { status, reason, message } = after;
    const type = status === 'True' ? 'Normal' : 'Warning';
    context.recorder.event(written, { type, reason, note: message, action: 'Observe' });
  }
}

/** What is worth a write at once: messages hold figures too. */
function essence(status: PaymentAccountStatus | undefined) {
  const { delegateAddress, delegateLimit, conditions = [], observedGeneration } = status ?? {};
  const states = conditions.map(({ type, status: is, reason }) => [type, is, reason]);
  return { delegateAddress, delegateLimit, states, observedGeneration };
}
