import { keptLinks, leaseParentOf, statementSpan } from '@gridlease/crds/traces';
import type { SpanStart } from '@gridlease/kube/tracing';
import type { Hex } from 'viem';
import type { LookedLease } from './lookedLease.ts';

/** One statement for the leases of its rows: a trace of its own, linked to theirs. */
export function statementStart(
  channelName: string,
  statement: {
    readonly hash: Hex;
    readonly seq: bigint;
    readonly generation: number;
    readonly rows: readonly { readonly leaseId: Hex; readonly last: boolean }[];
  },
  looked: readonly LookedLease[],
): SpanStart {
  const { hash, rows } = statement;
  const stated = new Set(rows.map(({ leaseId }) => leaseId));
  const named = looked.filter(({ lease }) => stated.has(lease.leaseId));
  const leases = keptLinks(named.map(({ record }) => leaseParentOf(record)));
  return {
    name: 'meter statement',
    isDerived: true,
    context: statementSpan(hash, leases),
    links: leases,
    attributes: {
      'gridlease.channel.name': channelName,
      'gridlease.channel.generation': statement.generation,
      'gridlease.statement.hash': hash,
      'gridlease.statement.seq': statement.seq.toString(),
      'gridlease.statement.rows': rows.length,
      'gridlease.statement.last_rows': rows.filter(({ last }) => last).length,
    },
  };
}
