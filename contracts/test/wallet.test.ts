import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type Hex, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { recoverAgentGrant } from '../ts/agentGrant.ts';
import { readTenant } from '../ts/escrow.ts';
import { aWorld, CLOSE_WINDOW_SECONDS, type World } from './world.ts';

// Each line starts a program of its own, maybe beside a whole federation.
jest.setTimeout(120_000);

const MAIN = fileURLToPath(new URL('../wallet/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gridlease-wallet-'));
let world: World;
let keyFile: string;

beforeAll(async () => {
  world = await aWorld();
  keyFile = join(folder, 'tenant.key');
  writeFileSync(keyFile, toHex(world.parties.tenant.getHdKey().privateKey!));
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

type Ended = { readonly code: number; readonly out: string; readonly errors: string };

const wallet = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const env = {
      ...process.env,
      RPC_URL: world.rpcUrl,
      ESCROW: world.escrow,
      KEY_FILE: keyFile,
    };
    execFile(process.execPath, [MAIN, ...args], { env }, (error, out, errors) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, errors });
    });
  });

const pool = (delegate?: Hex) =>
  readTenant(world.client, world.escrow, world.parties.tenant.address, delegate);

test('a deposit arrives in the pool, and a part of it comes back', async () => {
  const before = await pool();
  const held = await world.balanceOf(world.parties.tenant.address);
  expect(await wallet('deposit', '12.5')).toMatchObject({ code: 0, errors: '' });
  expect((await pool()).free - before.free).toBe(12_500_000n);
  expect(await wallet('withdraw', '2.5')).toMatchObject({ code: 0, errors: '' });
  expect((await pool()).free - before.free).toBe(10_000_000n);
  expect(held - (await world.balanceOf(world.parties.tenant.address))).toBe(10_000_000n);
});

test('a new key is made once, and gets tokens and coin from another', async () => {
  const file = join(folder, 'new.key');
  const { out } = await wallet('new', file);
  const address = out.trim() as Hex;
  expect(privateKeyToAccount(readFileSync(file, 'utf8').trim() as Hex).address).toBe(address);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await wallet('new', file)).errors).toMatch(/new\.key can't be made: it exists already/);
  expect(await wallet('send', '7', address, '--gas', '0.5')).toMatchObject({ code: 0, errors: '' });
  expect(await world.balanceOf(address)).toBe(7_000_000n);
  expect((await wallet('show', '--key-file', file)).out).toMatch(/wallet +7 \w+, 0\.5 coin/);
});

test('a delegate gets its limit and its gas, and both are shown', async () => {
  const delegate = privateKeyToAccount(`0x${'1'.repeat(64)}`).address;
  const done = await wallet('authorize', delegate, '--limit', '40', '--gas', '0.25');
  expect(done).toMatchObject({ code: 0, errors: '' });
  expect((await pool(delegate)).delegateLimit).toBe(40_000_000n);
  const { out } = await wallet('show', delegate);
  expect(out).toMatch(/limit +40 \w+, of which 0 \w+ are moved/);
  expect(out).toMatch(/gas +0\.25 coin/);
});

test('a channel is closed in two steps, and what is left comes back', async () => {
  const { tenant, provider, delegate } = world.parties;
  await wallet('deposit', '20');
  await world.send(tenant, 'fund', [provider.address, delegate.address, 1, 5_000_000n]);
  const { free } = await pool();
  const say = () => wallet('close', provider.address, delegate.address);
  expect((await say()).out).toMatch(/^asked to close the channel, 5 \w+ are left in it; say this/);
  expect((await say()).out).toMatch(/^closing; 5 \w+ are left/);
  await world.wait(CLOSE_WINDOW_SECONDS + 1);
  expect((await say()).out).toMatch(/^closed the channel, 5 \w+ are back in the pool/);
  expect((await pool()).free - free).toBe(5_000_000n);
  expect((await say()).errors).toMatch(/there is no money in this channel/);
});

test('a provider’s keys are made once, and its grant is renewed', async () => {
  const out = join(folder, 'provider');
  const first = await wallet('agent-keys', '--out', out, '--days', '1');
  expect(first).toMatchObject({ code: 0, errors: '' });
  const key = readFileSync(join(out, 'agent.key'), 'utf8');
  expect(statSync(join(out, 'agent.key')).mode & 0o777).toBe(0o600);
  const renewed = await wallet('agent-keys', '--out', out, '--days', '30');
  expect(renewed.out).toContain('(kept)');
  expect(readFileSync(join(out, 'agent.key'), 'utf8')).toBe(key);
  const grant = JSON.parse(readFileSync(join(out, 'grant.json'), 'utf8')) as {
    readonly provider: Hex;
    readonly agent: Hex;
    readonly notBefore: string;
    readonly notAfter: string;
    readonly signature: Hex;
  };
  const message = {
    ...grant,
    notBefore: BigInt(grant.notBefore),
    notAfter: BigInt(grant.notAfter),
  };
  expect(grant.agent).toBe(privateKeyToAccount(key.trim() as Hex).address);
  expect(await recoverAgentGrant(world.domain, message, grant.signature)).toBe(
    world.parties.tenant.address,
  );
  expect(Number(grant.notAfter) - Date.now() / 1_000).toBeGreaterThan(29 * 86_400);
});

test('an escrow can be put on the chain, and used', async () => {
  const treasury = world.parties.treasury.address;
  const { out } = await wallet('deploy', '--token', world.token, '--treasury', treasury);
  const escrow = /escrow (0x[0-9a-fA-F]{40})/.exec(out)?.[1];
  expect((await wallet('show', '--escrow', escrow!)).out).toMatch(/free in escrow 0 /);
});

test.each([
  [['deposit', '99999999999'], /has [0-9.]+ \w+ of the token 0x\w+, and 99999999999 \w+ are/],
  [['deposit', '1.1234567'], /at most 6 decimal places/],
  [['withdraw', '88888888888'], /in no channel, and 88888888888 \w+ are to be withdrawn/],
  [['withdraw', '0'], /reverted\. ZeroAmount\(\)/],
  [['send', '0', `0x${'2'.repeat(40)}`, '--gas', 'much'], /--gas is "much": write an amount/],
  [['show', '--rpc-url', 'rpc.example.org:'], /--rpc-url is "rpc\.example\.org:": write a URL/],
  [['show', '--escrow', `0x${'2'.repeat(40)}`], /there is no contract at 0x2+ on chain 31337/],
  [['show', '--rpc-url', 'http://127.0.0.1:1'], /no chain answers at 127\.0\.0\.1:1/],
  [['show', '--key-file', '/nowhere'], /the key file \/nowhere can't be read/],
  [['authorize', 'bob', '--limit', '1'], /DELEGATE is not an address: bob/],
  [['burn'], /^npm run wallet -- VERB/],
])('%j is refused with a sentence', async (args, message) => {
  const { code, out, errors } = await wallet(...args);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(errors).toMatch(message);
});
