import { LABEL_LEASE_UID } from '@gridlease/crds/labels';
import type { Clock } from '@gridlease/kube/clock';
import type { Informer } from '@gridlease/kube/informer';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { MeteredNode, MeteredPod, NodeLease } from './deps.ts';
import { type NodeView, nodeView } from './node.ts';

/** The namespace in which kubelets renew their Leases. */
const nodeLeaseNamespace = 'kube-node-lease';
/** Several channels that are stated at the same moment share one list. */
const freshMs = 1_000;

/** After so long a silence of the watch of pods they are listed: as often as nodes report. */
const silenceMs = 10_000;

/** Up to when what is known of nodes and pods is known to be true. */
export type Confirmations = {
  /** Reads the nodes' Leases, and the pods when their watch is silent, unless they were just read. */
  refresh(signal: AbortSignal): Promise<void>;
  /** The node of a pod, confirmed no longer than the pod itself. Undefined when it isn't there. */
  view(pod: MeteredPod): NodeView | undefined;
};

/**
 * Node Leases are listed when a statement is due instead of being watched: each changes every 10 s,
 * and between two statements nobody looks. A node that lives says nothing about a pod whose end a
 * half-open watch withholds, and what was signed can't be taken back: so a pod counts as running only
 * up to when the API server was last heard to say so.
 */
export function createConfirmations(options: {
  readonly nodes: Pick<Informer<MeteredNode>, 'get'>;
  readonly pods: Pick<Informer<MeteredPod>, 'ageMs' | 'observe'>;
  readonly podClient: Pick<ResourceClient<MeteredPod>, 'list'>;
  readonly nodeLeases: Pick<ResourceClient<NodeLease>, 'list'>;
  readonly clock: Clock;
}): Confirmations {
  const { nodes, pods, podClient, nodeLeases, clock } = options;
  let listed: { readonly atMs: number; readonly uids: ReadonlySet<string> } | undefined;
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
    await listPods(signal);
    readMs = startMs;
  };

  const listPods = async (signal: AbortSignal): Promise<void> => {
    const atMs = clock.now().getTime();
    const silentMs = Math.min(pods.ageMs(), atMs - (listed?.atMs ?? 0));
    if (silentMs < silenceMs) return;
    const { items } = await podClient.list({ labelSelector: LABEL_LEASE_UID, signal });
    listed = { atMs, uids: new Set(items.map(({ metadata }) => metadata.uid ?? '')) };
    // What the watch withheld counts from now on; what it was right about stays as it is.
    for (const pod of items) pods.observe(pod);
  };

  /** Unix milliseconds up to which the API server was heard about this pod. */
  const heardMs = ({ metadata }: MeteredPod): number => {
    const byWatch = clock.now().getTime() - pods.ageMs();
    const isListed = listed?.uids.has(metadata.uid ?? '') ?? false;
    return Math.max(byWatch, isListed ? listed!.atMs : 0);
  };

  return {
    refresh(signal) {
      if (clock.monotonicMs() - readMs < freshMs) return Promise.resolve();
      reading ??= read(signal).finally(() => {
        reading = undefined;
      });
      return reading;
    },
    view(pod) {
      const { nodeName } = pod.spec ?? {};
      const node = nodeName === undefined ? undefined : nodes.get(nodeName);
      if (node === undefined) return undefined;
      const view = nodeView(node, renewTimes.get(node.metadata.name));
      return { ...view, confirmedMs: Math.min(view.confirmedMs, heardMs(pod)) };
    },
  };
}
