import { expect, test } from '@jest/globals';
import { configMaps } from './builtins.ts';
import type { Cluster } from './cluster.ts';
import type { KubeObject } from './object.ts';
import { type ReflectorTarget, reflect } from './reflector.ts';
import type { WatchEvent } from './watchStream.ts';

const anObject = (name: string, version: number): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'a', uid: name, resourceVersion: String(version) },
});

const endOfList = (version: number): WatchEvent => {
  const { metadata, ...object } = anObject('', version);
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  return { type: 'BOOKMARK', object: { ...object, metadata: { ...metadata, annotations } } };
};

const pieceMs = 150;

test('takes a list that is due whole, also when its pieces come slowly', async () => {
  const stop = new AbortController();
  const lists: string[][] = [];
  let opened = 0;
  const pieces = ['a', 'b', 'c'].map((name) => [{ type: 'ADDED', object: anObject(name, 1) }]);
  const cluster = {
    async watch() {
      opened++;
      return (async function* () {
        for (const piece of [...pieces, [endOfList(opened)]]) {
          await new Promise((resolve) => setTimeout(resolve, pieceMs));
          yield piece as readonly WatchEvent[];
        }
        // Goes on for longer than lists may be apart.
        for (;;) {
          await new Promise((resolve) => setTimeout(resolve, pieceMs));
          yield [{ type: 'BOOKMARK', object: anObject('', opened) } as const];
        }
      })();
    },
  } as unknown as Cluster;
  const target: ReflectorTarget<KubeObject> = {
    prepare: (object) => object,
    replace: (objects) => lists.push(objects.map(({ metadata }) => metadata.name)) > 0,
    put: () => undefined,
    remove: () => undefined,
    advance: () => undefined,
    heard: () => undefined,
    listed: () => {
      if (lists.length === 3) stop.abort();
    },
    ended: () => undefined,
  };
  await reflect({ cluster, definition: configMaps, relistMs: 1_000 }, target, stop.signal);
  expect(lists).toEqual([
    ['a', 'b', 'c'],
    ['a', 'b', 'c'],
    ['a', 'b', 'c'],
  ]);
  expect(opened).toBe(3);
});
