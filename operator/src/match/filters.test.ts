import { expect, test } from '@jest/globals';
import { aCondition, aLease, anAccount, anEndedLease } from '../testing/builders.ts';
import { expectCase, type PlacementCase } from '../testing/placementCase.ts';
import { filters } from './filters.ts';

const h100 = { name: 'alpha', price: '2.10' };
const l40s = { name: 'bravo', price: '0.90', offer: { product: 'L40S' } };

const filterCases: readonly PlacementCase[] = [
  {
    reason: 'ProviderNotReady',
    refused: {
      places: [
        { ...h100, status: { conditions: [aCondition('Ready', 'False', 'Unreachable')] } },
        { ...h100, name: 'bravo', provider: { hubAccepted: false } },
      ],
    },
    says: /alpha: Unreachable: Unreachable\.; bravo: not accepted by this cluster/,
    passes: { places: [h100] },
  },
  {
    reason: 'ProviderSuspended',
    refused: { places: [{ ...h100, provider: { suspended: true } }] },
    says: /suspended.*: alpha$/,
    passes: { places: [{ ...h100, provider: { suspended: false } }] },
  },
  {
    reason: 'ProviderUnschedulable',
    refused: { places: [{ ...h100, provider: { unschedulable: true } }] },
    says: /no new leases.*alpha/,
    passes: { places: [{ ...h100, provider: { unschedulable: false } }] },
  },
  {
    reason: 'OfferInvalid',
    refused: {
      places: [
        { ...h100, verdict: { valid: false, reason: 'GrantExpired', message: 'it ended' } },
        { ...h100, name: 'bravo', verdict: { valid: true, chainName: 'base' } },
      ],
    },
    says: /alpha\/\S+: GrantExpired: it ended; bravo\/\S+: signed for chain base, the account pays on local/,
    passes: { places: [{ ...h100, verdict: { valid: true, chainName: 'local' } }] },
  },
  {
    reason: 'OfferExpired',
    refused: { places: [{ ...h100, offer: { validUntilTime: '2026-03-01T11:59:59Z' } }] },
    says: /alpha\/\S+ ended 2026-03-01T11:59:59/,
    passes: { places: [{ ...h100, offer: { validUntilTime: '2026-03-01T12:00:01Z' } }] },
  },
  {
    reason: 'UnknownProduct',
    refused: { spec: { gpu: { count: 1, products: ['B200'] } }, places: [h100, l40s] },
    says: /^nobody offers B200: offered: H100-80GB-HBM3 from 2\.10 tUSD per GPU-hour, L40S from 0\.90/,
    passes: { spec: { gpu: { count: 1, products: ['B200', 'h100'] } }, places: [h100, l40s] },
  },
  {
    reason: 'MIGNotRequested',
    refused: {
      spec: { gpu: { count: 1, products: ['A100'] } },
      places: [{ ...h100, offer: { product: 'A100-SXM4-40GB-MIG-1g.5gb' } }],
    },
    says: /A100-SXM4-40GB-MIG-1g\.5gb \(alpha\)/,
    passes: {
      spec: { gpu: { count: 1, products: ['A100-SXM4-40GB-MIG-1g.5gb'] } },
      places: [{ ...h100, offer: { product: 'A100-SXM4-40GB-MIG-1g.5gb' } }],
    },
  },
  {
    reason: 'SharedNotRequested',
    refused: { places: [{ ...h100, offer: { product: 'L40S-SHARED' } }] },
    says: /L40S-SHARED \(alpha\)/,
    passes: {
      spec: { gpu: { count: 1, products: ['L40S-SHARED'] } },
      places: [{ ...h100, offer: { product: 'L40S-SHARED' } }],
    },
  },
  {
    reason: 'GPUMemoryTooSmall',
    refused: { spec: { gpu: { count: 1, memoryMiB: 100_000 } } },
    says: /^needs 100000 MiB of memory per GPU: H100-80GB-HBM3 at alpha has 81559$/,
    passes: { spec: { gpu: { count: 1, memoryMiB: 80_000 } } },
  },
  {
    reason: 'RegionExcluded',
    refused: {
      spec: { placement: { regions: ['us-east'] } },
      places: [h100, { ...h100, name: 'bravo', provider: { region: 'ap-south' } }],
    },
    says: /^allows region us-east: alpha is in eu-central; bravo is in ap-south$/,
    passes: { spec: { placement: { regions: ['us-east', 'eu-central'] } } },
  },
  {
    reason: 'JurisdictionExcluded',
    refused: { spec: { placement: { jurisdictions: ['FR', 'US'] } } },
    says: /^allows jurisdiction FR or US: alpha is in DE$/,
    passes: { spec: { placement: { jurisdictions: ['DE'] } } },
  },
  {
    reason: 'ProviderNotAllowed',
    refused: { spec: { placement: { providers: { allow: ['bravo'] } } } },
    says: /alpha/,
    passes: { spec: { placement: { providers: { allow: ['alpha'] } } } },
  },
  {
    reason: 'ProviderNotAllowed',
    refused: { account: anAccount({ spec: { allowedProviders: ['bravo'] } }) },
    says: /allowed by the account: alpha/,
    passes: { account: anAccount({ spec: { allowedProviders: ['alpha'] } }) },
  },
  {
    reason: 'ProviderDenied',
    refused: { spec: { placement: { providers: { deny: ['alpha'] } } } },
    says: /alpha/,
    passes: { spec: { placement: { providers: { deny: ['bravo'] } } } },
  },
  {
    reason: 'TrustTierTooLow',
    refused: { spec: { placement: { minTrustTier: 2 } } },
    says: /^needs trust tier 2: alpha has tier 1$/,
    passes: { spec: { placement: { minTrustTier: 1 } } },
  },
  {
    reason: 'IsolationTooWeak',
    refused: { spec: { placement: { minIsolation: 'gvisor' } } },
    says: /^needs isolation gvisor or stronger: alpha has runc$/,
    passes: {
      spec: { placement: { minIsolation: 'gvisor' } },
      places: [{ ...h100, isolationClasses: ['runc', 'kata'] }],
    },
  },
  {
    reason: 'DurationTooLong',
    refused: {
      spec: { runtime: { maxDurationSeconds: 3_600, startDeadlineSeconds: 100 } },
      places: [{ ...h100, offer: { maxDurationSeconds: 3_699 } }],
    },
    says: /3600.*alpha leases for at most 3699 s/,
    passes: {
      spec: { runtime: { maxDurationSeconds: 3_600, startDeadlineSeconds: 100 } },
      places: [{ ...h100, offer: { maxDurationSeconds: 3_700 } }],
    },
  },
  {
    reason: 'GPUCountOutOfRange',
    refused: {
      spec: { gpu: { count: 4 } },
      places: [
        { ...h100, offer: { maxGPUs: 2 } },
        { ...h100, name: 'bravo', offer: { minGPUs: 8 } },
      ],
    },
    says: /alpha leases 1 to 2 GPUs at once; bravo leases 8 to 64/,
    passes: {
      spec: { gpu: { count: 4 } },
      places: [{ ...h100, offer: { minGPUs: 4, maxGPUs: 4 } }],
    },
  },
  {
    reason: 'PriceAboveMax',
    refused: {
      spec: { budget: { accountName: 'team-a', maxPricePerGPUHour: '1.00' } },
      places: [h100, { ...h100, name: 'bravo', price: '1.85' }],
    },
    says: /^budget\.maxPricePerGPUHour is 1\.00 tUSD: the cheapest is 1\.85 tUSD \(H100-80GB-HBM3 at bravo\)$/,
    passes: { spec: { budget: { accountName: 'team-a', maxPricePerGPUHour: '2.1' } } },
  },
  {
    reason: 'RefusedByProvider',
    refused: {
      leases: [
        aLease({
          conditions: [
            aCondition('Accepted', 'False', 'Draining', {
              lastTransitionTime: '2026-03-01T11:59:30Z',
            }),
          ],
        }),
      ],
    },
    says: /alpha said Draining: Draining\./,
    // The provider has looked at its nodes since.
    passes: {
      leases: [
        aLease({
          conditions: [
            aCondition('Accepted', 'False', 'Draining', {
              lastTransitionTime: '2026-03-01T11:58:30Z',
            }),
          ],
        }),
      ],
    },
  },
  {
    reason: 'ProviderShareUsed',
    // Over the life of the job: three of six are done here, whatever runs now.
    refused: {
      spec: { batch: { completions: 6 }, placement: { maxProviderSharePercent: 50 } },
      leases: [
        anEndedLease({ indexes: '0-1', parallelism: 2 }),
        anEndedLease({ epoch: 2, indexes: '2' }),
      ],
    },
    says: /^3 tasks may not go to the same provider: alpha has all 3 tasks that placement\.maxProviderSharePercent 50 allows$/,
    passes: {
      spec: { batch: { completions: 6 }, placement: { maxProviderSharePercent: 50 } },
      leases: [anEndedLease({ indexes: '0-1', parallelism: 2 })],
    },
  },
  {
    reason: 'InsufficientCapacity',
    refused: {
      spec: { gpu: { count: 4 } },
      places: [{ ...h100, pools: [{ nodeFree: [3, 3], used: 10 }] }],
    },
    says: /^needs 1 task of 4 GPUs each on one node: alpha has 6 free of 16 H100-80GB-HBM3, at most 3 on one node$/,
    passes: {
      spec: { gpu: { count: 4 } },
      places: [{ ...h100, pools: [{ nodeFree: [4, 2], used: 10 }] }],
    },
  },
  {
    reason: 'InsufficientCapacity',
    // Their leases have ended at the hub, and the provider has not counted its nodes again.
    refused: { places: [{ ...h100, pools: [{ nodeFree: [0, 0], used: 0, healthy: 16 }] }] },
    says: /^needs 1 task of 1 GPU each on one node: alpha has 0 free of 16 H100-80GB-HBM3$/,
    passes: { places: [{ ...h100, pools: [{ nodeFree: [1, 0], used: 0, healthy: 16 }] }] },
  },
  {
    reason: 'InsufficientCapacity',
    refused: { places: [{ ...h100, observedTime: null }] },
    says: /alpha has not reported its GPUs yet/,
    passes: { places: [h100] },
  },
  {
    reason: 'LocalityUnsatisfiable',
    refused: {
      spec: { batch: { completions: 12 }, gpu: { count: 1, locality: 'SameProvider' } },
      places: [
        { ...h100, pools: [{ nodeFree: [8] }] },
        { ...h100, name: 'bravo', pools: [{ nodeFree: [4] }] },
      ],
    },
    says: /SameProvider needs room for 12 tasks of 1 GPU in one place: alpha has room for 8; bravo has room for 4/,
    passes: { spec: { batch: { completions: 12 }, gpu: { count: 1, locality: 'SameProvider' } } },
  },
  {
    reason: 'LocalityUnsatisfiable',
    refused: {
      spec: { batch: { completions: 6 }, gpu: { count: 1, locality: 'SameClique' } },
      places: [
        {
          ...h100,
          pools: [
            { nodeFree: [4], clique: 'a' },
            { nodeFree: [4], clique: 'b' },
          ],
        },
      ],
    },
    says: /SameClique needs room for 6 tasks.*alpha has room for 4/,
    passes: {
      spec: { batch: { completions: 6 }, gpu: { count: 1, locality: 'SameClique' } },
      places: [
        {
          ...h100,
          pools: [
            { nodeFree: [4], clique: 'a' },
            { nodeFree: [6], clique: 'b' },
          ],
        },
      ],
    },
  },
  {
    reason: 'LocalityUnsatisfiable',
    refused: { spec: { gpu: { count: 1, locality: 'SameClique' } } },
    says: /alpha reports no NVLink domain \(nvidia\.com\/gpu\.clique\) for H100-80GB-HBM3$/,
    passes: {
      spec: { gpu: { count: 1, locality: 'SameClique' } },
      places: [{ ...h100, pools: [{ clique: 'a' }] }],
    },
  },
];

test.each(filterCases)('a job that fits nowhere says why: $reason', expectCase);

test('every filter has a case', () => {
  const shown = new Set(filterCases.map(({ reason }) => reason));
  expect(filters.map(({ reason }) => reason).filter((reason) => !shown.has(reason))).toEqual([]);
});
