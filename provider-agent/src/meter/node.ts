import { fromKubeTime } from '@gridlease/kube/conditions';

/** What the meter needs of a Node object. */
export type NodeObject = {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
      readonly lastHeartbeatTime?: string;
      readonly lastTransitionTime?: string;
    }[];
  };
};

/** What a node's own reports say about it. All times are the node's, unix milliseconds. */
export type NodeView = {
  readonly name: string;
  readonly ready: boolean;
  /** Why it isn't, in the words of whoever said so. */
  readonly notReadyMessage: string;
  /** When `ready` last changed. */
  readonly transitionMs: number;
  /** Its last heartbeat. */
  readonly aliveMs: number;
  /** Until when what it said is known to be true: its last heartbeat, or less where we heard less. */
  readonly confirmedMs: number;
};

/**
 * The node as the meter sees it. `renewTime` is that of its Lease in kube-node-lease: the kubelet
 * renews it every 10 s, while it writes an unchanged status only every 5 minutes.
 */
export function nodeView(node: NodeObject, renewTime: string | undefined): NodeView {
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  const aliveMs = Math.max(
    fromKubeTime(ready?.lastHeartbeatTime) ?? 0,
    fromKubeTime(renewTime) ?? 0,
  );
  return {
    name: node.metadata.name,
    ready: ready?.status === 'True',
    notReadyMessage: ready?.message ?? 'it has not reported yet',
    transitionMs: fromKubeTime(ready?.lastTransitionTime) ?? 0,
    aliveMs,
    confirmedMs: aliveMs,
  };
}
