import { smaller } from '@gridlease/contracts/bigints';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import type { Informer } from '@gridlease/kube/informer';
import { objectKey } from '@gridlease/kube/object';
import { inTokens } from './channelTruth.ts';
import type { Growth } from './integrity.ts';
import type { LeaseMetrics } from './leaseMetrics.ts';
import { type ChannelFigures, figuresOf, newlyPromised, rise } from './payments.ts';

export type PaymentSources = {
  readonly channels: Pick<Informer<PaymentChannel>, 'onChange'>;
  readonly leases: Pick<Informer<GPULease>, 'get'>;
  /** Decimals of the channel's token; undefined while its chain is not known. */
  readonly decimalsOf: (channel: PaymentChannel) => number | undefined;
  /** A lease, by key, was paid for more than before. */
  readonly onPaid: (leaseKey: string) => void;
  /** What two answered statements, one after the other, say of a lease. */
  readonly onGrowth: (leaseKey: string, growth: Growth) => void;
};

type Answered = { readonly seq: string; readonly atMs: number; readonly figures: ChannelFigures };

/** Counts what statements add, what answers accept and what vouchers promise, from now on. */
export function followPayments(sources: PaymentSources, metrics: LeaseMetrics): void {
  const known = new Map<string, ChannelFigures>();
  const answers = new Map<string, Answered>();

  sources.channels.onChange((channel, _old, { type, initial }) => {
    const key = objectKey(channel);
    if (type === 'deleted') {
      known.delete(key);
      answers.delete(key);
      return;
    }
    const before = known.get(key);
    const after = figuresOf(channel);
    known.set(key, after);
    if (!initial) count(channel, before, after);
    if (after.isAnswered) noteAnswer(key, channel, after);
  });

  function count(
    channel: PaymentChannel,
    before: ChannelFigures | undefined,
    after: ChannelFigures,
  ): void {
    const { accountRef, providerName: provider } = channel.spec;
    const { namespace } = accountRef;
    for (const [id, { name, gpuMs }] of after.stated) {
      const grown = rise(before?.stated.get(id)?.gpuMs ?? 0n, gpuMs);
      if (grown === 0n) continue;
      const product = productOf(channel, name);
      metrics.statedSeconds.inc({ provider, product }, Number(grown) / 1_000);
    }
    for (const [id, gpuMs] of after.paid) {
      const grown = rise(before?.paid.get(id) ?? 0n, gpuMs);
      const name = after.stated.get(id)?.name ?? before?.stated.get(id)?.name;
      if (grown === 0n || name === undefined) continue;
      const product = productOf(channel, name);
      metrics.paidSeconds.inc({ namespace, provider, product }, Number(grown) / 1_000);
      sources.onPaid(`${channel.metadata.namespace}/${name}`);
    }
    const decimals = sources.decimalsOf(channel);
    const promised = newlyPromised(before, after);
    if (decimals !== undefined && promised > 0n) {
      metrics.spent.inc({ namespace }, inTokens(promised, decimals));
    }
  }

  function noteAnswer(key: string, channel: PaymentChannel, figures: ChannelFigures): void {
    const { answered: seq, statedAtMs: atMs } = figures;
    if (seq === undefined || atMs === undefined) return;
    const before = answers.get(key);
    if (before?.seq === seq) return;
    answers.set(key, { seq, atMs, figures });
    if (before === undefined || before.figures.generation !== figures.generation) return;
    for (const [id, { name, gpuMs }] of figures.stated) {
      const stated = before.figures.stated.get(id);
      const paid = before.figures.paid.get(id);
      if (stated === undefined || paid === undefined) continue;
      // A row that was in dispute and is paid at last jumps without having grown; and the other way round.
      const grown = smaller(rise(stated.gpuMs, gpuMs), rise(paid, figures.paid.get(id) ?? 0n));
      const growth = { fromMs: before.atMs, toMs: atMs, gpuMs: grown };
      sources.onGrowth(`${channel.metadata.namespace}/${name}`, growth);
    }
  }

  /** Of a lease that is gone nobody knows; an empty label is no product. */
  function productOf({ metadata }: PaymentChannel, leaseName: string): string {
    return sources.leases.get(`${metadata.namespace}/${leaseName}`)?.spec.product ?? '';
  }
}
