import { hashOffer, signOffer } from '@gridlease/contracts/offer';
import { describe, expect, test } from '@jest/globals';
import { zeroHash } from 'viem';
import { people, testDomain, testHub } from '../testing/builders.ts';
import { AskError, type ConfiguredAsk, readAsks } from './asks.ts';
import { decideOffers, type OfferDecision, type OfferInput, type SignedOffer } from './decide.ts';
import { offerName, offerObject, readOwnOffer } from './offerObject.ts';

const token = { symbol: 'tUSD', decimals: 6 };
const product = 'H100-80GB-HBM3';
const now = 1_767_225_600n;
const anAsk = (overrides: Partial<ConfiguredAsk> = {}): ConfiguredAsk => ({
  product: 'H100',
  pricePerGPUHour: '2.10',
  ...overrides,
});
const decide = (
  overrides: Partial<OfferInput> & { readonly configured?: readonly ConfiguredAsk[] },
) =>
  decideOffers({
    asks: readAsks(overrides.configured ?? [anAsk()], token),
    products: [product],
    known: [],
    provider: people.owner.address,
    hub: testHub,
    policyHash: zeroHash,
    nowSeconds: now,
    ...overrides,
  });
const signed = (decision: OfferDecision): readonly SignedOffer[] =>
  decision.sign.map(({ offer, product: name }) => ({
    hash: hashOffer(testDomain, offer),
    product: name,
    offer,
    withdrawn: false,
  }));

describe('asks', () => {
  test.each([
    [
      'a price that is not exact in the token',
      { pricePerGPUHour: '2.1234567' },
      'at most 6 decimal places',
    ],
    ['a price of nothing', { pricePerGPUHour: '0.00' }, 'write a price above zero'],
    [
      'a spot price that is no number',
      { spotPricePerGPUHour: '1e3' },
      'spotPricePerGPUHour of H100 in tUSD',
    ],
    [
      'a smallest lease above the largest',
      { minGPUs: 8, maxGPUs: 4 },
      'minGPUs of H100 is 8, above maxGPUs 4',
    ],
  ])('refuses %s', (_name, overrides, says) => {
    expect(() => readAsks([anAsk(overrides)], token)).toThrow(AskError);
    expect(() => readAsks([anAsk(overrides)], token)).toThrow(says);
  });

  test('reads prices as smallest units', () => {
    const [ask] = readAsks([anAsk({ spotPricePerGPUHour: '0.9' })], { symbol: 'x', decimals: 18 });
    expect(ask).toMatchObject({
      price: 21n * 10n ** 17n,
      spotPrice: 9n * 10n ** 17n,
      maxSeconds: 0,
    });
  });
});

describe('offers', () => {
  test('asks for each product in the cluster, by the first ask that matches', () => {
    const configured = [
      anAsk({ product: 'H100-PCIe', pricePerGPUHour: '1' }),
      anAsk(),
      anAsk({ product: 'L40S' }),
    ];
    const decision = decide({ configured, products: ['H100-PCIe', product] });
    expect(decision.sign.map(({ product: name, offer }) => [name, offer.pricePerGpuHour])).toEqual([
      [product, 2_100_000n],
      ['H100-PCIe', 1_000_000n],
    ]);
    expect(decision.unmatched).toEqual(['L40S']);
  });

  test('an unchanged offer is kept until half of its time is over, then renewed beside the old one', () => {
    const known = signed(decide({}));
    const early = decide({ known, nowSeconds: now + 1799n });
    expect(early).toMatchObject({ sign: [], keep: [known[0]!.hash], againInSeconds: 1 });
    const late = decide({ known, nowSeconds: now + 1800n });
    expect(late.sign).toHaveLength(1);
    expect(late.keep).toEqual([known[0]!.hash]);
    expect(late.remove).toEqual([]);
  });

  test('signing twice at the same moment gives the same hash', () => {
    expect(signed(decide({}))).toEqual(signed(decide({})));
  });

  test('an expired offer is removed, and not withdrawn for the leases that took it', () => {
    const known = signed(decide({}));
    const decision = decide({ known, nowSeconds: now + 3600n });
    expect(decision).toMatchObject({ remove: [known[0]!.hash], withdraw: [] });
    expect(decision.sign).toHaveLength(1);
  });

  test.each([
    ['price', { pricePerGPUHour: '2.20' }],
    ['spot price', { spotPricePerGPUHour: '1.00' }],
    ['size', { maxGPUs: 4 }],
    ['duration', { maxDurationSeconds: 60 }],
  ])('a changed %s withdraws the old offer at once', (_name, change) => {
    const known = signed(decide({}));
    const decision = decide({ known, configured: [anAsk(change)] });
    expect(decision).toMatchObject({ remove: [known[0]!.hash], withdraw: [known[0]!.hash] });
    expect(decision.sign).toHaveLength(1);
  });

  test('GPUs that are gone for a moment neither withdraw nor renew their offer', () => {
    const known = signed(decide({}));
    expect(decide({ known, products: [] })).toMatchObject({
      sign: [],
      keep: [known[0]!.hash],
      remove: [],
    });
  });
});

describe('an offer at the hub', () => {
  const anObject = async (decimals = 6) => {
    const [own] = signed(decide({ configured: [anAsk({ spotPricePerGPUHour: '0.90' })] }));
    const signature = await signOffer(people.agent, testDomain, own!.offer);
    const grant = {
      provider: people.owner.address,
      agent: people.agent.address,
      notBefore: '0',
      notAfter: '9999999999',
      signature,
    };
    const shown = { namespace: 'gridlease-provider-alpha', providerName: 'alpha', decimals };
    const object = offerObject({
      ...shown,
      signed: own!,
      signature,
      agent: people.agent.address,
      grant,
    });
    return { own: own!, object };
  };
  const context = { domain: testDomain, agent: people.agent.address, decimals: 6 };

  test('is named by product and hash, and read back as what was signed', async () => {
    const { own, object } = await anObject();
    expect(object.metadata.name).toBe(`h100-80gb-hbm3-${own.hash.slice(2, 10)}`);
    expect(object.spec).toMatchObject({ pricePerGPUHour: '2.1', spotPricePerGPUHour: '0.9' });
    expect(await readOwnOffer(object, context)).toEqual(own);
  });

  test.each([
    ['price', { pricePerGPUHour: '0.01' }],
    ['product', { product: 'L40S' }],
    ['end', { validUntilTime: '2030-01-01T00:00:00Z' }],
    ['largest lease', { maxGPUs: 1 }],
    ['payee', { provider: people.stranger.address }],
    ['signature', { signature: `0x${'12'.repeat(65)}` as const }],
  ])('with a changed %s is not the agent’s any more', async (_name, change) => {
    const { object } = await anObject();
    const changed = { ...object, spec: { ...object.spec, ...change } };
    expect(await readOwnOffer(changed, context)).toBeUndefined();
  });

  test('of another agent is not this agent’s', async () => {
    const { object } = await anObject();
    const other = { ...context, agent: people.stranger.address };
    expect(await readOwnOffer(object, other)).toBeUndefined();
  });

  test('has a valid name whatever the product is called', () => {
    expect(offerName('RTX 6000 Ada_Gen.', `0x${'ab'.repeat(32)}`)).toBe(
      'rtx-6000-ada-gen-abababab',
    );
  });
});
