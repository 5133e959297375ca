import { describe, expect, test } from '@jest/globals';
import { builtInEnforcer, enforcerOf } from './networkEnforcers.ts';
import { aNode, aPod } from './testing/clusterBuilders.ts';

describe('what keeps NetworkPolicies', () => {
  test.each([
    ['Calico', { 'k8s-app': 'calico-node' }],
    ['Cilium', { 'k8s-app': 'cilium' }],
    ['Antrea', { app: 'antrea', component: 'antrea-agent' }],
    ['kube-router', { 'k8s-app': 'kube-router', tier: 'node' }],
  ])('is %s by its pods', (name, labels) => {
    expect(enforcerOf(aPod({ labels }))).toBe(name);
  });

  test.each([
    ['flannel', { app: 'flannel' }, 'Running'],
    ['a plugin that does not run yet', { 'k8s-app': 'calico-node' }, 'Pending'],
    ['a pod of anybody', {}, 'Running'],
  ])('is not %s', (_name, labels, phase) => {
    expect(enforcerOf(aPod({ labels, phase }))).toBeUndefined();
  });

  const k3s = (version: string, args?: string) => {
    const node = aNode();
    const annotations = args === undefined ? {} : { 'k3s.io/node-args': args };
    return {
      ...node,
      metadata: { ...node.metadata, annotations },
      status: { ...node.status, nodeInfo: { kubeletVersion: version } },
    };
  };
  test.each([
    ['is in k3s itself', k3s('v1.34.1+k3s1', '["server"]'), 'k3s'],
    [
      'is not in k3s without it',
      k3s('v1.34.1+k3s1', '["server","--disable-network-policy"]'),
      undefined,
    ],
    ['is not in any other kubelet', k3s('v1.36.3'), undefined],
  ])('%s', (_name, node, expected) => {
    expect(builtInEnforcer(node, [node])).toBe(expected);
  });

  test('is in no k3s node when a server was started without it', () => {
    const worker = k3s('v1.34.1+k3s1', '["agent"]');
    const server = k3s('v1.34.1+k3s1', '["server","--disable-network-policy"]');
    expect(builtInEnforcer(worker, [worker, server])).toBeUndefined();
  });
});
