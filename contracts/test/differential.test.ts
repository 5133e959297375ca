import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeAbiParameters, type Hex, keccak256, stringToHex } from 'viem';
import { channelKey, headroom, payable } from '../ts/channel.ts';
import { closeConsentTypes } from '../ts/closeConsent.ts';
import { parseSettledRows, readChannels } from '../ts/escrow.ts';
import { gpuEscrowAbi } from '../ts/gpuEscrow.generated.ts';
import { voucherTypes } from '../ts/voucher.ts';
import { aWorld, type World } from './world.ts';

jest.setTimeout(120_000);

let world: World;

beforeAll(async () => {
  world = await aWorld();
  await world.send(world.parties.tenant, 'deposit', [10n ** 14n]);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

function read(functionName: 'VOUCHER_TYPEHASH' | 'CLOSE_CONSENT_TYPEHASH'): Promise<Hex> {
  return world.client.readContract({ address: world.escrow, abi: gpuEscrowAbi, functionName });
}

/** EIP-712's encodeType for a struct without nested structs. */
function typeHash(types: Record<string, readonly { name: string; type: string }[]>): Hex {
  const [[name, members]] = Object.entries(types) as [
    [string, readonly { name: string; type: string }[]],
  ];
  return keccak256(stringToHex(`${name}(${members.map((m) => `${m.type} ${m.name}`).join(',')})`));
}

test('the types and the domain that TypeScript signs are those that the contract checks', async () => {
  expect(typeHash(voucherTypes)).toBe(await read('VOUCHER_TYPEHASH'));
  expect(typeHash(closeConsentTypes)).toBe(await read('CLOSE_CONSENT_TYPEHASH'));
  const [, name, version, chainId, verifyingContract] = await world.client.readContract({
    address: world.escrow,
    abi: gpuEscrowAbi,
    functionName: 'eip712Domain',
  });
  expect({ name, version, chainId, verifyingContract }).toEqual({
    ...world.domain,
    verifyingContract,
  });
  expect(verifyingContract.toLowerCase()).toBe(world.escrow.toLowerCase());
});

test('channelKey names the storage word of the channel', async () => {
  const { tenant, provider, stranger } = world.parties;
  await world.send(tenant, 'fund', [provider.address, stranger.address, 1, 77n]);
  const key = channelKey({
    tenant: tenant.address,
    provider: provider.address,
    signer: stranger.address,
  });
  const slot = keccak256(
    encodeAbiParameters([{ type: 'bytes32' }, { type: 'uint256' }], [key, 3n]),
  );
  const word = BigInt((await world.client.getStorageAt({ address: world.escrow, slot })) ?? '0x0');
  expect(word & (2n ** 96n - 1n)).toBe(77n);
  expect((word >> 192n) & 0xffffffn).toBe(1n);
});

const step = fc.oneof(
  fc.record({ kind: fc.constant('fund' as const), amount: fc.bigInt(0n, 10_000n) }),
  fc.record({ kind: fc.constant('settle' as const), amount: fc.bigInt(0n, 15_000n) }),
  fc.record({ kind: fc.constant('close' as const), amount: fc.constant(0n) }),
);

test('the TypeScript arithmetic predicts every payment and every channel word of the contract', async () => {
  const { tenant, provider } = world.parties;
  let nextSigner = 100;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
      const signer = world.account(nextSigner++);
      const key = { tenant: tenant.address, provider: provider.address, signer: signer.address };
      let model = { reserved: 0n, claimed: 0n, generation: 1, closeAt: 0 };
      for (const { kind, amount } of steps) {
        if (kind === 'fund') {
          const target = amount;
          await world.send(tenant, 'fund', [
            provider.address,
            signer.address,
            model.generation,
            target,
          ]);
          if (target > model.reserved) model = { ...model, reserved: target };
        } else if (kind === 'settle') {
          const receipt = await world.settle([await world.row(signer, amount, model.generation)]);
          const expected = payable({ ...model, cumulative: amount });
          const { paid } = parseSettledRows(receipt, world.escrow);
          expect(paid.map((row) => row.paid)).toEqual(expected > 0n ? [expected] : []);
          model = { ...model, claimed: model.claimed + expected };
        } else if (model.reserved > 0n || model.generation > 1) {
          await world.send(provider, 'closeAsProvider', [
            tenant.address,
            signer.address,
            model.generation,
          ]);
          model = { reserved: 0n, claimed: 0n, generation: model.generation + 1, closeAt: 0 };
        }
        const [state] = await readChannels(world.client, world.escrow, [key]);
        expect(state).toEqual(model);
        const left = headroom({ ...model, bestVoucher: 0n, owed: 0n, exposures: [] });
        expect(left).toBe(model.reserved - model.claimed);
      }
    }),
    { numRuns: 25, seed: 0x6772 },
  );
});
