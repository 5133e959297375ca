import { expect, test } from '@jest/globals';
import { informerCheck, staleListsCheck, startHttpServer } from './http.ts';
import { createRegistry } from './metrics.ts';

async function get(url: string) {
  const response = await fetch(url);
  return { status: response.status, text: await response.text() };
}

test('readiness names the check that fails and why, and follows it', async () => {
  let problem: string | undefined = 'not listed yet';
  await using server = await startHttpServer({
    port: 0,
    registry: createRegistry(),
    readiness: [
      { name: 'informer', check: () => problem },
      { name: 'chain', check: () => undefined },
    ],
  });
  const before = await get(`${server.url}/readyz`);
  expect(before.status).toBe(503);
  expect(before.text).toBe('[-] informer failed: not listed yet\n[+] chain ok\nfailed: informer\n');
  expect((await get(`${server.url}/healthz`)).status).toBe(200);
  problem = undefined;
  expect((await get(`${server.url}/readyz?verbose`)).status).toBe(200);
  expect((await get(`${server.url}/other`)).status).toBe(404);
});

test('a check that throws fails, it does not break the answer', async () => {
  await using server = await startHttpServer({
    port: 0,
    registry: createRegistry(),
    readiness: [{ name: 'bad', check: () => Promise.reject(new Error('boom')) }],
  });
  expect((await get(`${server.url}/readyz`)).text).toContain('[-] bad failed: boom');
});

test('metrics are served in the Prometheus format', async () => {
  await using server = await startHttpServer({ port: 0, registry: createRegistry() });
  const { status, text } = await get(`${server.url}/metrics`);
  expect(status).toBe(200);
  expect(text).toContain('# TYPE process_cpu_seconds_total counter');
});

test.each([
  ['before the first list', { hasSynced: false, lastError: 'refused' }, 'not listed yet: refused'],
  ['when it heard nothing for long', { ageMs: () => 300_000 }, 'nothing heard for 300 s'],
  [
    'when it can not connect again',
    { ageMs: () => 31_000, lastError: 'refused' },
    'nothing heard for 31 s: refused',
  ],
  [
    'when it is offered only lists older than it had',
    { staleListsMs: () => 31_000, lastError: 'older' },
    'only older lists come: older',
  ],
  ['when it has lost its connection a moment ago', { lastError: 'refused' }, undefined],
  ['when only bookmarks come', { ageMs: () => 89_000 }, undefined],
  ['when all is well', {}, undefined],
])('an informer is checked %s', async (_, state, wanted) => {
  const informer = {
    cluster: { name: 'hub' },
    definition: { plural: 'gpuleases' },
    hasSynced: true,
    lastError: undefined,
    ageMs: () => 1_000,
    staleListsMs: () => 0,
    ...state,
  } as unknown as Parameters<typeof informerCheck>[0];
  const { name, check } = informerCheck(informer);
  expect(name).toBe('informer/hub/gpuleases');
  expect(await check()).toBe(wanted);
});

test.each([
  ['lives while lists are current', 0, undefined],
  [
    'lives while older lists come for a moment: another API server may be ahead',
    299_000,
    undefined,
  ],
  [
    'is to be restarted when older lists come for good',
    301_000,
    "older lists for 301 s: the API server's data was restored",
  ],
])('a program %s', async (_, staleMs, wanted) => {
  const informer = {
    cluster: { name: 'hub' },
    definition: { plural: 'gpuleases' },
    staleListsMs: () => staleMs,
  } as unknown as Parameters<typeof staleListsCheck>[0];
  const { name, check } = staleListsCheck(informer);
  expect(name).toBe('stale-lists/hub/gpuleases');
  expect(await check()).toBe(wanted);
});
