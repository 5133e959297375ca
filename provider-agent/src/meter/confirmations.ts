import type { Clock } from '@gridlease/kube/clock';
import type { Informer } from '@gridlease/kube/informer';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { MeteredNode, NodeLease } from './deps.ts';
import { type NodeView, nodeView } from './node.ts';

/** The namespace in which kubelets renew their Leases. */
const nodeLeaseNamespace = 'kube-node-lease';
/** Several channels that are stated at the same moment share one list. */
const freshMs = 1_000;

/** What the nodes last said of themselves. */
export type Confirmations = {
  /** Reads the nodes' Leases, unless they were just read. */
  refresh(signal: AbortSignal): Promise<void>;
  /** Undefined when there is no such node. */
  view(nodeName: string | undefined): NodeView | undefined;
};

/**
 * Node Leases are listed when a statement is due instead of being watched: each changes every 10 s,
 * and between two statements nobody looks.
 */
export function createConfirmations(options: {
  readonly nodes: Informer<MeteredNode>;
  readonly nodeLeases: ResourceClient<NodeLease>;
  readonly clock: Clock;
}): Confirmations {
  const { nodes, nodeLeases, clock } = options;
  let renewTimes = new Map<string, string>();
  let readMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  const read = async (signal: AbortSignal): Promise<void> => {
    const startMs = clock.monotonicMs();
    const { items } = await nodeLeases.list({ namespace: nodeLeaseNamespace, signal });
    renewTimes = new Map(
      items.flatMap(({ metadata, spec }) =>
        spec?.renewTime === undefined ? [] : [[metadata.name, spec.renewTime] as const],
      ),
    );
    readMs = startMs;
  };

  return {
    refresh(signal) {
      if (clock.monotonicMs() - readMs < freshMs) return Promise.resolve();
      reading ??= read(signal).finally(() => {
        reading = undefined;
      });
      return reading;
    },
    view(nodeName) {
      const node = nodeName === undefined ? undefined : nodes.get(nodeName);
      return node && nodeView(node, renewTimes.get(node.metadata.name));
    },
  };
}
