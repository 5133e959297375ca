import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type FederationEnvironment, writeEnvironment } from './environment.ts';
import { quoted, shellVariables } from './shellEnvironment.ts';

test.each(['plain', "it's", 'a "b" $HOME `c` \\', ''])('a shell reads %j as it was', (text) => {
  const read = execFileSync('sh', ['-c', `printf %s ${quoted(text)}`], { encoding: 'utf8' });
  expect(read).toBe(text);
});

const environment = (over: object) =>
  ({
    hub: { kubeconfig: '/f/hub.kubeconfig' },
    providers: [{ kubeconfig: '/f/alpha.kubeconfig' }],
    chain: { rpcURL: 'http://127.0.0.1:1', chainId: 7, escrow: '0xe', token: '0xt' },
    tenant: { address: '0xa', privateKey: '0xb' },
    ...over,
  }) as unknown as FederationEnvironment;

test('it names the clusters, the chain and who pays, as the tutorials do', () => {
  expect(shellVariables('/f', environment({}))).toEqual({
    KUBECONFIG: '/f/hub.kubeconfig',
    HUB_KUBECONFIG: '/f/hub.kubeconfig',
    PROVIDER_KUBECONFIG: '/f/alpha.kubeconfig',
    RPC_URL: 'http://127.0.0.1:1',
    CHAIN_ID: '7',
    ESCROW: '0xe',
    TOKEN: '0xt',
    TENANT: '0xa',
    KEY_FILE: '/f/tenant.key',
  });
});

test('whatever is said in a shell of another federation is about that one', () => {
  const dir = mkdtempSync(join(tmpdir(), 'gridlease-shell-'));
  try {
    writeEnvironment(dir, environment({ hub: { kubeconfig: join(dir, 'none') } }));
    const program = (file: string) => `${process.execPath} ${join(import.meta.dirname, file)}`;
    const script = [
      'unset GRIDLEASE_FEDERATION',
      `eval "$(${program('shellEnvironment.ts')} --dir ${dir})"`,
      `${program('down.ts')} 2>&1`,
      `${program('status.ts')} 2>&1 || echo "ended with $?"`,
    ].join('\n');
    const said = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
    expect(said).toContain(`${dir} holds something that is not a federation`);
    expect(said).toContain(join(dir, 'none'));
    expect(said).toContain('ended with 1');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
