import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Hex } from 'viem';
import { signCloseConsent } from '../ts/closeConsent.ts';
import {
  encodeCloseAsProvider,
  encodeCloseWithConsent,
  encodeFinalizeClose,
  encodeRequestClose,
} from '../ts/closing.ts';
import {
  encodeFundTo,
  encodeWithdraw,
  fetchEscrowTotals,
  parseSettledRows,
  readChannels,
  readProvider,
  readTenant,
} from '../ts/escrow.ts';
import { merkleProof, merkleRoot } from '../ts/merkle.ts';
import { aWorld, CLOSE_WINDOW_SECONDS, type World } from './world.ts';

jest.setTimeout(120_000);

let world: World;
let snapshot: Hex;

const request = (method: string, params: unknown[] = []): Promise<Hex> =>
  (world.client.request as (call: { method: string; params: unknown[] }) => Promise<Hex>)({
    method,
    params,
  });

beforeAll(async () => {
  world = await aWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});
beforeEach(async () => {
  if (snapshot !== undefined) await request('evm_revert', [snapshot]);
  snapshot = await request('evm_snapshot');
});

/** The tenant's channel at the provider, signed by the tenant or by its delegate. */
function keyOf(signer: 'tenant' | 'delegate') {
  const { tenant, provider } = world.parties;
  return {
    tenant: tenant.address,
    provider: provider.address,
    signer: world.parties[signer].address,
  };
}

async function channelOf(signer: 'tenant' | 'delegate') {
  const [channel] = await readChannels(world.client, world.escrow, [keyOf(signer)]);
  return channel!;
}

async function openChannel(reserved: bigint) {
  const { tenant, provider } = world.parties;
  await world.send(tenant, 'deposit', [reserved]);
  await world.send(tenant, 'fund', [provider.address, tenant.address, 1, reserved]);
}

describe('the pool', () => {
  test('a deposit is free money that its tenant alone can take back', async () => {
    const { tenant, stranger } = world.parties;
    await world.send(tenant, 'deposit', [1_000n]);
    await expect(world.send(stranger, 'withdrawFree', [1n, stranger.address])).rejects.toThrow(
      'InsufficientFree',
    );
    await world.send(tenant, 'withdrawFree', [400n, stranger.address]);
    expect(await world.balanceOf(stranger.address)).toBe(400n);
    expect(await readTenant(world.client, world.escrow, tenant.address)).toEqual({
      free: 600n,
      delegateLimit: 0n,
      delegateSpent: 0n,
    });
  });

  test("a deposit for another tenant is that tenant's", async () => {
    const { tenant, stranger } = world.parties;
    await world.send(tenant, 'depositFor', [stranger.address, 1_000n]);
    expect((await readTenant(world.client, world.escrow, stranger.address)).free).toBe(1_000n);
  });
});

describe('funding by a delegate', () => {
  test('raises to a target within the limit, and repeating the transaction changes nothing', async () => {
    const { tenant, provider, delegate } = world.parties;
    await world.send(tenant, 'deposit', [1_000n]);
    await world.send(tenant, 'authorize', [delegate.address, 500n]);
    const data = encodeFundTo({
      tenant: tenant.address,
      provider: provider.address,
      generation: 1,
      targetReserved: 300n,
    });
    await world.sendData(delegate, data);
    const repeated = await world.sendData(delegate, data);
    expect(repeated.status).toBe('success');
    expect(repeated.logs).toEqual([]);
    expect(await channelOf('delegate')).toEqual({
      reserved: 300n,
      claimed: 0n,
      generation: 1,
      closeAt: 0,
    });
    expect(await readTenant(world.client, world.escrow, tenant.address, delegate.address)).toEqual({
      free: 700n,
      delegateLimit: 500n,
      delegateSpent: 300n,
    });
  });

  test('needs a proof of the provider when the tenant set a root', async () => {
    const { tenant, provider, delegate, stranger } = world.parties;
    const leaves = [provider, stranger, tenant].map(
      ({ address }): Hex => `0x${address.slice(2).toLowerCase().padStart(64, '0')}`,
    );
    await world.send(tenant, 'deposit', [1_000n]);
    await world.send(tenant, 'authorize', [delegate.address, 500n, merkleRoot(leaves)]);
    const target = [tenant.address, provider.address, 1, 300n];
    await expect(world.send(delegate, 'fundTo', target)).rejects.toThrow('ProviderNotAllowed');
    await expect(
      world.send(delegate, 'fundTo', [...target, merkleProof(leaves, 1)]),
    ).rejects.toThrow('ProviderNotAllowed');
    await world.sendData(
      delegate,
      encodeFundTo({
        tenant: tenant.address,
        provider: provider.address,
        generation: 1,
        targetReserved: 300n,
        proof: merkleProof(leaves, 0),
      }),
    );
    expect((await channelOf('delegate')).reserved).toBe(300n);
  });
});

describe('settling', () => {
  test('one transaction pays many channels and reports each bad row by its index', async () => {
    const { tenant, provider, delegate, stranger } = world.parties;
    await openChannel(1_000n);
    await world.send(tenant, 'depositAndFund', [provider.address, delegate.address, 1, 500n]);
    const receipt = await world.settle([
      await world.row(tenant, 200n),
      await world.row(stranger, 200n),
      await world.row(delegate, 900n),
      await world.row(tenant, 200n),
      await world.row(tenant, 200n, 2),
    ]);
    expect(parseSettledRows(receipt, world.escrow)).toEqual({
      paid: [
        { ...keyOf('tenant'), generation: 1, paid: 200n },
        { ...keyOf('delegate'), generation: 1, paid: 500n },
      ],
      skipped: [
        { index: 1, reason: 'UnknownChannel' },
        { index: 3, reason: 'AlreadyClaimed' },
        { index: 4, reason: 'WrongGeneration' },
      ],
    });
    expect(await readProvider(world.client, world.escrow, provider.address)).toEqual({
      accrued: 700n,
      payout: provider.address,
    });
  });

  test('survives a reorganisation: replaying the same batch pays the same once', async () => {
    const { tenant, provider } = world.parties;
    await openChannel(1_000n);
    const rows = [await world.row(tenant, 200n)];
    await world.settle(rows);
    await request('anvil_rollback', [1]);
    expect((await channelOf('tenant')).claimed).toBe(0n);
    await world.settle(rows);
    await world.settle(rows);
    expect((await readProvider(world.client, world.escrow, provider.address)).accrued).toBe(200n);
  });
});

describe('closing', () => {
  test('by the tenant: the provider can settle until the end, the rest returns to the pool', async () => {
    const { tenant, stranger } = world.parties;
    await openChannel(1_000n);
    await world.sendData(tenant, encodeRequestClose(keyOf('tenant'), 1));
    const { timestamp } = await world.client.getBlock();
    expect((await channelOf('tenant')).closeAt).toBe(Number(timestamp) + CLOSE_WINDOW_SECONDS);
    await world.settle([await world.row(tenant, 300n)]);
    await expect(
      world.send(stranger, 'finalizeClose', Object.values(keyOf('tenant'))),
    ).rejects.toThrow('CloseWindowRunning');
    await world.wait(CLOSE_WINDOW_SECONDS);
    await world.sendData(stranger, encodeFinalizeClose(keyOf('tenant')));
    expect(await channelOf('tenant')).toEqual({
      reserved: 0n,
      claimed: 0n,
      generation: 2,
      closeAt: 0,
    });
    expect((await readTenant(world.client, world.escrow, tenant.address)).free).toBe(700n);
  });

  test('by the provider, at once', async () => {
    const { provider, tenant } = world.parties;
    await openChannel(1_000n);
    await world.sendData(provider, encodeCloseAsProvider(keyOf('tenant'), 1));
    expect((await readTenant(world.client, world.escrow, tenant.address)).free).toBe(1_000n);
  });

  test("with the provider's consent, at once and by anyone", async () => {
    const { provider, tenant, stranger } = world.parties;
    await openChannel(1_000n);
    await world.settle([await world.row(tenant, 300n)]);
    const consent = {
      ...keyOf('tenant'),
      generation: 1,
      finalCumulative: 300n,
      validUntil: (await world.client.getBlock()).timestamp + 60n,
    };
    const forged = await signCloseConsent(stranger, world.domain, consent);
    await expect(
      world.sendData(stranger, encodeCloseWithConsent(consent, forged)),
    ).rejects.toThrow();
    const signature = await signCloseConsent(provider, world.domain, consent);
    await world.sendData(stranger, encodeCloseWithConsent(consent, signature));
    expect(await channelOf('tenant')).toMatchObject({ generation: 2, reserved: 0n });
  });
});

test("anyone can trigger a provider's withdrawal, which goes to its payout address", async () => {
  const { tenant, provider, stranger, treasury } = world.parties;
  await openChannel(1_000n);
  await world.settle([await world.row(tenant, 300n)]);
  await world.send(provider, 'setPayout', [treasury.address]);
  await world.sendData(stranger, encodeWithdraw(provider.address));
  expect(await world.balanceOf(treasury.address)).toBe(300n);
});

test("the books balance from raw logs alone, and agree with the contract's state", async () => {
  const { tenant, provider, delegate, treasury } = world.parties;
  await openChannel(10_000n);
  await world.send(tenant, 'deposit', [5_000n]);
  await world.send(tenant, 'authorize', [delegate.address, 2_000n]);
  await world.send(delegate, 'fundTo', [tenant.address, provider.address, 1, 2_000n]);
  await world.send(tenant, 'depositAndFund', [treasury.address, tenant.address, 1, 700n]);
  await world.send(treasury, 'setFee', [300]);
  await world.wait(CLOSE_WINDOW_SECONDS);
  await world.settle([await world.row(tenant, 4_000n), await world.row(delegate, 500n)]);
  await world.sendData(provider, encodeWithdraw(provider.address));
  await world.settle([await world.row(tenant, 4_001n)]);
  await world.sendData(provider, encodeCloseAsProvider(keyOf('delegate'), 1));
  await world.send(tenant, 'withdrawFree', [1_000n, tenant.address]);

  const totals = await fetchEscrowTotals(world.client, world.escrow, { blocksPerRequest: 3n });
  const { free, inChannels, accrued } = totals.fromLogs;
  expect(totals.fromState).toEqual(totals.fromLogs);
  expect(totals.deposited).toBe(15_700n);
  expect(totals.withdrawnByProviders).toBe(4_365n);
  expect(
    free + inChannels + accrued + totals.withdrawnByTenants + totals.withdrawnByProviders,
  ).toBe(totals.deposited);
  expect(totals.held).toBe(free + inChannels + accrued);
  expect(accrued).toBe(1n + 135n);
});

test('an escrow that nobody has used yet has empty books', async () => {
  const totals = await fetchEscrowTotals(world.client, world.escrow);
  expect(totals).toMatchObject({ deposited: 0n, held: 0n, fromState: { free: 0n } });
});
