import { keptSenders } from '@gridlease/contracts/keptSenders';
import { encodeAnchor, placementRoot, readHead } from '@gridlease/contracts/placementAnchor';
import { hasWorked, type TransactionRecord } from '@gridlease/contracts/transaction';
import { changeResult } from '@gridlease/contracts/transactionChange';
import { gasTooLow, type TransactionSender } from '@gridlease/contracts/transactionSender';
import type { SettlementChain, SettlementChainStatus } from '@gridlease/crds/settlementchain';
import { updateStatus } from '@gridlease/kube/apply';
import { getCondition, isTrue, setCondition } from '@gridlease/kube/conditions';
import type { ReconcileContext, ReconcileResult } from '@gridlease/kube/controller';
import { describeError } from '@gridlease/kube/errors';
import type { Hex } from 'viem';
import { type BatchDecision, decideBatch } from './decide.ts';
import { type AnchorClient, type AnchorDeps, FIELD_MANAGER } from './deps.ts';
import type { AnchorMetrics } from './metrics.ts';
import { type Obstacle, obstacle, obstacleOn, publisherOf } from './publisher.ts';
import { carries, waitingPlacements } from './waiting.ts';

/** What fits a ChainTransaction: 1,000 digests are 68 kB. */
const maxBatch = 1_000;
/** Contract and coin are looked at this often; also the longest time between two looks at anything. */
const checkEveryMs = 15_000;
const againWhileOpenMs = 2_000;

type Batch = Extract<BatchDecision, { do: 'Anchor' }>;

/** Anchors the placements of each chain's accounts, batch by batch, and says on the chain why not. */
export function anchorReconcile(deps: AnchorDeps & { readonly metrics: AnchorMetrics }) {
  const { informers, clock, batches, metrics } = deps;
  const senderOf = keptSenders(deps.createSender);
  const checkedMs = new Map<string, number>();
  /** Final in files, by chain: what ChainTransactions tell only for a while. */
  const inFiles = new Map<number, Set<Hex>>();
  let filesRead: Promise<void> | undefined;

  async function readFiles(): Promise<void> {
    for (const { chainId, digests, transactionHash } of await batches.list()) {
      if (transactionHash !== undefined) remember(chainId, digests);
    }
  }
  function remember(chainId: number, digests: readonly Hex[]): void {
    const known = inFiles.get(chainId) ?? new Set<Hex>();
    for (const digest of digests) known.add(digest);
    inFiles.set(chainId, known);
  }

  /** Notes in its file that a batch is final. */
  async function finish({ spec, status }: TransactionRecord): Promise<void> {
    const digests = spec.digests ?? [];
    if (digests.every((digest) => inFiles.get(spec.chainId)?.has(digest))) return;
    const root = placementRoot(deps.hub, digests);
    const batch = await batches.get(root);
    const { transactionHash, blockNumber } = status.receipt!;
    if (batch !== undefined) await batches.put({ ...batch, transactionHash, blockNumber });
    remember(spec.chainId, digests);
  }

  async function anchor(
    chain: SettlementChain,
    client: AnchorClient,
    sender: TransactionSender,
    batch: Batch,
    { signal, log }: ReconcileContext,
  ): Promise<Obstacle | undefined> {
    const { address } = chain.spec.anchor!;
    const { digests, firstTime, lastTime } = batch;
    const root = placementRoot(deps.hub, digests);
    const previousHead = await readHead(client.rpc, address, sender.address);
    const anchored = { root, count: digests.length, firstTime, lastTime };
    // On the volume before anybody hears of the root: a root without its digests proves nothing.
    await batches.put({
      protocolVersion: 1,
      chainId: chain.spec.chainId,
      anchor: address,
      publisher: sender.address,
      hub: deps.hub,
      root,
      previousHead,
      firstTime,
      lastTime,
      digests,
    });
    const description = `anchoring ${digests.length} placements under ${root}`;
    const sent = await sender.send(
      {
        operation: 'AnchorPlacements',
        description,
        to: address,
        data: encodeAnchor(previousHead, anchored),
        refs: [{ kind: 'SettlementChain', name: chain.metadata.name }],
        digests,
      },
      signal,
    );
    if (sent.state === 'GasTooLow') return obstacle('GasTooLow', gasTooLow(sender.address, sent));
    if (sent.state === 'Sent') {
      metrics.transactions.inc({ result: 'sent' });
      log.info({ hash: sent.hash }, description);
    }
    return undefined;
  }

  async function look(
    chain: SettlementChain,
    context: ReconcileContext,
  ): Promise<{ readonly obstacle?: Obstacle | undefined; readonly againMs: number } | undefined> {
    const { signal, log } = context;
    const { name } = chain.metadata;
    const spec = chain.spec.anchor!;
    const client = deps.chains.chainFor(name);
    if (client === undefined) {
      const ready = getCondition(chain.status?.conditions, 'Ready');
      // Well as far as it said last, only not connected yet: that is over in a moment.
      if (ready?.status === 'True') return undefined;
      const message = `SettlementChain ${name}: ${ready?.message ?? 'not verified yet'}`;
      return { obstacle: obstacle('ChainNotReady', message), againMs: checkEveryMs };
    }
    const publisher = await publisherOf(deps, spec, signal);
    if ('reason' in publisher) return { obstacle: publisher, againMs: checkEveryMs };
    const id = `${chain.spec.chainId}/${spec.address}/${publisher.address}`;
    const sender = senderOf(id, client, publisher);

    const { records, busy, changes } = await sender.resolve(signal);
    for (const change of changes) {
      const { record, before, state } = change;
      log.info({ before, state }, `${record.spec.description}: ${record.status.message}`);
      const result = changeResult(change);
      if (result !== undefined) metrics.transactions.inc({ result });
    }
    const taken = new Set<Hex>();
    for (const record of records.filter(carries)) {
      for (const digest of record.spec.digests ?? []) taken.add(digest);
      if (record.status.state === 'Final' && hasWorked(record)) await finish(record);
    }
    for (const digest of inFiles.get(chain.spec.chainId) ?? []) taken.add(digest);
    const placements = informers.records.list().filter(({ spec: { accountRef } }) => {
      const account = informers.accounts.get(`${accountRef.namespace}/${accountRef.name}`);
      return account?.spec.chainName === name;
    });
    const waiting = waitingPlacements(placements, taken);
    metrics.waiting.set({ chain: name }, waiting.length);
    if (busy !== undefined) return { againMs: againWhileOpenMs };

    const nowMs = clock.now().getTime();
    const decision = decideBatch({ waiting, nowMs, anchorMs: deps.anchorMs, maxBatch });
    const dueAgainMs = clock.monotonicMs() - (checkedMs.get(id) ?? Number.NEGATIVE_INFINITY);
    if (decision.do === 'Anchor' || dueAgainMs > checkEveryMs) {
      const found = await obstacleOn(client, spec, publisher, signal);
      if (found !== undefined) return { obstacle: found, againMs: checkEveryMs };
      checkedMs.set(id, clock.monotonicMs());
    }
    if (decision.do === 'Anchor') {
      const found = await anchor(chain, client, sender, decision, context);
      return { obstacle: found, againMs: found === undefined ? againWhileOpenMs : checkEveryMs };
    }
    const isOpen = records.some(({ status }) => status.finishedTime === undefined);
    return { againMs: Math.min(decision.ms, isOpen ? againWhileOpenMs : checkEveryMs) };
  }

  async function say(
    chain: SettlementChain,
    found: Obstacle | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const observedGeneration = chain.metadata.generation ?? 0;
    const update = {
      type: 'AnchorReady',
      observedGeneration,
      ...(found ?? {
        status: 'True' as const,
        reason: 'Ready',
        message: 'Digests of placement records are anchored.',
      }),
    };
    const before = getCondition(chain.status?.conditions, 'AnchorReady');
    const written = await updateStatus({
      client: deps.clients.chains,
      informer: informers.chains,
      object: chain,
      fieldManager: FIELD_MANAGER,
      signal,
      mutate: ({ status }): SettlementChainStatus => ({
        ...status,
        conditions: setCondition(status?.conditions, update, clock.now()),
      }),
    });
    if (before?.status === update.status && before.reason === update.reason) return;
    const type = found === undefined ? 'Normal' : 'Warning';
    const { reason, message } = update;
    deps.recorder.event(written, { type, reason, note: message, action: 'Anchor' });
  }

  /** Without spec.anchor there is nothing to say. */
  async function sayNothing(chain: SettlementChain, signal: AbortSignal): Promise<void> {
    if (getCondition(chain.status?.conditions, 'AnchorReady') === undefined) return;
    await updateStatus({
      client: deps.clients.chains,
      informer: informers.chains,
      object: chain,
      fieldManager: FIELD_MANAGER,
      signal,
      mutate: ({ status }): SettlementChainStatus => ({
        ...status,
        conditions: status?.conditions?.filter(({ type }) => type !== 'AnchorReady') ?? [],
      }),
    });
  }

  return async (name: string, context: ReconcileContext): Promise<ReconcileResult> => {
    const { signal, log } = context;
    const chain = informers.chains.get(name);
    if (chain?.spec.anchor === undefined) {
      metrics.waiting.remove({ chain: name });
      if (chain !== undefined) await sayNothing(chain, signal);
      return;
    }
    filesRead ??= readFiles();
    await filesRead;
    try {
      const looked = await look(chain, context);
      if (looked === undefined) return { requeueAfterMs: 1_000 };
      await say(informers.chains.get(name) ?? chain, looked.obstacle, signal);
      return { requeueAfterMs: looked.againMs };
    } catch (error) {
      if (signal.aborted) throw error;
      // The chain may be away, which proves nothing; its own condition says when it is for long.
      const level = isTrue(chain.status?.conditions, 'Ready') ? 'warn' : 'debug';
      log[level]({ chain: name }, describeError(error));
      return { requeueAfterMs: 5_000 };
    }
  };
}
