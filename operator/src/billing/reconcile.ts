import { escrowDomain } from '@gridlease/contracts/domain';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { updateStatus } from '@gridlease/kube/apply';
import { setCondition } from '@gridlease/kube/conditions';
import type { ReconcileContext, ReconcileResult } from '@gridlease/kube/controller';
import { TerminalError } from '@gridlease/kube/errors';
import { parseKey } from '@gridlease/kube/object';
import { withSpan } from '@gridlease/kube/tracing';
import { isAddressEqual } from 'viem';
import { type Signed, sameAsBefore } from './binding.ts';
import { decideReply, type Reply } from './decide.ts';
import { type BillingDeps, FIELD_MANAGER, type Receipts } from './deps.ts';
import { disputesOf } from './disputes.ts';
import type { StatementFacts } from './facts.ts';
import { gatherFacts } from './gather.ts';
import { grantRefusal } from './grants.ts';
import { lacksFinal, lostFinals } from './lostFinals.ts';
import type { BillingMetrics } from './metrics.ts';
import { type NewLeases, newer, newLeases } from './newLeases.ts';
import { signReply } from './sign.ts';
import { replyStart } from './traces.ts';

/** How far a provider's clock may be ahead. */
const skewMs = 5_000;
/** How far rows may reach beyond the last heartbeat. */
const heartbeatToleranceMs = 40_000;

/**
 * Answers the statement of one channel: reads the channel from the API server itself (paying from a
 * cache could pay twice), decides, signs, and stores reply and voucher in one write that fails if
 * anybody wrote in between. What is not stored was never said.
 */
export function billingReconcile(deps: BillingDeps, metrics: BillingMetrics, receipts: Receipts) {
  // The decision that a signature was made for, so that a repeated try signs the same content.
  const signed = new Map<string, Signed>();
  const newOnes = newLeases();
  const retryMs = 2_000;

  return async (key: string, context: ReconcileContext): Promise<ReconcileResult> => {
    const answered = await answer(key, context);
    await endLost(deps, key, context.signal);
    return answered;
  };

  async function answer(key: string, { signal, log }: ReconcileContext): Promise<ReconcileResult> {
    const cached = deps.informers.channels.get(key);
    const stated = cached?.status?.statement;
    if (cached === undefined) newOnes.forget(key);
    if (cached === undefined || stated === undefined) return;
    if (cached.spec.reply?.statementHash === stated.hash) {
      return markDisputes(deps, cached, signal);
    }
    const channel = await deps.clients.channels.get(parseKey(key), { signal });
    const facts = await factsOf(deps, channel, newOnes, receipts, signal);
    if (facts === undefined) return;
    const decision = sameAsBefore(signed.get(key), facts, decideReply(facts));
    if (decision.kind === 'answered') return markDisputes(deps, channel, signal);
    if (decision.kind !== 'reply') {
      const waiting = decision.kind === 'wait';
      metrics.statements.inc({ result: waiting ? 'waiting' : 'refused' });
      log[waiting ? 'info' : 'warn']({ reason: decision.reason }, decision.message);
      deps.recorder.event(channel, {
        type: waiting ? 'Normal' : 'Warning',
        reason: decision.reason,
        note: `Statement ${facts.statement.seq} is not answered: ${decision.message}`,
        action: 'Answer',
      });
      return { requeueAfterMs: retryMs };
    }
    signed.set(key, { facts, reply: decision });
    const stored = await withSpan(
      () => {
        const { namespace = '', name } = channel.metadata;
        const leaseOf = (lease: string) => deps.informers.leases.get(`${namespace}/${lease}`);
        return replyStart(facts, decision, { namespace, name }, leaseOf);
      },
      () => reply(channel, facts, decision, signal),
    );
    signed.delete(key);
    newOnes.forget(key);
    record(metrics, decision, deps.clock.now().getTime() - Number(facts.receivedMs));
    return markDisputes(deps, stored, signal);
  }

  async function reply(
    channel: PaymentChannel,
    facts: StatementFacts,
    decision: Reply,
    signal: AbortSignal,
  ): Promise<PaymentChannel> {
    const account = await deps.signerFor(channel.spec.accountRef.uid);
    if (!isAddressEqual(account.address, channel.spec.signer)) {
      throw new TerminalError(
        `the key of account ${channel.spec.accountRef.uid} is ${account.address}, the channel's signer ${channel.spec.signer}: restore the operator's keys`,
      );
    }
    const spec = await signReply({
      spec: channel.spec,
      channel: facts.channel,
      statementHash: facts.hash,
      reply: decision,
      domain: escrowDomain(channel.spec),
      account,
    });
    const stored = await deps.clients.channels.replace(
      { ...channel, spec },
      { signal, fieldManager: FIELD_MANAGER },
    );
    deps.informers.channels.observe(stored);
    return stored;
  }
}

/** Puts leases that were given up on their way to the chain with what was accepted of them before. */
async function endLost(deps: BillingDeps, key: string, signal: AbortSignal): Promise<void> {
  const { clients, informers } = deps;
  const cached = informers.channels.get(key);
  if (cached === undefined) return;
  const { namespace } = cached.metadata;
  const lost = informers.leases.list(namespace).filter((lease) => lacksFinal(cached, lease));
  if (lost.length === 0) return;
  const channel = await clients.channels.get(cached.metadata, { signal });
  // After the channel: a lease is marked as settled before it is taken off there.
  const stored = await Promise.all(
    lost.map(({ metadata }) => clients.leases.find(metadata, { signal })),
  );
  const leases = stored.filter((lease) => lease !== undefined);
  const finals = lostFinals(channel, leases, escrowDomain(channel.spec));
  if (finals.length === 0) return;
  const spec = { ...channel.spec, finals: [...channel.spec.finals, ...finals] };
  const written = await clients.channels.replace(
    { ...channel, spec },
    { signal, fieldManager: FIELD_MANAGER },
  );
  informers.channels.observe(written);
}

function factsOf(
  deps: BillingDeps,
  channel: PaymentChannel,
  newOnes: NewLeases,
  receipts: Receipts,
  signal: AbortSignal,
): Promise<StatementFacts | undefined> {
  const { namespace = '', name } = channel.metadata;
  const hash = channel.status?.statement?.hash ?? '0x';
  const stored = newOnes.reader(channel, (leaseName) =>
    deps.clients.leases.find({ namespace, name: leaseName }, { signal }),
  );
  return gatherFacts(channel, {
    domain: escrowDomain(channel.spec),
    findLease: async (leaseName, { isNew }) => {
      const cached = cachedLease(deps, namespace, leaseName);
      return cached === undefined || isNew ? newer(await stored(leaseName), cached) : cached;
    },
    grantRefusal: (agent) => grantRefusal(deps, channel, agent),
    receivedMs: receipts.receivedMs(`${namespace}/${name}`, hash),
    lastHeartbeatMs: deps.heartbeats.lastSeenMs(namespace),
    skewMs,
    heartbeatToleranceMs,
  });
}

/** Only when it holds the acceptance: a row is never refused because a watch is late. */
function cachedLease(deps: BillingDeps, namespace: string, name: string): GPULease | undefined {
  const cached = deps.informers.leases.get(`${namespace}/${name}`);
  return cached?.status?.acceptance === undefined ? undefined : cached;
}

async function markDisputes(
  deps: BillingDeps,
  channel: PaymentChannel,
  signal: AbortSignal,
): Promise<void> {
  const { informers, clients, clock } = deps;
  const leaseOf = (name: string) => informers.leases.get(`${channel.metadata.namespace}/${name}`);
  for (const { leaseName, condition } of disputesOf(channel, leaseOf)) {
    const lease = leaseOf(leaseName);
    if (lease === undefined) continue;
    await updateStatus({
      client: clients.leases,
      informer: informers.leases,
      object: lease,
      fieldManager: FIELD_MANAGER,
      signal,
      mutate: ({ status }) => ({
        ...status,
        conditions: setCondition(status?.conditions, condition, clock.now()),
      }),
    });
  }
}

function record(metrics: BillingMetrics, reply: Reply, afterMs: number): void {
  const refused = reply.refusals.length > 0;
  metrics.statements.inc({ result: refused ? 'partly_refused' : 'accepted' });
  for (const { reason } of reply.refusals) metrics.refusedRows.inc({ reason });
  metrics.replySeconds.observe(afterMs / 1_000);
}
