import { acquireTestCluster } from '@gridlease/e2e/cluster/testCluster';
import { leases } from '@gridlease/kube/builtins';
import { systemClock } from '@gridlease/kube/clock';
import type { Cluster } from '@gridlease/kube/cluster';
import { silentLogger } from '@gridlease/kube/log';
import { resourceClient } from '@gridlease/kube/resources';
import { clusterVia } from '@gridlease/kube/testing/followed';
import { startTcpProxy, type TcpProxy } from '@gridlease/kube/testing/tcpProxy';
import { aNamespace, eventually, type TestNamespace } from '@gridlease/kube/testing/testNamespace';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { type CoordinationLease, createHeartbeat, type Heartbeat } from './heartbeat.ts';
import { type BootClock, createRenewalRecord, systemBootClock } from './renewalRecord.ts';

let kubeconfigPath: string;
let namespace: TestNamespace;
const stopping = new AbortController();
const { signal } = stopping;
const clusters: Cluster[] = [];

beforeAll(async () => {
  kubeconfigPath = (await acquireTestCluster()).hub.kubeconfig;
  namespace = await aNamespace(kubeconfigPath);
});

afterAll(async () => {
  stopping.abort();
  await Promise.all(clusters.map((cluster) => cluster.close()));
  await namespace?.[Symbol.asyncDispose]();
});

const aRecord = (name: string, boot?: BootClock, clock = systemClock) =>
  createRenewalRecord({
    client: resourceClient<CoordinationLease>(namespace.cluster, leases),
    namespace: namespace.name,
    name,
    identity: 'test',
    clock,
    ...(boot === undefined ? {} : { boot }),
  });

describe('what a replica reads of when the hub was renewed', () => {
  test('on the same machine the time of sending, to its clock tick', async () => {
    const sentMs = systemClock.monotonicMs() - 5_000;
    await aRecord('same').write(sentMs, signal);
    const read = (await aRecord('same').read(signal))!;
    expect(read).toBeLessThanOrEqual(sentMs);
    expect(sentMs - read).toBeLessThan(100);
  });

  test('on another machine by the wall clock, and never later', async () => {
    const sentMs = systemClock.monotonicMs() - 5_000;
    await aRecord('other', { bootId: 'a', uptimeMs: () => 1e9 }).write(sentMs, signal);
    const read = (await aRecord('other', { bootId: 'b', uptimeMs: () => 5_000 }).read(signal))!;
    expect(read).toBeLessThanOrEqual(sentMs);
    expect(sentMs - read).toBeLessThan(3_000);
  });

  test('not renewed by being read again, however far ahead the writer was', async () => {
    const ahead = { ...systemClock, now: () => new Date(Date.now() + 3_600_000) };
    const elsewhere: BootClock = { bootId: undefined, uptimeMs: () => 0 };
    await aRecord('ahead', elsewhere, ahead).write(systemClock.monotonicMs(), signal);
    let nowMs = 1_000_000;
    const reader = aRecord('ahead', elsewhere, { ...systemClock, monotonicMs: () => nowMs });
    const first = (await reader.read(signal))!;
    expect(first).toBeLessThanOrEqual(1_000_000);
    nowMs += 60_000;
    expect(await reader.read(signal)).toBeLessThanOrEqual(1_000_000);
  });

  test('nothing where nobody has written', async () => {
    expect(await aRecord('none').read(signal)).toBeUndefined();
  });
});

/** A renewal, or what is read of one, may take longer than the interval allows: it is asked for again. */
const refreshed = async (heartbeat: Heartbeat): Promise<boolean> => {
  try {
    await heartbeat.refresh(signal);
    return true;
  } catch {
    return false;
  }
};

describe('two replicas', () => {
  const replica = (
    name: string,
    isLeading: () => boolean,
    hub: TcpProxy,
    boot: BootClock = systemBootClock,
  ): Heartbeat => {
    const cluster = clusterVia(kubeconfigPath, hub);
    clusters.push(cluster);
    return createHeartbeat({
      client: resourceClient(cluster, leases),
      namespace: namespace.name,
      identity: name,
      intervalSeconds: 1,
      shared: aRecord('shared'),
      isLeading,
      clock: systemClock,
      boot,
      registry: new Registry(),
      log: silentLogger,
    });
  };

  test('one renews and the other knows, also when it is cut off from the hub by itself', async () => {
    await using near = await startTcpProxy(namespace.cluster.server);
    await using far = await startTcpProxy(namespace.cluster.server);
    await far.refuse();
    const term = new AbortController();
    let leader = 'a';
    const a = replica('a', () => leader === 'a', near);
    const b = replica('b', () => leader === 'b', far);
    a.start(signal);
    b.start(signal);
    void a.lead(term.signal);
    await eventually('b knows of a renewal', () => b.lastRenewalMs !== undefined);
    const first = b.lastRenewalMs!;
    await eventually('b knows of the next', () => b.lastRenewalMs! > first);
    // Never later than it was sent.
    await eventually('b knows to the clock tick when it was sent', async () => {
      if (!(await refreshed(a))) return false;
      const exact = a.lastRenewalMs!;
      if (!(await refreshed(b))) return false;
      expect(b.lastRenewalMs!).toBeLessThanOrEqual(a.lastRenewalMs!);
      return b.lastRenewalMs! >= exact - 100;
    });
    // Cut off as the leader as well: nothing is renewed, and nobody believes it was.
    leader = 'b';
    term.abort();
    // What b was about to read as a follower comes before this.
    await refreshed(b);
    const last = b.lastRenewalMs!;
    await expect(b.refresh(signal)).rejects.toThrow();
    expect(b.lastRenewalMs).toBe(last);
  });

  test('a machine that slept has not renewed meanwhile, whatever its monotonic clock says', async () => {
    await using hub = await startTcpProxy(namespace.cluster.server);
    let sleptMs = 0;
    const boot = { ...systemBootClock, uptimeMs: () => systemBootClock.uptimeMs() + sleptMs };
    const a = replica('a', () => true, hub, boot);
    await eventually('it renews', () => refreshed(a));
    const before = a.lastRenewalMs!;
    expect(systemClock.monotonicMs() - before).toBeLessThan(10_000);
    sleptMs = 300_000;
    expect(before - a.lastRenewalMs!).toBeGreaterThan(299_000);
    await eventually('it renews again', () => refreshed(a));
    expect(systemClock.monotonicMs() - a.lastRenewalMs!).toBeLessThan(10_000);
  });
});
