import { placementReasons } from '@gridlease/crds/reasons';
import { describe, expect, test } from '@jest/globals';
import { aCondition, aJob, aLease, anAccount, anEndedLease, nowMs } from '../testing/builders.ts';
import { factsOf, type Situation } from '../testing/placement.ts';
import { decide } from './decide.ts';
import { filters } from './filters.ts';

const h100 = { name: 'alpha', price: '2.10' };
const l40s = { name: 'bravo', price: '0.90', offer: { product: 'L40S' } };
const busy = [{ nodeFree: [0, 0], used: 16 }];

type FilterCase = {
  readonly reason: string;
  /** The filter is the reason, and the sentence holds this. */
  readonly refused: Situation;
  readonly says: RegExp;
  /** The same wish with one thing changed: the filter isn't the reason. */
  readonly passes: Situation;
};

const filterCases: readonly FilterCase[] = [
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
];

const moreCases: readonly FilterCase[] = [
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

const moneyCases: readonly FilterCase[] = [
  {
    reason: 'BudgetExceeded',
    refused: {
      spec: {
        batch: { completions: 2 },
        budget: { accountName: 'team-a', maxTotal: '50.4' },
      },
      leases: [anEndedLease({ maxAmount: 50_400_000n, status: { gpuMilliseconds: '86400000' } })],
    },
    says: /budget\.maxTotal 50\.400000 tUSD leaves nothing for 1 waiting tasks: 50\.400000 tUSD billed/,
    passes: {
      spec: { batch: { completions: 2 }, budget: { accountName: 'team-a', maxTotal: '51' } },
      leases: [anEndedLease({ maxAmount: 50_400_000n, status: { gpuMilliseconds: '86400000' } })],
    },
  },
  {
    reason: 'AccountCapExceeded',
    refused: { account: anAccount({ spec: { caps: { perHour: '2' } } }) },
    says: /needs 2\.100000 tUSD, caps\.perHour of account team-a is 2\.000000 tUSD/,
    passes: { account: anAccount({ spec: { caps: { perHour: '2.1', perDay: '50.4' } } }) },
  },
  {
    reason: 'AccountCapExceeded',
    // Ten minutes of 2.10 an hour cost no more than 0.35, whatever the hour would cost.
    refused: {
      account: anAccount({ spec: { caps: { perHour: '0.34' } } }),
      spec: { runtime: { maxDurationSeconds: 600 } },
    },
    says: /needs 0\.350000 tUSD, caps\.perHour .* 0\.000000 tUSD of it is taken: raise the cap/,
    passes: {
      account: anAccount({ spec: { caps: { perHour: '0.35' } } }),
      spec: { runtime: { maxDurationSeconds: 600 } },
    },
  },
  {
    reason: 'AccountCapExceeded',
    // A short job that is over still counts in its hour.
    refused: {
      account: anAccount({ spec: { caps: { perHour: '0.5' } } }),
      spec: { runtime: { maxDurationSeconds: 600 } },
      leases: [
        anEndedLease({ job: aJob({ name: 'other' }), status: { gpuMilliseconds: '600000' } }),
      ],
    },
    says: /needs 0\.350000 tUSD, caps\.perHour .* 0\.350000 tUSD of it is taken: wait/,
    passes: {
      account: anAccount({ spec: { caps: { perHour: '0.5' } } }),
      spec: { runtime: { maxDurationSeconds: 600 } },
      leases: [
        anEndedLease({
          job: aJob({ name: 'other' }),
          endTime: '2026-03-01T10:59:00Z',
          status: { gpuMilliseconds: '600000' },
        }),
      ],
    },
  },
  {
    reason: 'AccountCapExceeded',
    refused: { account: anAccount({ spec: { caps: { perDay: '50.39' } } }) },
    says: /needs 50\.400000 tUSD, caps\.perDay/,
    passes: { account: anAccount({ spec: { caps: { perDay: '50.4' } } }) },
  },
  {
    reason: 'AccountCapExceeded',
    refused: { account: anAccount({ spec: { caps: { total: '60' } }, status: { spent: '10' } }) },
    says: /caps\.total of account team-a is 60\.000000 tUSD and 10\.000000 tUSD of it is taken/,
    passes: { account: anAccount({ spec: { caps: { total: '60.4' } }, status: { spent: '10' } }) },
  },
  {
    reason: 'EscrowTooSmall',
    refused: { account: anAccount({ status: { free: '10', reserved: '0' } }) },
    says: /^needs 50\.400000 tUSD, tenant 0x0{38}aa has 10\.000000 tUSD available in escrow 0x0{38}ee on chain 31337: deposit 40\.400000 tUSD more or lower budget\.maxTotal \/ runtime\.maxDurationSeconds$/,
    passes: { account: anAccount({ status: { free: '10', reserved: '40.4' } }) },
  },
  {
    reason: 'EscrowTooSmall',
    // Another job's lease may still cost 50.40 of the 100.
    refused: {
      account: anAccount({ status: { free: '100' } }),
      leases: [aLease({ job: aJob({ name: 'other' }), maxAmount: 50_400_000n })],
    },
    says: /has 49\.600000 tUSD available/,
    passes: {
      account: anAccount({ status: { free: '100' } }),
      leases: [aLease({ job: aJob({ name: 'other' }), maxAmount: 49_600_000n })],
    },
  },
  {
    reason: 'DelegateNotAuthorized',
    refused: {
      account: anAccount({
        status: { conditions: [aCondition('Ready', 'False', 'DelegateNotAuthorized')] },
      }),
    },
    says: /^DelegateNotAuthorized\.$/,
    passes: {},
  },
  {
    reason: 'DelegateLimitTooSmall',
    refused: { account: anAccount({ status: { delegateLimit: '60', delegateSpent: '20' } }) },
    says: /delegate 0x0{38}dd may move 40\.000000 tUSD more: raise its limit by 10\.400000 tUSD/,
    passes: {
      account: anAccount({
        status: { delegateLimit: '60', delegateSpent: '20', reserved: '10.4' },
      }),
    },
  },
  {
    reason: 'DelegateGasTooLow',
    refused: {
      account: anAccount({
        status: { conditions: [aCondition('Ready', 'False', 'DelegateGasTooLow')] },
      }),
    },
    says: /^DelegateGasTooLow\.$/,
    passes: {},
  },
];

describe('a job that fits nowhere says why', () => {
  test.each([...filterCases, ...moreCases, ...moneyCases])(
    '$reason',
    ({ reason, refused, says, passes }) => {
      const no = decide(factsOf(refused));
      expect(no.placement).toBeUndefined();
      expect(no.waiting?.reason).toBe(reason);
      expect(no.waiting?.message).toMatch(says);
      const yes = decide(factsOf(passes));
      expect(yes.waiting?.reason).not.toBe(reason);
      expect(yes.placement).toBeDefined();
    },
  );

  test('nobody offers anything at all', () => {
    expect(decide(factsOf({ places: [] })).waiting?.reason).toBe('NoOffers');
  });

  test('every filter, and every placement reason, has a case', () => {
    const shown = new Set([...filterCases, ...moneyCases].map(({ reason }) => reason));
    expect(filters.map(({ reason }) => reason).filter((reason) => !shown.has(reason))).toEqual([]);
    const listed = Object.keys(placementReasons).filter((reason) => reason !== 'NoOffers');
    expect(listed.filter((reason) => !shown.has(reason))).toEqual([]);
  });

  test('the reason is that of the candidates that came closest', () => {
    const decision = decide(
      factsOf({
        spec: { placement: { regions: ['eu-central'] } },
        places: [
          { ...h100, provider: { region: 'us-east' } },
          { name: 'bravo', pools: busy },
          { name: 'charlie', provider: { suspended: true } },
        ],
      }),
    );
    expect(decision.waiting).toEqual({
      reason: 'InsufficientCapacity',
      message: 'needs 1 task of 1 GPU each on one node: bravo has 0 free of 16 H100-80GB-HBM3',
    });
  });
});

describe('a placement', () => {
  test('goes to the cheapest and names why the others lost, the nearest first', () => {
    const { placement, waiting } = decide(
      factsOf({
        places: [
          { name: 'alpha', price: '2.40' },
          { name: 'bravo', price: '2.05' },
          { name: 'charlie', price: '1.00', pools: busy },
          { name: 'delta', price: '0.50', provider: { suspended: true } },
        ],
      }),
    );
    expect(waiting).toBeUndefined();
    expect(placement?.shares).toMatchObject([
      { candidate: { provider: 'bravo' }, parallelism: 1, indexes: [0], maxAmount: 49_200_000n },
    ]);
    expect(placement?.losers.map(({ candidate, reason }) => [candidate.provider, reason])).toEqual([
      ['alpha', 'NotCheapest'],
      ['charlie', 'InsufficientCapacity'],
      ['delta', 'ProviderSuspended'],
    ]);
    expect(placement?.reasonCounts).toEqual([
      { reason: 'InsufficientCapacity', count: 1 },
      { reason: 'NotCheapest', count: 1 },
      { reason: 'ProviderSuspended', count: 1 },
    ]);
  });

  test('spreads an array over providers, cheapest first, by index', () => {
    const { placement, waiting } = decide(
      factsOf({
        spec: { batch: { completions: 12 } },
        places: [
          { name: 'alpha', price: '2.10', pools: [{ nodeFree: [8] }] },
          { name: 'bravo', price: '1.80', pools: [{ nodeFree: [4] }] },
        ],
      }),
    );
    expect(waiting).toBeUndefined();
    expect(
      placement?.shares.map(({ candidate, indexes }) => [candidate.provider, indexes]),
    ).toEqual([
      ['bravo', [0, 1, 2, 3]],
      ['alpha', [4, 5, 6, 7, 8, 9, 10, 11]],
    ]);
  });

  test('gives away only the fraction of the tasks that there is room for', () => {
    const { placement, waiting } = decide(
      factsOf({
        spec: { batch: { completions: 100, parallelism: 10 } },
        account: anAccount({ status: { free: '9000', delegateLimit: '9000' } }),
        places: [{ name: 'alpha', pools: [{ nodeFree: [4] }] }],
      }),
    );
    expect(placement?.shares[0]).toMatchObject({ parallelism: 4 });
    expect(placement?.shares[0]?.indexes).toHaveLength(40);
    expect(waiting?.reason).toBe('InsufficientCapacity');
    expect(waiting?.message).toMatch(
      /^40 tasks are placed \(4 at alpha at once\); 60 tasks of 1 GPU wait/,
    );
  });

  test('runs more tasks than slots one after the other in one lease', () => {
    const { placement, waiting } = decide(
      factsOf({ spec: { batch: { completions: 7, parallelism: 2 } } }),
    );
    expect(waiting).toBeUndefined();
    expect(placement?.shares).toMatchObject([{ parallelism: 2, indexes: [0, 1, 2, 3, 4, 5, 6] }]);
  });

  test('never makes a lease longer than the offer allows', () => {
    const { placement } = decide(
      factsOf({
        spec: {
          batch: { completions: 9, parallelism: 2 },
          runtime: { maxDurationSeconds: 3_600, startDeadlineSeconds: 900 },
        },
        // Room for the start and two tasks, one after the other.
        places: [{ name: 'alpha', offer: { maxDurationSeconds: 900 + 7_200 } }],
      }),
    );
    expect(placement?.shares).toMatchObject([{ parallelism: 2, indexes: [0, 1, 2, 3] }]);
  });

  test('leaves one provider no more than its share', () => {
    const { placement } = decide(
      factsOf({
        spec: { batch: { completions: 10 }, placement: { maxProviderSharePercent: 60 } },
        places: [
          { name: 'alpha', price: '1.00' },
          { name: 'bravo', price: '3.00' },
        ],
      }),
    );
    expect(
      placement?.shares.map(({ candidate, parallelism }) => [candidate.provider, parallelism]),
    ).toEqual([
      ['alpha', 6],
      ['bravo', 4],
    ]);
  });

  test('gives one provider no more tasks one after the other than its share', () => {
    const { placement, waiting } = decide(
      factsOf({
        spec: {
          batch: { completions: 10, parallelism: 2 },
          placement: { maxProviderSharePercent: 30 },
        },
        places: [{ name: 'alpha' }],
      }),
    );
    expect(placement?.shares).toMatchObject([{ parallelism: 1, indexes: [0, 1, 2] }]);
    expect(waiting?.message).toMatch(
      /7 tasks of 1 GPU wait.*alpha has all 3 tasks \(1 at once\) that placement\.maxProviderSharePercent 30/,
    );
  });

  test('keeps all tasks together where the job asks for it, though apart would be cheaper', () => {
    const { placement } = decide(
      factsOf({
        spec: { batch: { completions: 6 }, gpu: { count: 1, locality: 'SameProvider' } },
        places: [
          { name: 'alpha', price: '1.00', pools: [{ nodeFree: [5] }] },
          { name: 'bravo', price: '3.00' },
        ],
      }),
    );
    expect(placement?.shares).toMatchObject([{ candidate: { provider: 'bravo' }, parallelism: 6 }]);
  });

  test('binds tasks that must stay together to the NVLink domain with the most room', () => {
    const situation: Situation = {
      spec: { batch: { completions: 3 }, gpu: { count: 1, locality: 'SameClique' } },
      places: [
        {
          name: 'alpha',
          pools: [
            { nodeFree: [3], clique: 'a.1' },
            { nodeFree: [8], clique: 'b.2' },
            { nodeFree: [8] },
          ],
        },
      ],
    };
    const facts = factsOf(situation);
    expect(decide(facts).placement?.shares).toMatchObject([{ clique: 'b.2', parallelism: 3 }]);
    // Tasks that run already decide for those that start again.
    const bound = { ...facts, job: { ...facts.job, cliqueInUse: 'a.1' } };
    expect(decide(bound).placement?.shares).toMatchObject([{ clique: 'a.1' }]);
    const gone = { ...facts, job: { ...facts.job, cliqueInUse: 'c.3' } };
    expect(decide(gone).waiting?.message).toMatch(/the job's other tasks run in c\.3$/);
  });

  test('counts what this hub placed and the provider has not reported yet', () => {
    const other = aJob({ name: 'other', spec: { batch: { completions: 6 } } });
    const { waiting } = decide(
      factsOf({
        spec: { batch: { completions: 3 } },
        places: [{ name: 'alpha', pools: [{ nodeFree: [8] }] }],
        leases: [aLease({ job: other, indexes: '0-5', parallelism: 6 })],
      }),
    );
    expect(waiting?.message).toMatch(
      /2 at alpha at once.*1 task of 1 GPU wait.*alpha has 2 free of 8/,
    );
  });

  test('does not count a lease twice that the provider has reported', () => {
    const other = aJob({ name: 'other', spec: { batch: { completions: 6 } } });
    const { placement } = decide(
      factsOf({
        spec: { batch: { completions: 2 } },
        places: [{ name: 'alpha', pools: [{ nodeFree: [2], leased: 6 }] }],
        leases: [aLease({ job: other, indexes: '0-5', parallelism: 6 })],
      }),
    );
    expect(placement?.shares).toMatchObject([{ parallelism: 2 }]);
  });

  test('may cost what budget.maxTotal leaves for its part of the waiting tasks', () => {
    const { placement } = decide(
      factsOf({
        spec: {
          batch: { completions: 10 },
          budget: { accountName: 'team-a', maxTotal: '100' },
        },
        places: [{ name: 'alpha', pools: [{ nodeFree: [4] }] }],
      }),
    );
    expect(placement?.shares).toMatchObject([{ indexes: [0, 1, 2, 3], maxAmount: 40_000_000n }]);
  });

  test('waits while the job itself uses all of its parallelism', () => {
    const job = aJob({ spec: { batch: { completions: 4, parallelism: 2 } } });
    const { waiting, placement } = decide(
      factsOf({ job, leases: [aLease({ job, indexes: '0-1', parallelism: 2 })] }),
    );
    expect(placement).toBeUndefined();
    expect(waiting).toMatchObject({ reason: 'PartlyPlaced' });
  });

  test('is nothing to decide once every task has a lease or is done', () => {
    expect(decide(factsOf({ leases: [aLease()] }))).toEqual({});
  });
});

describe('a provider that refused', () => {
  const refusal = (epoch: number, at: string, reason = 'Draining') =>
    aLease({
      epoch,
      conditions: [aCondition('Accepted', 'False', reason, { lastTransitionTime: at })],
    });

  test('is asked again at the time that the decision names', () => {
    const leases = [refusal(1, '2026-03-01T11:59:30Z')];
    const { retryAtMs } = decide(factsOf({ leases }));
    expect(retryAtMs).toBe(nowMs - 30_000 + 600_000);
    expect(decide(factsOf({ leases, nowMs: retryAtMs! })).placement).toBeDefined();
    expect(decide(factsOf({ leases, nowMs: retryAtMs! - 1 })).placement).toBeUndefined();
  });

  test('is asked later after each refusal in a row, however new its inventory is', () => {
    const leases = [1, 2, 3, 4, 5].map((epoch) => refusal(epoch, '2026-03-01T11:58:30Z'));
    const places = [{ ...h100, observedTime: '2026-03-01T11:59:59Z' }];
    // 5 s, doubled four times, after the last one.
    expect(decide(factsOf({ leases, places, nowMs: nowMs - 90_000 + 79_999 })).placement).toBe(
      undefined,
    );
    expect(
      decide(factsOf({ leases, places, nowMs: nowMs - 90_000 + 80_000 })).placement,
    ).toBeDefined();
  });

  test.each([
    ['Draining', 1, 5],
    ['WorkloadInvalid', 1, 600],
    ['WorkloadInvalid', 3, 2_400],
    ['TenantNotAllowed', 9, 21_600],
  ])(
    '%s, said %d times, is believed for %d s though the inventory is newer',
    (reason, times, seconds) => {
      const leases = Array.from({ length: times }, (_, at) =>
        refusal(at + 1, '2026-03-01T11:58:30Z', reason),
      );
      const endMs = nowMs - 90_000 + seconds * 1_000;
      const places = [{ ...h100, offer: { validUntilTime: '2026-03-09T00:00:00Z' } }];
      const at = (ms: number) => decide(factsOf({ leases, places, nowMs: ms })).placement;
      expect(at(endMs - 1)).toBeUndefined();
      expect(at(endMs)).toBeDefined();
    },
  );

  test('leaves the place to the next one', () => {
    const { placement } = decide(
      factsOf({
        leases: [refusal(1, '2026-03-01T11:59:30Z')],
        places: [h100, { name: 'bravo', price: '3.00' }],
      }),
    );
    expect(placement?.shares[0]?.candidate.provider).toBe('bravo');
    expect(placement?.losers[0]?.reason).toBe('RefusedByProvider');
  });
});
