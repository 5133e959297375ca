import { silentLogger } from '@gridlease/kube/log';
import { manualClock } from '@gridlease/kube/manualClock';
import { mapInformer } from '@gridlease/kube/testing/mapInformer';
import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { aChain, nowMs } from '../testing/builders.ts';
import type { Context } from './deps.ts';
import { settlementMetrics } from './metrics.ts';
import { pollChains } from './poller.ts';

/** Polls once what `client` says, and tells the time of the newest block on the page. */
async function headAfterOneLook(client: { head(): Promise<unknown> } | undefined) {
  const metrics = settlementMetrics(new Registry());
  const stop = new AbortController();
  const context = {
    informers: { chains: mapInformer(aChain()) },
    chains: {
      chainFor: () => {
        stop.abort();
        return client;
      },
    },
    clock: manualClock(nowMs),
    log: silentLogger,
    metrics,
  } as unknown as Context;
  const ignore = () => undefined;
  await pollChains(context, { onBlock: ignore, onSilence: ignore }, stop.signal);
  return (await metrics.headTimestamp.get()).values.map(({ value }) => value);
}

const began = Math.floor(nowMs / 1_000);
const block = { number: 7n, hash: '0x7', parentHash: '0x6', timestamp: began - 400 };

test.each([
  ['a chain that was never verified', undefined, began],
  ['one that does not answer', { head: () => Promise.reject(new Error('timeout')) }, began],
  ['one that answers', { head: async () => block }, began - 400],
])(
  'the age of the newest block of %s begins with the first question',
  async (_, client, expected) => {
    expect(await headAfterOneLook(client)).toEqual([expected]);
  },
);
