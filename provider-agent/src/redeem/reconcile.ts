import { leaseExposure } from '@gridlease/contracts/channel';
import type { ChannelRecordSpec } from '@gridlease/crds/channelrecord';
import { updateStatus } from '@gridlease/kube/apply';
import { setCondition } from '@gridlease/kube/conditions';
import { Controller } from '@gridlease/kube/controller';
import { withSpan } from '@gridlease/kube/tracing';
import type { RedeemDeps } from './deps.ts';
import { type RedeemMetrics, redeemMetrics } from './metrics.ts';
import { createProblems } from './problems.ts';
import { mismatchOf, readyOf } from './ready.ts';
import { createSettler } from './settle.ts';
import { createRedeemTraces, type RedeemTraces } from './traces.ts';
import { createUnclaimed } from './unclaimed.ts';
import { checkVoucher, type VoucherCheck } from './voucher.ts';

export type RedeemStage = {
  start(signal: AbortSignal): void;
  readonly stopped: Promise<void>;
};

/**
 * Takes in vouchers, stores the best one of each channel, and turns them into money when it is worth
 * the gas. Says on the PaymentChannel what was redeemed and what is in the way.
 */
export function createRedeemStage(deps: RedeemDeps): RedeemStage {
  const { records, informers, log, registry, clock } = deps;
  const begunMs = clock.monotonicMs();
  const unclaimed = createUnclaimed(clock);
  const metrics = redeemMetrics(registry, {
    chainAgeSeconds: () => Math.min(deps.chain.headAgeMs(), clock.monotonicMs() - begunMs) / 1_000,
    oldestUnredeemedSeconds: () => unclaimed.oldestMs() / 1_000,
  });
  const problems = createProblems();
  const traces = createRedeemTraces(deps);
  const settler = createSettler(deps, metrics, problems, unclaimed, traces);
  const configured = {
    provider: deps.owner,
    chainId: Number(deps.domain.chainId),
    escrow: deps.domain.verifyingContract,
  };

  const invalid = new Set<string>();
  /** Counts a bad voucher once, however often its channel is looked at. */
  const noteInvalid = (signature: string | undefined): void => {
    if (signature === undefined || invalid.has(signature)) return;
    if (invalid.size > 10_000) invalid.clear();
    invalid.add(signature);
    metrics.vouchers.inc({ result: 'invalid' });
  };

  const controller = new Controller({
    name: 'redeem',
    queue: { baseDelayMs: 250, maxDelayMs: 10_000 },
    concurrency: 4,
    log,
    registry,
    async reconcile(key, { signal }) {
      const channel = informers.channels.get(key);
      if (channel === undefined) return;
      const { name } = channel.metadata;
      const mismatch = mismatchOf(channel.spec, records.get(name), configured);
      const voucher =
        mismatch === undefined ? await takeVoucher(deps, metrics, traces, name, signal) : undefined;
      if (voucher?.result === 'invalid') noteInvalid(channel.spec.voucher?.signature);
      const record = records.get(name);
      const ready = readyOf({
        mismatch,
        voucher,
        problem: problems.get(name),
        cover: deps.views.cover(name),
        generation: channel.spec.generation,
      });
      const redeemed =
        record?.channel.generation === channel.spec.generation ? record.redeemed : undefined;
      await updateStatus({
        client: deps.clients.channels,
        informer: informers.channels,
        object: channel,
        fieldManager: 'gridlease-agent-redeem',
        mutate: ({ status }) => {
          const { redeemed: _, ...rest } = status ?? {};
          const conditions =
            ready === undefined
              ? status?.conditions
              : setCondition(
                  status?.conditions,
                  { type: 'Ready', ...ready, message: ready.message.slice(0, 1024) },
                  clock.now(),
                );
          return {
            ...rest,
            ...(redeemed === undefined ? {} : { redeemed }),
            ...(conditions === undefined ? {} : { conditions }),
          };
        },
        signal,
      });
    },
  });

  const enqueue = (name: string): void => controller.enqueue(`${deps.hubNamespace}/${name}`);

  return {
    start(signal) {
      controller.watch(informers.channels);
      records.onChange((name) => {
        enqueue(name);
        settler.wake();
      });
      problems.onChange(enqueue);
      deps.views.onChange(enqueue);
      const chain = String(deps.domain.chainId);
      // One that never answers has no block to be old: its silence counts from here.
      metrics.headTimestamp.set({ chain }, Math.floor(clock.now().getTime() / 1_000));
      deps.chain.onBlock(({ timestamp }) => {
        metrics.headTimestamp.set({ chain }, timestamp);
        settler.wake();
      });
      controller.start(signal);
      settler.start(signal);
    },
    get stopped() {
      return Promise.all([controller.stopped, settler.stopped]).then(() => undefined);
    },
  };
}

/** Stores the hub's voucher when it is a better one. It counts only once it is stored. */
async function takeVoucher(
  deps: RedeemDeps,
  metrics: RedeemMetrics,
  traces: RedeemTraces,
  name: string,
  signal: AbortSignal,
): Promise<VoucherCheck | undefined> {
  const record = deps.records.get(name);
  const offered = deps.informers.channels.get(`${deps.hubNamespace}/${name}`)?.spec.voucher;
  if (record === undefined || offered === undefined) return undefined;
  const voucher = { ...offered, cumulative: BigInt(offered.cumulative) };
  const check = await checkVoucher({
    domain: deps.domain,
    channel: record.channel,
    voucher,
    best: bestOf(record),
    owed: BigInt(record.statement?.cumulative ?? '0'),
    prepaid: prepaidOn(deps, name),
  });
  if (check.result !== 'better') return check;
  const store = () =>
    deps.records.update(
      name,
      (current) =>
        current === undefined ||
        current.channel.generation !== voucher.generation ||
        bestOf(current) >= voucher.cumulative
          ? undefined
          : { ...current, voucher: offered },
      signal,
    );
  await withSpan(() => traces.voucher(name, record, offered), store);
  metrics.vouchers.inc({ result: 'stored' });
  return check;
}

function bestOf(record: ChannelRecordSpec): bigint {
  const { voucher, channel } = record;
  return voucher?.generation === channel.generation ? BigInt(voucher.cumulative) : 0n;
}

/** What the terms of the leases pay in advance, token smallest units. */
function prepaidOn(deps: RedeemDeps, channelName: string): bigint {
  return deps.informers.leaseRecords
    .byIndex('statedOn', channelName)
    .reduce((sum, { spec: { terms } }) => {
      const { gpuCount, prepaySeconds } = terms;
      const pricePerGpuHour = BigInt(terms.pricePerGpuHour);
      return (
        sum +
        leaseExposure({
          gpuCount,
          pricePerGpuHour,
          intervalSeconds: prepaySeconds,
          graceSeconds: 0,
          stopSeconds: 0,
        })
      );
    }, 0n);
}
