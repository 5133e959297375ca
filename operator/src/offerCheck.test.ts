import { escrowDomain } from '@gridlease/contracts/domain';
import { hubId } from '@gridlease/contracts/ids';
import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import { settlementChain } from '@gridlease/crds/settlementchain';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { checkOffer, type OfferContext } from './offerCheck.ts';
import { newParties } from './testing/moneyHub.ts';
import { signedOffer } from './testing/signedObjects.ts';

const hubUid = '7b1c0f3e-0000-0000-0000-000000000000';
const escrow = '0x00000000000000000000000000000000000000E5';
const parties = newParties();
const stranger = newParties();

function aChain(name: string, chainId: number, decimals = 6) {
  return settlementChain.parse({
    apiVersion: 'gridlease.dev/v1alpha1',
    kind: 'SettlementChain',
    metadata: { name },
    spec: {
      chainId,
      escrow,
      rpcSecretRef: { namespace: 'gridlease-system', name: 'rpc', key: 'url' },
      token: { address: escrow, symbol: 'tUSD', decimals },
    },
  });
}

const chains = [aChain('other', 1), aChain('local', 31_337)];
let offer: GPUOffer;
let forged: GPUOffer;

beforeAll(async () => {
  const common = { providerName: 'alpha', hubUid, labels: undefined };
  const domain = escrowDomain({ chainId: 31_337, escrow });
  offer = await signedOffer({ ...common, domain, parties });
  forged = await signedOffer({ ...common, domain, parties: { ...parties, agent: stranger.agent } });
});

function context(change: Partial<OfferContext> = {}): OfferContext {
  const nowSeconds = BigInt(Math.floor(Date.now() / 1_000));
  return { provider: parties.owner.address, hub: hubId(hubUid), chains, nowSeconds, ...change };
}

const changed = (spec: Partial<GPUOffer['spec']>): GPUOffer => ({
  ...offer,
  spec: { ...offer.spec, ...spec },
});

test('an offer that its agent signed and the owner granted is valid on the chain it was signed for', async () => {
  expect(await checkOffer(offer, context())).toMatchObject({
    valid: true,
    chainName: 'local',
    offerHash: offer.spec.offerHash,
    offer: { pricePerGpuHour: 3_600_000n, spotPricePerGpuHour: 0n, maxGpus: 8 },
  });
});

describe('an offer is refused when', () => {
  const grant = () => offer.spec.grant;
  const cases: readonly (readonly [string, string, () => GPUOffer, Partial<OfferContext>?])[] = [
    [
      'it is by another provider',
      'OfferForOtherProvider',
      () => offer,
      { provider: stranger.owner.address },
    ],
    ['it is for another hub', 'OfferForOtherHub', () => offer, { hub: hubId('another') }],
    ['the hub has no chain', 'NoSettlementChain', () => offer, { chains: [] }],
    [
      'it was signed for another chain',
      'OfferHashMismatch',
      () => offer,
      { chains: [aChain('other', 1)] },
    ],
    ['its price was changed', 'OfferHashMismatch', () => changed({ pricePerGPUHour: '0.1' })],
    ['its product was changed', 'OfferHashMismatch', () => changed({ product: 'B200' })],
    [
      'its price is not exact in the token',
      'PriceInexact',
      () => changed({ pricePerGPUHour: '0.1234567' }),
    ],
    ['its time can not be read', 'OfferHashMismatch', () => changed({ validUntilTime: 'never' })],
    [
      'another key signed it',
      'OfferSignatureInvalid',
      () => changed({ signature: forged.spec.signature }),
    ],
    [
      'its signature is malformed',
      'OfferSignatureInvalid',
      () => changed({ signature: `0x${'00'.repeat(65)}` }),
    ],
    [
      'the grant is by another owner',
      'GrantForOtherProvider',
      () => changed({ grant: { ...grant(), provider: stranger.owner.address } }),
    ],
    [
      'the grant is for another agent',
      'GrantForOtherAgent',
      () => changed({ grant: forged.spec.grant }),
    ],
    [
      'the grant was lengthened',
      'GrantInvalid',
      () => changed({ grant: { ...grant(), notAfter: '99999999999' } }),
    ],
    ['the grant does not hold yet', 'GrantExpired', () => offer, { nowSeconds: 1_000n }],
    ['the grant has expired', 'GrantExpired', () => offer, { nowSeconds: 99_999_999_999n }],
  ];
  for (const [title, reason, make, change] of cases) {
    test(`${title} (${reason})`, async () => {
      expect(await checkOffer(make(), context(change))).toMatchObject({ valid: false, reason });
    });
  }

  test('it has run out, though the grant has not (OfferExpired)', async () => {
    const last = BigInt(Math.floor(Date.parse(offer.spec.validUntilTime) / 1_000));
    expect(await checkOffer(offer, context({ nowSeconds: last }))).toMatchObject({ valid: true });
    expect(await checkOffer(offer, context({ nowSeconds: last + 1n }))).toMatchObject({
      valid: false,
      reason: 'OfferExpired',
    });
  });
});
