import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts';

const folder = mkdtempSync(join(tmpdir(), 'gridlease-main-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};

/** Takes connections and never says a word: the worst hub, cluster and chain that there are. */
async function aSilentServer() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('ends in time after SIGTERM while nothing answers it', async () => {
  await using silent = await aSilentServer();
  const key = generatePrivateKey();
  const agent = privateKeyToAddress(key);
  const cluster = { server: `https://${silent.host}` };
  const kubeconfig = {
    'current-context': 'one',
    clusters: [{ name: 'one', cluster }],
    users: [{ name: 'one', user: { token: 'token' } }],
    contexts: [{ name: 'one', context: { cluster: 'one', user: 'one' } }],
  };
  const kubeconfigPath = write('kubeconfig', JSON.stringify(kubeconfig));
  const grant = { provider: agent, agent, notBefore: '0', notAfter: '9999999999' };
  const config = {
    providerName: 'alpha',
    hub: { uid: 'uid', kubeconfigPath },
    cluster: { kubeconfigPath },
    chain: { rpcURL: `http://${silent.host}`, escrow: agent },
    agentKeyPath: write('agent.key', key),
    gasKeyPath: write('gas.key', key),
    grant: { ...grant, signature: `0x${'11'.repeat(65)}` },
    offers: [],
    listen: { port: 0 },
    stateDir: join(folder, 'state'),
  };
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const options = ['--disable-warning=ExperimentalWarning', main];
  const program = spawn(
    process.execPath,
    [...options, '--config', write('config.json', JSON.stringify(config))],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const lines: string[] = [];
  for await (const line of createInterface({ input: program.stderr })) {
    lines.push(line);
    if (line.includes('agent started')) break;
  }
  expect(lines.join('\n')).toContain('agent started');
  program.stderr.resume();
  const asked = performance.now();
  program.kill('SIGTERM');
  const [code] = await once(program, 'exit');
  expect(code).toBe(0);
  expect(performance.now() - asked).toBeLessThan(10_000);
}, 120_000);
