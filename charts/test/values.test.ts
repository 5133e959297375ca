import { ensureHelm } from '@gridlease/e2e/cluster/helmAsset';
import { beforeAll, expect, test } from '@jest/globals';
import { type Answer, template } from './support/helm.ts';
import { INVALID } from './support/invalid.ts';
import { VALID } from './support/valid.ts';

/** Each takes a moment in which this process waits: a few at a time. */
const AT_ONCE = 3;
const answers = new Map<object, Answer>();

beforeAll(async () => {
  await ensureHelm();
  const waiting = [...VALID, ...INVALID];
  const work = async () => {
    for (let given = waiting.shift(); given !== undefined; given = waiting.shift()) {
      answers.set(given.values, await template(given.chart, given.values));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}, 900_000);

test.each(VALID)('$chart takes $what', ({ values }) => {
  const { code, stderr } = answers.get(values)!;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test.each(INVALID.map((given) => ({ ...given, shown: JSON.stringify(given.values).slice(-80) })))(
  '$chart names $key when it is wrong: $shown',
  ({ key, values }) => {
    const { code, stderr } = answers.get(values)!;
    expect(code).not.toBe(0);
    expect(stderr).toContain(key);
  },
);

test('a provider is asked for all six values at once', async () => {
  const { code, stderr } = await template('gridlease-provider-agent', {});
  expect(code).not.toBe(0);
  const asked = stderr.split('\n').filter((line) => line.includes(': required'));
  expect(asked.map((line) => line.trim().split(':')[0])).toEqual([
    'provider.name',
    'hub.url',
    'credentials.secretName',
    'chain.rpcURL',
    'chain.escrow',
    'offers',
  ]);
});
