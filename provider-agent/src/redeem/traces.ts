import type { ChannelRecordSpec } from '@gridlease/crds/channelrecord';
import { keptLinks, leaseParentOf, replySpan, voucherSpan } from '@gridlease/crds/traces';
import type { TraceContext } from '@gridlease/kube/traceContext';
import { rootBecauseOf, type SpanStart } from '@gridlease/kube/tracing';
import type { Hex } from 'viem';
import type { RedeemDeps } from './deps.ts';

type Voucher = { readonly generation: number; readonly cumulative: string };
export type RedeemTraces = ReturnType<typeof createRedeemTraces>;

/** The spans of taking vouchers in and of redeeming them, and which of the first the second are for. */
export function createRedeemTraces(
  deps: Pick<RedeemDeps, 'informers' | 'hubNamespace' | 'records'>,
) {
  /** By channel: the stored voucher, and the statement that it answered. */
  const stored = new Map<string, Voucher & { readonly statementHash: Hex }>();
  const replyOf = (name: string) =>
    deps.informers.channels.get(`${deps.hubNamespace}/${name}`)?.spec.reply;

  /** The leases of the last statement of a channel. */
  const leasesOf = (name: string, record: ChannelRecordSpec | undefined) => {
    const stated = new Set(record?.rows.map(({ leaseId }) => leaseId));
    const named = deps.informers.leaseRecords
      .list()
      .filter(({ spec }) => spec.channelName === name && stated.has(spec.leaseId));
    return keptLinks(named.map(leaseParentOf));
  };

  const causesOf = (name: string, cumulative: string): readonly TraceContext[] => {
    const record = deps.records.get(name);
    const leases = leasesOf(name, record);
    const known = stored.get(name);
    const isKnown =
      known?.cumulative === cumulative && known.generation === record?.channel.generation;
    if (isKnown) return [voucherSpan(known.statementHash, leases)];
    // Stored by an earlier process: a reply of the same amount says as much.
    const reply = replyOf(name);
    return reply?.cumulative === cumulative ? [replySpan(reply.statementHash, leases)] : leases;
  };

  return {
    /** The storing of a voucher, beside the reply that it came with. */
    voucher(name: string, record: ChannelRecordSpec, voucher: Voucher): SpanStart | undefined {
      const reply = replyOf(name);
      if (reply === undefined) return undefined;
      const { statementHash } = reply;
      const { generation, cumulative } = voucher;
      stored.set(name, { generation, cumulative, statementHash });
      const leases = leasesOf(name, record);
      return {
        name: 'redeem voucher',
        isDerived: true,
        context: voucherSpan(statementHash, leases),
        parentSpanId: replySpan(statementHash, leases).spanId,
        links: leases,
        attributes: {
          'gridlease.channel.name': name,
          'gridlease.channel.generation': generation,
          'gridlease.voucher.cumulative': cumulative,
          'gridlease.statement.hash': statementHash,
        },
      };
    },

    /** The sending of a settlement, linked to the vouchers that it redeems; a trace of its own, since they are many. */
    settle(channels: readonly { readonly name: string; readonly cumulative: bigint }[]): SpanStart {
      const causes = channels.flatMap(({ name, cumulative }) => causesOf(name, `${cumulative}`));
      const links = keptLinks(causes);
      const attributes = { 'gridlease.channels': channels.length };
      return { name: 'redeem settle', context: rootBecauseOf(links), links, attributes };
    },
  };
}
