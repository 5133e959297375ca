import type { GPUInventory } from '@gridlease/crds/gpuinventory';
import { gpuProvider } from '@gridlease/crds/gpuprovider';
import { getCondition } from '@gridlease/kube/conditions';
import { describe, expect, test } from '@jest/globals';
import { agent, provider as owner } from '../testing/money.ts';
import { decideStatus, mayConnect, type OfferFacts, type ProviderFacts } from './decide.ts';

const now = new Date('2026-01-02T03:04:05Z');

function aProvider(spec: object = {}, status?: object) {
  const parsed = gpuProvider.parse({
    apiVersion: 'gridlease.dev/v1alpha1',
    kind: 'GPUProvider',
    metadata: { name: 'alpha', generation: 3 },
    spec: { address: owner, hubAccepted: true, region: 'eu', jurisdiction: 'DE', ...spec },
  });
  return status === undefined ? parsed : { ...parsed, status: status as never };
}

function anInventory(healthy = 8, free = 5): GPUInventory {
  const pool = { product: 'H100', capacity: 8, healthy, free } as never;
  return { spec: { pools: [pool], unlabelledNodes: [] } } as unknown as GPUInventory;
}

function anOffer(name: string, refusal?: OfferFacts['refusal']): OfferFacts {
  return { name, product: name.toUpperCase(), agent, refusal };
}

function facts(change: Partial<ProviderFacts> = {}): ProviderFacts {
  return {
    provider: aProvider(),
    problem: undefined,
    heardOf: true,
    heartbeatAgeMs: 9_000,
    watchingMs: 100_000,
    unreachableMs: 40_000,
    lastSeenMs: now.getTime() - 9_000,
    offers: [anOffer('h100')],
    inventory: anInventory(),
    ...change,
  };
}

const abandoned = { abandoned: { reason: 'it burnt down' } };
const expired = { reason: 'OfferExpired', message: 'it was valid until yesterday' };
const previously = (status: string, reason: string) =>
  aProvider(
    {},
    {
      conditions: [
        {
          type: 'Ready',
          status,
          reason,
          message: 'as before',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
    },
  );

describe('Ready is', () => {
  const cases: readonly (readonly [string, string, string, Partial<ProviderFacts>])[] = [
    ['True for an agent that renews', 'True', 'Ready', {}],
    [
      'True but closed for new leases',
      'True',
      'Unschedulable',
      { provider: aProvider({ unschedulable: true }) },
    ],
    [
      "False without an admin's yes",
      'False',
      'NotAccepted',
      { provider: aProvider({ hubAccepted: false }) },
    ],
    ['False while suspended', 'False', 'Suspended', { provider: aProvider({ suspended: true }) }],
    ['False once it is abandoned', 'False', 'Abandoned', { provider: aProvider(abandoned) }],
    [
      'Unknown earlier where that was asked for',
      'Unknown',
      'Unreachable',
      { heartbeatAgeMs: 9_000, unreachableMs: 8_000 },
    ],
    [
      'False before the first heartbeat',
      'False',
      'NeverConnected',
      { heardOf: false, heartbeatAgeMs: undefined },
    ],
    ['True at the last moment of a heartbeat', 'True', 'Ready', { heartbeatAgeMs: 40_000 }],
    ['Unknown a moment later', 'Unknown', 'Unreachable', { heartbeatAgeMs: 40_001 }],
    [
      'Unknown when nothing was ever seen to change',
      'Unknown',
      'Unreachable',
      { heartbeatAgeMs: undefined },
    ],
    [
      'what it was, just after a restart',
      'True',
      'Ready',
      { heartbeatAgeMs: undefined, watchingMs: 10, provider: previously('True', 'Ready') },
    ],
    [
      'what it was, also when that was not True',
      'Unknown',
      'Unreachable',
      { heartbeatAgeMs: undefined, watchingMs: 10, provider: previously('Unknown', 'Unreachable') },
    ],
    [
      'Unknown when the restart is long ago',
      'Unknown',
      'Unreachable',
      { heartbeatAgeMs: undefined, watchingMs: 40_001, provider: previously('True', 'Ready') },
    ],
    ['False without an inventory', 'False', 'NoInventory', { inventory: undefined }],
    ['False without a healthy GPU', 'False', 'NoGPUs', { inventory: anInventory(0, 0) }],
    ['False without offers', 'False', 'NoOffers', { offers: [] }],
    [
      'False when no offer verifies',
      'False',
      'OffersInvalid',
      { offers: [anOffer('h100', expired)] },
    ],
    [
      'True when one offer verifies',
      'True',
      'Ready',
      { offers: [anOffer('h100', expired), anOffer('l40s')] },
    ],
  ];
  test.each(cases)('%s (%s %s)', (_, status, reason, change) => {
    const decided = decideStatus(facts(change), now);
    expect(getCondition(decided.conditions, 'Ready')).toMatchObject({
      status,
      reason,
      observedGeneration: 3,
    });
  });
});

test('the offers that do not verify are named with their reasons', () => {
  const offers = [anOffer('h100'), anOffer('l40s-b', expired), anOffer('l40s-a', expired)];
  const found = getCondition(decideStatus(facts({ offers }), now).conditions, 'OffersValid');
  expect(found).toMatchObject({ status: 'False', reason: 'SomeInvalid' });
  expect(found?.message).toBe(
    '2 of 3 offers do not verify: l40s-a: OfferExpired, it was valid until yesterday; l40s-b: OfferExpired, it was valid until yesterday',
  );
});

test('the summary counts free GPUs of healthy ones and names products of valid offers', () => {
  const offers = [anOffer('l40s'), anOffer('h100'), anOffer('a100', expired)];
  expect(decideStatus(facts({ offers }), now)).toMatchObject({
    gpus: '5/8',
    products: 'H100,L40S',
    namespace: 'gridlease-provider-alpha',
    agentAddress: agent,
    observedGeneration: 3,
  });
});

test('the agent stays known when its offers are gone, and not when they are refused', () => {
  const provider = aProvider({}, { agentAddress: agent });
  expect(decideStatus(facts({ provider, offers: [] }), now).agentAddress).toBe(agent);
  const refused = facts({ provider, offers: [anOffer('h100', expired)] });
  expect(decideStatus(refused, now).agentAddress).toBeUndefined();
});

test('nothing changes while nothing happens', () => {
  const first = decideStatus(facts(), now);
  const later = facts({
    provider: aProvider({}, first),
    heartbeatAgeMs: 1,
    lastSeenMs: now.getTime() + 30_000,
  });
  expect(decideStatus(later, new Date(now.getTime() + 30_000))).toEqual(first);
});

test('a provider may connect only while it is accepted, not suspended and not going', () => {
  const going = aProvider();
  const cases = [
    [aProvider(), true],
    [undefined, false],
    [aProvider({ hubAccepted: false }), false],
    [aProvider({ suspended: true }), false],
    [aProvider(abandoned), false],
    [
      { ...going, metadata: { ...going.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } },
      false,
    ],
  ] as const;
  expect(cases.map(([provider]) => mayConnect(provider))).toEqual(cases.map(([, may]) => may));
});
