import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseIsFinished } from '@gridlease/crds/leaseState';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { keptLinks, leaseAttributes, leaseSpan, transactionSpan } from '@gridlease/crds/traces';
import { isTrue } from '@gridlease/kube/conditions';
import { childOf, rootBecauseOf, type SpanStart } from '@gridlease/kube/tracing';
import type { Final } from './decide.ts';
import type { Funding } from './funding.ts';
import type { Payment } from './settled.ts';

/** From a lease's end to when its money was final, linked to the transaction that paid it. */
export function settledSpan(
  lease: GPULease,
  final: Final | undefined,
  payment: Payment | undefined,
): SpanStart {
  const whole = leaseSpan(lease);
  return {
    name: 'settlement settled',
    context: childOf(whole),
    parentSpanId: whole.spanId,
    startMs: Date.parse(lease.status?.endTime ?? ''),
    links: payment === undefined ? [] : [transactionSpan(payment.transactionHash, [whole])],
    attributes: {
      ...leaseAttributes(lease),
      'gridlease.channel.name': lease.spec.channelName,
      'gridlease.amount': final?.amount ?? '0',
      'gridlease.transaction.hash': payment?.transactionHash,
      'gridlease.transaction.block': payment?.blockNumber.toString(),
    },
  };
}

/** The sending of one funding, linked to the leases that wait for it; a trace of its own, since they are many. */
export function fundingSpan(
  { metadata, spec }: PaymentChannel,
  funding: Funding,
  leases: readonly GPULease[],
): SpanStart {
  const waiting = leases.filter(
    (lease) =>
      lease.spec.channelName === metadata.name &&
      !leaseIsFinished(lease) &&
      !isTrue(lease.status?.conditions, 'Funded'),
  );
  const links = keptLinks(waiting.map(leaseSpan));
  return {
    name: 'settlement fund',
    context: rootBecauseOf(links),
    links,
    attributes: {
      'k8s.namespace.name': metadata.namespace,
      'gridlease.channel.name': metadata.name,
      'gridlease.channel.generation': spec.generation,
      'gridlease.channel.target': funding.target.toString(),
    },
  };
}
