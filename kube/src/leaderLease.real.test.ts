import { acquireTestCluster } from '@gridlease/e2e/cluster/testCluster';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { leases } from './builtins.ts';
import { type Cluster, connectCluster } from './cluster.ts';
import type { ElectionLease } from './leaderDecide.ts';
import { type LeaderLease, leaderLease } from './leaderLease.ts';
import { resourceClient } from './resources.ts';
import { startTcpProxy } from './testing/tcpProxy.ts';
import {
  aNamespace,
  eventually,
  kubeConfigVia,
  type TestNamespace,
} from './testing/testNamespace.ts';

jest.setTimeout(180_000);

let kubeconfigPath: string;
let namespace: TestNamespace;

beforeAll(async () => {
  kubeconfigPath = (await acquireTestCluster()).hub.kubeconfig;
  namespace = await aNamespace(kubeconfigPath);
});

afterAll(async () => {
  await namespace?.[Symbol.asyncDispose]();
});

type Happening = { readonly who: string; readonly what: 'began' | 'ended'; readonly atMs: number };
type Times = { readonly durationMs: number; readonly renewDeadlineMs: number };
// Both are long enough for a machine on which much else is tested; the short ones are sat out.
const short: Times = { durationMs: 10_000, renewDeadlineMs: 8_000 };
const long: Times = { durationMs: 30_000, renewDeadlineMs: 20_000 };
const retryMs = 500;

type Contender = AsyncDisposable & {
  readonly lease: LeaderLease;
  readonly cluster: Cluster;
  readonly done: Promise<void>;
  stop(): Promise<void>;
};

function contend(
  name: string,
  who: string,
  happened: Happening[],
  options: Times & { readonly server?: string; readonly work?: () => Promise<void> },
): Contender {
  const cluster = connectCluster({
    name: 'hub',
    kubeConfig: kubeConfigVia(kubeconfigPath, options.server ?? namespace.cluster.server),
    userAgent: `gridlease-test-${who}`,
    registry: new Registry(),
  });
  const { durationMs, renewDeadlineMs } = options;
  const lease = leaderLease({
    client: resourceClient<ElectionLease>(cluster, leases),
    namespace: namespace.name,
    name,
    replicaName: who,
    ...{ durationMs, renewDeadlineMs, retryMs },
  });
  const stopping = new AbortController();
  const done = lease.run(async ({ signal }) => {
    happened.push({ who, what: 'began', atMs: performance.now() });
    await options.work?.();
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    happened.push({ who, what: 'ended', atMs: performance.now() });
  }, stopping.signal);
  done.catch(() => undefined);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await done;
  };
  return {
    lease,
    cluster,
    done,
    stop,
    async [Symbol.asyncDispose]() {
      await stop().catch(() => undefined);
      await cluster.close();
    },
  };
}

const told = (happened: readonly Happening[]) => happened.map(({ who, what }) => `${who} ${what}`);
const read = (name: string) =>
  resourceClient<ElectionLease>(namespace.cluster, leases).get({ namespace: namespace.name, name });

test('an orderly end hands over at once, and the metrics say who leads', async () => {
  const happened: Happening[] = [];
  await using a = contend('orderly', 'a', happened, long);
  await eventually('a leads', () => a.lease.isLeading);
  await using b = contend('orderly', 'b', happened, long);
  await eventually('b has looked', () => b.lease.holder === a.lease.identity);
  const endedMs = performance.now();
  await a.stop();
  await eventually('b leads', () => b.lease.isLeading);
  expect(told(happened)).toEqual(['a began', 'a ended', 'b began']);
  // A look, not a lease's time.
  expect(performance.now() - endedMs).toBeLessThan(long.durationMs / 2);
  const metrics = await b.cluster.registry.metrics();
  expect(metrics).toContain('leader_election_master_status{name="orderly"} 1');
  expect(await a.cluster.registry.metrics()).toContain(
    'leader_election_master_status{name="orderly"} 0',
  );
  const { spec } = await read('orderly');
  expect(spec).toMatchObject({ holderIdentity: b.lease.identity, leaseTransitions: 1 });
});

test.each(['freeze', 'refuse'] as const)(
  'a leader whose API server is gone (%s) has stopped before the next begins, and follows later',
  async (how) => {
    await using proxy = await startTcpProxy(namespace.cluster.server);
    const happened: Happening[] = [];
    await using a = contend(how, 'a', happened, { ...short, server: proxy.url });
    await eventually('a leads', () => a.lease.isLeading);
    await using b = contend(how, 'b', happened, short);
    await eventually('b has looked', () => b.lease.holder === a.lease.identity);
    const cutMs = performance.now();
    await proxy[how]();
    await eventually('b leads', () => b.lease.isLeading);
    expect(told(happened)).toEqual(['a began', 'a ended', 'b began']);
    const [, ended, began] = happened;
    expect(began!.atMs - ended!.atMs).toBeGreaterThan(0);
    expect(ended!.atMs - cutMs).toBeLessThan(2 * short.durationMs);
    await proxy.restore();
    await eventually('a follows', () => a.lease.holder === b.lease.identity);
    await b.stop();
    await eventually('a leads again', () => a.lease.isLeading);
    expect(told(happened).slice(3)).toEqual(['b ended', 'a began']);
  },
);

test('alone and cut off for longer than its lease, it goes on by itself', async () => {
  await using proxy = await startTcpProxy(namespace.cluster.server);
  const happened: Happening[] = [];
  await using a = contend('alone', 'a', happened, { ...short, server: proxy.url });
  await eventually('a leads', () => a.lease.isLeading);
  await proxy.refuse();
  await eventually('the term is over', () => !a.lease.isLeading);
  await proxy.restore();
  await eventually('a leads again', () => a.lease.isLeading);
  expect(told(happened)).toEqual(['a began', 'a ended', 'a began']);
});

test('when the work fails the lease is given back and the error is passed on', async () => {
  const happened: Happening[] = [];
  const work = async (): Promise<void> => {
    throw new Error('the configuration contradicts itself');
  };
  await using a = contend('failing', 'a', happened, { ...long, work });
  await expect(a.done).rejects.toThrow('contradicts itself');
  await eventually('it is free', async () => (await read('failing')).spec?.holderIdentity === '');
});
