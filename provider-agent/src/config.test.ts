import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@gridlease/kube/log';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { type AgentConfigInput, loadConfig, parseConfig } from './config.ts';
import { loadKey } from './keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'gridlease-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const owner = `0x${'11'.repeat(20)}`;
const valid: AgentConfigInput = {
  providerName: 'alpha',
  hub: { name: 'hub', uid: 'uid', kubeconfigPath: '/hub', namespace: 'gridlease-provider-alpha' },
  cluster: { kubeconfigPath: '/own' },
  chain: {
    rpcURL: 'http://127.0.0.1:8545',
    chainId: 31_337,
    escrow: `0x${'22'.repeat(20)}`,
    token: { address: `0x${'33'.repeat(20)}`, symbol: 'tUSD', decimals: 6 },
  },
  owner,
  agentKeyPath: '/agent',
  gasKeyPath: '/gas',
  grant: {
    provider: owner,
    agent: owner,
    notBefore: '0',
    notAfter: '9999999999',
    signature: `0x${'44'.repeat(65)}`,
  },
  offers: [{ product: 'H100', pricePerGPUHour: '2.10' }],
  redeem: {},
  listen: { port: 0 },
  stateDir: '/state',
};

describe('the configuration', () => {
  test('fills in the defaults that its documentation names', () => {
    expect(parseConfig(valid)).toMatchObject({
      hub: { serviceAccountName: 'agent' },
      cluster: { namespace: 'gridlease-agent' },
      chain: { finality: 'Finalized' },
      redeem: { minAmount: '0', maxDelaySeconds: 86_400, maxGasBps: 500 },
      listen: { host: '127.0.0.1' },
      stopSeconds: 20,
      heartbeatSeconds: 10,
      inventoryMinSeconds: 5,
      fundDeadlineSeconds: 120,
      podRetentionSeconds: 600,
      recordRetentionSeconds: 604_800,
      inventory: { products: [], toleratedTaints: [] },
      metering: {
        exporterURLs: [],
        discoverExporters: true,
        exporterNamespaces: ['gpu-operator', 'nvidia-gpu-operator', 'kube-system'],
        exporterSeconds: 10,
      },
      networkPolicy: 'Check',
      logLevel: 'info',
    });
  });

  test.each([
    ['a misspelt field', { stopSecond: 20 }, 'stopSecond'],
    ['no permission of the owner', { grant: undefined }, 'give either grant or grantPath'],
    ['two permissions', { grantPath: '/grant' }, 'give either grant or grantPath'],
    [
      'a hub without a way to it',
      { hub: { uid: 'uid', url: 'https://hub', caPath: '/ca' } },
      'hub: give either kubeconfigPath, or url, caPath and tokenPath',
    ],
    [
      'two ways to the hub',
      { hub: { uid: 'uid', kubeconfigPath: '/hub', tokenPath: '/token' } },
      'hub: give either kubeconfigPath, or url, caPath and tokenPath',
    ],
    [
      'a hub that is not encrypted',
      { hub: { uid: 'uid', url: 'http://hub', caPath: '/ca', tokenPath: '/token' } },
      'hub.url: must be an https URL',
    ],
    [
      'a chain without an RPC',
      { chain: { escrow: `0x${'22'.repeat(20)}` } },
      'chain: give either rpcURL or rpcURLPath',
    ],
    [
      'a file that is not there',
      { hub: { uidPath: '/nowhere/hub-uid', kubeconfigPath: '/hub' } },
      "hub.uidPath: the file /nowhere/hub-uid can't be read",
    ],
    [
      'an owner that is no address',
      { owner: '0x12' },
      'owner: must be 0x and 40 hexadecimal digits',
    ],
    [
      'a price in words',
      { offers: [{ product: 'H100', pricePerGPUHour: 'cheap' }] },
      'offers.0.pricePerGPUHour: must be token units with at most 6 decimals, such as "2.10"',
    ],
    [
      'a provider name that fits no namespace',
      { providerName: 'Alpha' },
      'providerName: must be a DNS label',
    ],
    [
      'a product stated for no node',
      { inventory: { products: [{ product: 'H100' }] } },
      'inventory.products.0: give either nodeName or nodeSelector',
    ],
    [
      'an exporter that is no address',
      { metering: { exporterURLs: ['dcgm'] } },
      'metering.exporterURLs.0: ',
    ],
    ['a word about NetworkPolicies', { networkPolicy: 'Maybe' }, 'networkPolicy: '],
  ])('names %s', (_name, change, says) => {
    expect(() => parseConfig({ ...valid, ...change })).toThrow(says);
  });

  test('of a pod names the files of its Secret, and leaves out what they say', () => {
    const secret = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const { hub: _hub, chain: _chain, owner: _owner, redeem: _redeem, grant, ...rest } = valid;
    const config = parseConfig({
      ...rest,
      hub: {
        url: 'https://hub.example:6443',
        caPath: '/secret/ca.crt',
        tokenPath: '/secret/token',
        uidPath: secret('hub-uid', 'a-uid\n'),
      },
      chain: { rpcURLPath: secret('rpc-url', 'https://rpc.example/key\n'), escrow: owner },
      grantPath: secret('grant.json', JSON.stringify(grant)),
    });
    expect(config).toMatchObject({
      hub: { name: 'hub', uid: 'a-uid', namespace: 'gridlease-provider-alpha' },
      chain: { rpcURL: 'https://rpc.example/key' },
      owner,
      grant,
      redeem: { minAmount: '0' },
    });
  });

  test('shows nothing of a Secret that is not what it should be', () => {
    const grantPath = join(folder, 'bad-grant.json');
    writeFileSync(grantPath, 'secret-text');
    const { grant: _grant, ...rest } = valid;
    const load = () => parseConfig({ ...rest, grantPath });
    expect(load).toThrow(`grantPath: the file ${grantPath} is not JSON`);
    expect(load).not.toThrow('secret-text');
    writeFileSync(grantPath, JSON.stringify({ ...valid.grant, agent: '0x1' }));
    expect(load).toThrow('grantPath.agent: must be 0x and 40 hexadecimal digits');
  });

  test.each([
    ['is missing', undefined, '--config FILE: the file'],
    ['is not JSON', '{', 'is not JSON'],
  ])('says that the file %s', (_name, text, says) => {
    const path = join(folder, `config-${says.length}`);
    if (text !== undefined) writeFileSync(path, text);
    expect(() => loadConfig(path)).toThrow(says);
  });
});

describe('a key file', () => {
  const key = `0x${'01'.repeat(32)}`;

  test('gives the account of its key, and a warning when others may read it', () => {
    const path = join(folder, 'key');
    writeFileSync(path, `${key}\n`, { mode: 0o600 });
    const warn = jest.fn();
    const log = { ...silentLogger, warn } as unknown as typeof silentLogger;
    expect(loadKey(path, 'agent', log).address).toMatch(/^0x/);
    expect(warn).not.toHaveBeenCalled();
    chmodSync(path, 0o644);
    loadKey(path, 'agent', log);
    expect(warn).toHaveBeenCalledWith(expect.anything(), expect.stringContaining('chmod 600'));
  });

  test.each([
    ['is not there', undefined],
    ['holds something else', 'not a key'],
    ['holds no key of the curve', `0x${'00'.repeat(32)}`],
  ])('that %s is an error without its content', (_name, text) => {
    const path = join(folder, `bad-${text?.length ?? 0}`);
    if (text !== undefined) writeFileSync(path, text, { mode: 0o600 });
    const load = () => loadKey(path, 'gas', silentLogger);
    expect(load).toThrow(/The gas key/);
    if (text !== undefined) expect(load).not.toThrow(text);
  });
});

test('the examples in docs/providers.md are configurations', () => {
  const page = readFileSync(new URL('../../docs/providers.md', import.meta.url), 'utf8');
  const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) =>
    JSON.parse(text!),
  );
  expect(examples.length).toBeGreaterThan(1);
  for (const example of examples) expect(parseConfig({ ...valid, ...example })).toBeDefined();
});
