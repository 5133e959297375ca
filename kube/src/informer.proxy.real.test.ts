import type { FaultRule, FaultType } from '@gridlease/e2e/chaos/faultRules';
import { acquireTestCluster } from '@gridlease/e2e/cluster/testCluster';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { configMaps } from './builtins.ts';
import { type ResourceClient, resourceClient } from './resources.ts';
import { aFaultyCluster, type FaultyCluster } from './testing/faultyCluster.ts';
import { aConfigMap, type ConfigMap, endsOf, follow } from './testing/followed.ts';
import { aNamespace, eventually, type TestNamespace } from './testing/testNamespace.ts';
import { stateOf, witness } from './testing/witness.ts';

jest.setTimeout(180_000);

let kubeconfigPath: string;
let namespace: TestNamespace;
/** Past the proxy. */
let client: ResourceClient<ConfigMap>;
let faulty: FaultyCluster;

beforeAll(async () => {
  kubeconfigPath = (await acquireTestCluster()).hub.kubeconfig;
  namespace = await aNamespace(kubeconfigPath);
  client = resourceClient<ConfigMap>(namespace.cluster, configMaps);
  faulty = await aFaultyCluster(kubeconfigPath);
});

afterAll(async () => {
  await faulty?.[Symbol.asyncDispose]();
  await namespace?.[Symbol.asyncDispose]();
});

/** Objects are made, changed, deleted and made again; `between` is called after each of ten writes. */
async function live(label: string, between: (step: number) => void | Promise<void>): Promise<void> {
  let step = 0;
  const then = async <T>(write: Promise<T>): Promise<T> => {
    const written = await write;
    await between(++step);
    return written;
  };
  const make = (name: string, n: number) =>
    then(client.create(aConfigMap(namespace.name, `${label}-${name}`, n, { test: label })));
  const change = (object: ConfigMap, n: number) =>
    then(client.replace({ ...object, data: { n: String(n) } }));
  const remove = (object: ConfigMap) =>
    then(client.delete(object.metadata, { uid: object.metadata.uid! }));

  const kept = await make('kept', 1);
  const doomed = await make('doomed', 1);
  const again = await make('again', 1);
  await change(kept, 2);
  const changed = await change(again, 2);
  await remove(doomed);
  await remove(changed);
  await make('again', 3);
  const late = await make('late', 1);
  await change(late, 2);
}

const watching = { verb: 'watch' } as const;

type Plague = {
  readonly name: string;
  readonly fault: FaultType;
  readonly rules: readonly FaultRule[];
  readonly silenceMs?: number;
  readonly relistMs?: number;
};

const plagues: readonly Plague[] = [
  {
    name: 'whose watches are lost on the way',
    fault: 'dropBeforeSend',
    rules: [{ match: watching, times: 2, fault: { type: 'dropBeforeSend' } }],
  },
  {
    name: 'whose watches are opened and not answered',
    fault: 'dropAfterCommit',
    rules: [{ match: watching, times: 2, fault: { type: 'dropAfterCommit' } }],
  },
  {
    name: 'whose watches open late',
    fault: 'delay',
    rules: [{ match: watching, times: 3, fault: { type: 'delay', milliseconds: 300 } }],
  },
  {
    name: 'whose server has too much to do',
    fault: 'answer',
    rules: [
      { match: watching, times: 2, fault: { type: 'answer', status: 429, retryAfterSeconds: 1 } },
    ],
  },
  {
    name: 'whose server fails',
    fault: 'answer',
    rules: [{ match: watching, times: 2, fault: { type: 'answer', status: 500 } }],
  },
  {
    name: 'whose connections are reset',
    fault: 'reset',
    rules: [{ match: watching, times: 2, fault: { type: 'reset' } }],
  },
  {
    name: 'whose server leaves events out',
    fault: 'dropEvent',
    rules: [{ match: watching, from: 4, times: 3, fault: { type: 'dropEvent' } }],
    relistMs: 2_000,
  },
  {
    name: 'whose server leaves the last event out, on a kind that is quiet ever after',
    fault: 'dropEvent',
    rules: [{ match: watching, from: 10, times: 1, fault: { type: 'dropEvent' } }],
    // Not before all ten are written: a list would bring some of them.
    relistMs: 10_000,
  },
  {
    name: 'whose watches are closed in the middle',
    fault: 'closeWatch',
    rules: [{ match: watching, from: 2, times: 3, fault: { type: 'closeWatch' } }],
  },
  {
    name: 'whose position is said to be too old',
    fault: 'expireWatch',
    rules: [{ match: watching, from: 3, times: 2, fault: { type: 'expireWatch' } }],
  },
  {
    name: 'whose watch falls silent',
    fault: 'freezeWatch',
    rules: [{ match: watching, from: 3, times: 1, fault: { type: 'freezeWatch' } }],
    silenceMs: 3_000,
  },
];

describe('an informer', () => {
  test.each(plagues)(
    '$name ends up with what there is, without a contradiction',
    async (plague) => {
      const { proxy, cluster } = faulty;
      const label = `plague-${plagues.indexOf(plague)}`;
      const before = proxy.injected(plague.fault);
      const { silenceMs = 90_000, relistMs = 600_000 } = plague;
      await using followed = await follow(namespace, label, cluster, { silenceMs, relistMs });
      const seen = witness(followed.informer);
      proxy.inject(plague.rules);
      try {
        const isAboutEvents = plague.rules.some(({ fault }) => /Event|Watch/.test(fault.type));
        await live(label, (step) => {
          // Faults of requests need requests: the watch ends in order, again and again.
          if (!isAboutEvents && step % 4 === 1) proxy.endWatches('close');
        });
        const wanted = async () => stateOf((await client.list(where(label))).items);
        await eventually(
          'the cache is what there is',
          async () => String(stateOf(followed.informer.list())) === String(await wanted()),
        );
        expect(stateOf(followed.informer.list())).toHaveLength(3);
        expect(seen.violations).toEqual([]);
        expect(proxy.injected(plague.fault)).toBeGreaterThan(before);
        await eventually('it is well again', () => followed.informer.lastError === undefined);
      } finally {
        proxy.heal();
      }
    },
  );

  test('that is offered an old list keeps what it knows, and takes the next current one', async () => {
    const { proxy, cluster } = faulty;
    proxy.record();
    await using followed = await follow(namespace, 'stale', cluster);
    const seen = witness(followed.informer);
    await live('stale', () => undefined);
    await eventually('all was seen', () => seen.told.length === 10);
    const known = stateOf(followed.informer.list());
    proxy.inject([{ match: watching, times: 2, fault: { type: 'staleList' } }]);
    try {
      const expired = await endsOf(cluster, 'expired');
      proxy.endWatches('expire');
      await eventually('it lists', async () => (await endsOf(cluster, 'expired')) > expired);
      await eventually('it was offered old ones', () => proxy.injected('staleList') === 2);
      await client.create(aConfigMap(namespace.name, 'stale-news', 1, { test: 'stale' }));
      await eventually('it follows again', () => seen.told.length > 10);
      expect(seen.told.slice(10)).toHaveLength(1);
      expect(seen.violations).toEqual([]);
      expect(stateOf(followed.informer.list())).toEqual(expect.arrayContaining([...known]));
    } finally {
      proxy.heal();
    }
  });

  test('that is offered nothing but old lists says so, for /readyz and /healthz', async () => {
    const { proxy, cluster } = faulty;
    proxy.record();
    await using followed = await follow(namespace, 'restored', cluster);
    await live('restored', () => undefined);
    await eventually('all was seen', () => followed.lines.length === 10);
    proxy.inject([{ match: watching, fault: { type: 'staleList' } }]);
    try {
      proxy.endWatches('expire');
      await eventually('it was offered some', () => followed.informer.staleListsMs() > 1_000);
      expect(followed.informer.lastError).toMatch(/older than what it had shown/);
      proxy.heal();
      await eventually('it is well again', () => followed.informer.staleListsMs() === 0);
    } finally {
      proxy.heal();
    }
  });
});

const where = (label: string) => ({ namespace: namespace.name, labelSelector: `test=${label}` });
