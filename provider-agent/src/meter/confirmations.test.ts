import { describe, expect, test } from '@jest/globals';
import { createConfirmations } from './confirmations.ts';
import type { MeteredNode, MeteredPod, NodeLease } from './deps.ts';

const nowMs = 1_800_000_000_000;
const iso = (ms: number) => new Date(ms).toISOString();
const aPod = (uid: string): MeteredPod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: uid, namespace: 'tenant', uid },
  spec: { nodeName: 'node' },
});
const node: MeteredNode = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node' },
  status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: iso(0) }] },
};
const nodeLease: NodeLease = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'node' },
  spec: { renewTime: iso(nowMs - 1_000) },
};

/** A node that renewed one second ago, and a watch of pods that was last heard `silentMs` ago. */
function confirmationsAfter(silentMs: number, there: readonly MeteredPod[] | Error) {
  const observed: MeteredPod[] = [];
  let lists = 0;
  const confirmations = createConfirmations({
    nodes: { get: () => node },
    nodeLeases: { list: async () => ({ items: [nodeLease], resourceVersion: '1' }) },
    pods: { ageMs: () => silentMs, observe: (pod) => void observed.push(pod) },
    podClient: {
      list: async () => {
        lists += 1;
        if (there instanceof Error) throw there;
        return { items: [...there], resourceVersion: '1' };
      },
    },
    clock: { now: () => new Date(nowMs), monotonicMs: () => 5_000 },
  });
  const refresh = () => confirmations.refresh(AbortSignal.timeout(1_000));
  const agoMs = (uid: string) => nowMs - confirmations.view(aPod(uid))!.confirmedMs;
  return { refresh, agoMs, observed, lists: () => lists };
}

describe('up to when a pod is known to run', () => {
  test('as long as its node reports, while the watch is heard', async () => {
    const { refresh, agoMs, lists } = confirmationsAfter(500, []);
    await refresh();
    expect(agoMs('a')).toBe(1_000);
    expect(lists()).toBe(0);
  });

  test('again as long as its node reports, when a list shows it after a silence', async () => {
    const { refresh, agoMs, observed } = confirmationsAfter(80_000, [aPod('a')]);
    await refresh();
    expect(agoMs('a')).toBe(1_000);
    expect(observed.map(({ metadata }) => metadata.uid)).toEqual(['a']);
    expect(agoMs('gone')).toBe(80_000);
  });

  test('no longer than the watch was heard, however well its node is, when the list fails too', async () => {
    const { refresh, agoMs } = confirmationsAfter(80_000, new Error('away'));
    await expect(refresh()).rejects.toThrow('away');
    expect(agoMs('a')).toBe(80_000);
  });
});
