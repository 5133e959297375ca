import type { Node, Pod } from './clusterObjects.ts';

/** Labels of the pods, one on each node, of network plugins that keep NetworkPolicies. */
const enforcers: readonly (readonly [name: string, key: string, value: string])[] = [
  ['Calico', 'k8s-app', 'calico-node'],
  ['Canal', 'k8s-app', 'canal'],
  ['Cilium', 'k8s-app', 'cilium'],
  ['Antrea', 'component', 'antrea-agent'],
  ['kube-router', 'k8s-app', 'kube-router'],
  ['OVN-Kubernetes', 'app', 'ovnkube-node'],
  ['Weave Net', 'name', 'weave-net'],
  ['Azure NPM', 'k8s-app', 'azure-npm'],
  ['kube-network-policies', 'app', 'kube-network-policies'],
  ['kube-network-policies', 'k8s-app', 'kube-network-policies'],
];

/** The network plugin that this pod keeps its node's NetworkPolicies with; undefined for every other pod. */
export function enforcerOf({ metadata, status }: Pod): string | undefined {
  if (status?.phase !== 'Running') return undefined;
  return enforcers.find(([, key, value]) => metadata.labels?.[key] === value)?.[0];
}

/**
 * What keeps NetworkPolicies in the node's own program: k3s has kube-router built in, unless one of its
 * servers was started without it. A node says with what arguments it was started.
 */
export function builtInEnforcer(node: Node, all: readonly Node[]): string | undefined {
  if (!/\+k3s/.test(node.status?.nodeInfo?.kubeletVersion ?? '')) return undefined;
  const isOff = all.some(({ metadata }) =>
    (metadata.annotations?.['k3s.io/node-args'] ?? '').includes('--disable-network-policy'),
  );
  return isOff ? undefined : 'k3s';
}
