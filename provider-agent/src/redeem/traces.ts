import type { ChannelRecordSpec } from '@gridlease/crds/channelrecord';
import { keptLinks, leaseParentOf, replySpan, voucherSpan } from '@gridlease/crds/traces';
import { rootBecauseOf, type SpanStart } from '@gridlease/kube/tracing';
import type { RedeemDeps } from './deps.ts';

type Sources = Pick<RedeemDeps, 'informers' | 'hubNamespace' | 'records'>;

/** The storing of a voucher, beside the reply that it came with. */
export function voucherStart(name: string, record: ChannelRecordSpec, deps: Sources) {
  const channel = deps.informers.channels.get(`${deps.hubNamespace}/${name}`);
  const { reply, voucher } = channel?.spec ?? {};
  if (reply === undefined) return undefined;
  const leases = leasesOf(name, record, deps);
  return {
    name: 'redeem voucher',
    context: voucherSpan(reply.statementHash, leases),
    parentSpanId: replySpan(reply.statementHash, leases).spanId,
    links: leases,
    attributes: {
      'gridlease.channel.name': name,
      'gridlease.channel.generation': voucher?.generation,
      'gridlease.voucher.cumulative': voucher?.cumulative,
      'gridlease.statement.hash': reply.statementHash,
    },
  } satisfies SpanStart;
}

/** The sending of a settlement, linked to the vouchers that it redeems. */
export function settleStart(
  channels: readonly { readonly name: string; readonly cumulative: bigint }[],
  deps: Sources,
): SpanStart {
  const causes = channels.flatMap(({ name, cumulative }) => {
    const record = deps.records.get(name);
    const leases = record === undefined ? [] : leasesOf(name, record, deps);
    const reply = deps.informers.channels.get(`${deps.hubNamespace}/${name}`)?.spec.reply;
    // A newer voucher may have come since: then the leases are all that is known of the cause.
    const isOfReply = reply?.cumulative === cumulative.toString();
    return isOfReply ? [voucherSpan(reply.statementHash, leases)] : leases;
  });
  const links = keptLinks(causes);
  return {
    name: 'redeem settle',
    context: rootBecauseOf(links),
    links,
    attributes: { 'gridlease.channels': channels.length },
  };
}

/** The leases of the last statement of a channel. */
function leasesOf(name: string, record: ChannelRecordSpec, { informers }: Sources) {
  const stated = new Set(record.rows.map(({ leaseId }) => leaseId));
  const named = informers.leaseRecords
    .list()
    .filter(({ spec }) => spec.channelName === name && stated.has(spec.leaseId));
  return keptLinks(named.map(leaseParentOf));
}
