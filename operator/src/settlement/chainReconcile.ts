import type { SettlementChainStatus } from '@gridlease/crds/settlementchain';
import { updateStatus } from '@gridlease/kube/apply';
import { getCondition, setCondition } from '@gridlease/kube/conditions';
import type { Reconcile } from '@gridlease/kube/controller';
import { type ChainVerdict, type Context, FIELD_MANAGER } from './deps.ts';

const againWhenReadyMs = 30_000;
const againMs = 5_000;

/** Verifies a chain again and again, and says on the object whether it can be used and why not. */
export function chainReconcile(context: Context): Reconcile {
  const { informers, clients, chains, clock, metrics } = context;
  return async (name, { signal, log }) => {
    const chain = informers.chains.get(name);
    if (chain === undefined) {
      chains.forget(name);
      for (const metric of [metrics.chainReady, metrics.latestBlock, metrics.headTimestamp]) {
        metric.remove({ chain: name });
      }
      metrics.reorganisations.remove({ chain: name });
      return;
    }
    const verdict = await chains.reconcile(chain, signal);
    metrics.chainReady.set({ chain: name }, verdict.ready ? 1 : 0);
    // From zero, so that the first is seen as a step.
    metrics.requestErrors.inc({ chain: name }, 0);
    const before = getCondition(chain.status?.conditions, 'Ready');
    const observedGeneration = chain.metadata.generation ?? 0;
    const written = await updateStatus({
      client: clients.chains,
      informer: informers.chains,
      object: chain,
      fieldManager: FIELD_MANAGER,
      signal,
      mutate: ({ status }): SettlementChainStatus => ({
        ...status,
        observedGeneration,
        conditions: setCondition(
          status?.conditions,
          { ...conditionOf(verdict), observedGeneration },
          clock.now(),
        ),
      }),
    });
    const after = getCondition(written.status?.conditions, 'Ready');
    if (after !== undefined && after.status !== before?.status) {
      const type = verdict.ready ? 'Normal' : 'Warning';
      const { reason, message } = after;
      context.recorder.event(written, { type, reason, note: message, action: 'Verify' });
      log.info({ reason }, message);
    }
    return { requeueAfterMs: verdict.ready ? againWhenReadyMs : againMs };
  };
}

function conditionOf(verdict: ChainVerdict) {
  if (verdict.ready) {
    return {
      type: 'Ready',
      status: 'True',
      reason: 'Ready',
      message: 'The chain answers; chain id, escrow and token are as stated.',
    } as const;
  }
  const { status, reason, message } = verdict;
  return { type: 'Ready', status, reason, message } as const;
}
