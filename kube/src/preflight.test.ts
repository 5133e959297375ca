import { describe, expect, test } from '@jest/globals';
import { ApiError } from './apiError.ts';
import type { Cluster } from './cluster.ts';
import { preflightReport, runPreflight, servedCheck } from './preflight.ts';

const { signal } = new AbortController();

describe('a preflight', () => {
  test('asks again until all is well, and not again what was well', async () => {
    const asked = { always: 0, third: 0 };
    const checks = [
      { name: 'always', check: () => void asked.always++ as undefined },
      { name: 'third', check: () => (++asked.third < 3 ? 'not yet' : undefined) },
    ];
    const results = await runPreflight({ checks, timeoutMs: 60_000, pauseMs: 1, signal });
    expect(asked).toEqual({ always: 1, third: 3 });
    expect(preflightReport(results)).toBe('[+] always ok\n[+] third ok\n');
  });

  test('says at the end of its time what is still wrong, a throw included', async () => {
    const checks = [
      { name: 'chain', check: () => 'no contract' },
      { name: 'hub', check: () => Promise.reject(new Error('refused')) },
    ];
    const results = await runPreflight({ checks, timeoutMs: 0, signal });
    expect(preflightReport(results)).toBe(
      '[-] chain failed: no contract\n[-] hub failed: refused\n',
    );
  });
});

describe('the check of kinds', () => {
  const kind = (plural: string) => ({
    ...{ group: 'gridlease.dev', version: 'v1alpha1', kind: plural, namespaced: true },
    plural,
  });
  const cluster = (request: () => Promise<unknown>) =>
    ({ name: 'hub', request }) as unknown as Cluster;

  test('passes when all are served', async () => {
    const served = cluster(async () => ({ resources: [{ name: 'gpujobs' }, { name: 'x' }] }));
    expect(await servedCheck(served, [kind('gpujobs')]).check()).toBeUndefined();
  });

  test('names those that are not, and the chart that brings them', async () => {
    const served = cluster(async () => ({ resources: [{ name: 'gpujobs' }] }));
    expect(await servedCheck(served, [kind('gpujobs'), kind('gpuleases')]).check()).toBe(
      'not served: gpuleases.gridlease.dev; install the chart gridlease-crds first',
    );
  });

  test('takes a group that is not there for one without kinds, and throws what else is wrong', async () => {
    const refusing = (status: number) =>
      cluster(() => Promise.reject(new ApiError({ method: 'GET', path: '/', status, body: '' })));
    expect(await servedCheck(refusing(404), [kind('gpujobs')]).check()).toContain('gpujobs');
    await expect(servedCheck(refusing(401), [kind('gpujobs')]).check()).rejects.toThrow();
  });
});
