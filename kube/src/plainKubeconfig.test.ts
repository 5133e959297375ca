import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { plainKubeconfig } from './plainKubeconfig.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gridlease-kubeconfig-'));
  writeFileSync(join(folder, 'ca.crt'), 'the authority');
  writeFileSync(join(folder, 'token'), 'from a file\n');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A kubeconfig of one cluster and one user beside another that must not be taken. */
function written(cluster: object, user: object): string {
  const file = join(folder, 'config');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'own',
    contexts: [
      { name: 'other', context: { cluster: 'other', user: 'other' } },
      { name: 'own', context: { cluster: 'c', user: 'u' } },
    ],
    clusters: [
      { name: 'other', cluster: { server: 'https://other' } },
      { name: 'c', cluster },
    ],
    users: [
      { name: 'other', user: { token: 'another' } },
      { name: 'u', user },
    ],
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

async function optionsOf(cluster: object, user: object): Promise<RequestOptions> {
  const options: RequestOptions = {};
  await plainKubeconfig(written(cluster, user))!.applyToHTTPSOptions(options);
  return options;
}

const server = 'https://127.0.0.1:6443';

test('the current context decides cluster and user', async () => {
  const access = plainKubeconfig(written({ server, 'proxy-url': 'http://p' }, { token: 't' }));
  expect(access?.getCurrentCluster()).toEqual({
    server,
    skipTLSVerify: false,
    proxyUrl: 'http://p',
  });
  expect(access?.getCurrentUser()).toEqual({ token: 't' });
});

test('authority and certificate come from the file itself or from files beside it', async () => {
  const data = (text: string) => Buffer.from(text).toString('base64');
  const inside = await optionsOf(
    { server, 'certificate-authority-data': data('inside') },
    { 'client-certificate-data': data('cert'), 'client-key-data': data('key') },
  );
  expect([inside.ca, inside.cert, inside.key].map(String)).toEqual(['inside', 'cert', 'key']);
  const beside = await optionsOf(
    { server, 'certificate-authority': 'ca.crt', 'tls-server-name': 'api' },
    { tokenFile: 'token' },
  );
  expect(String(beside.ca)).toBe('the authority');
  expect(beside.servername).toBe('api');
  expect(beside.headers).toEqual({ Authorization: 'Bearer from a file' });
});

test('a token file is read again each time: it is renewed', async () => {
  const access = plainKubeconfig(written({ server }, { tokenFile: 'token', token: 'old' }))!;
  const ask = async () => {
    const options: RequestOptions = {};
    await access.applyToHTTPSOptions(options);
    return options.headers;
  };
  expect(await ask()).toEqual({ Authorization: 'Bearer from a file' });
  writeFileSync(join(folder, 'token'), 'renewed');
  expect(await ask()).toEqual({ Authorization: 'Bearer renewed' });
});

test.each([
  ['a plugin', { exec: { command: 'aws' } }],
  ['a login that is refreshed', { 'auth-provider': { name: 'oidc' } }],
  ['a password', { username: 'u', password: 'p' }],
])('%s is left to the client library', (_, user) => {
  expect(plainKubeconfig(written({ server }, user))).toBeUndefined();
});
