import type { GPULease } from '@gridlease/crds/gpulease';
import { keptLinks, leaseSpan, replySpan, statementSpan } from '@gridlease/crds/traces';
import type { SpanStart } from '@gridlease/kube/tracing';
import type { Reply } from './decide.ts';
import type { StatementFacts } from './facts.ts';

/** The answer to one statement, beside the statement itself and linked to the leases that it is about. */
export function replyStart(
  facts: StatementFacts,
  reply: Reply,
  channel: { readonly namespace: string; readonly name: string },
  leaseOf: (name: string) => GPULease | undefined,
): SpanStart {
  const named = facts.rows.flatMap(({ leaseName }) => leaseOf(leaseName) ?? []);
  const leases = keptLinks(named.map(leaseSpan));
  return {
    name: 'billing reply',
    isDerived: true,
    // By the hash that was computed here: another's statement can't be joined by claiming its hash.
    context: replySpan(facts.hash, leases),
    parentSpanId: statementSpan(facts.hash, leases).spanId,
    startMs: Number(facts.receivedMs),
    links: leases,
    attributes: {
      'k8s.namespace.name': channel.namespace,
      'gridlease.channel.name': channel.name,
      'gridlease.channel.generation': facts.channel.generation,
      'gridlease.statement.hash': facts.hash,
      'gridlease.statement.seq': facts.statement.seq.toString(),
      'gridlease.statement.rows': facts.rows.length,
      'gridlease.statement.refused_rows': reply.refusals.length,
      'gridlease.voucher.cumulative': reply.cumulative.toString(),
    },
  };
}
