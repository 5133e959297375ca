import type { PlacementReason } from '@gridlease/crds/reasons';
import { type Candidate, nounOf, type Query, shareLeft, tasksOfOneLease } from './query.ts';
import { refusalOf } from './refusal.ts';
import { capacityAt, cliqueAt, mostTasks, roomText, roomTogether, shareText } from './room.ts';
import { counted, listed, priceText } from './text.ts';
import { asksFor, isShared, isUnwantedPart, wholeGpu } from './wish.ts';

/**
 * One reason why a candidate can't take the job. `refuses` says what this candidate has, `needs` what
 * the job asks for; together they are the sentence on the waiting job.
 */
export type Filter = {
  readonly reason: PlacementReason;
  /** Undefined: the candidate passes. */
  readonly refuses: (candidate: Candidate, query: Query) => string | undefined;
  readonly needs: (query: Query) => string;
  /** For reasons that read better than a list of candidates. */
  readonly summary?: (fallen: readonly Candidate[], query: Query) => string;
};

const isolationRank = { runc: 0, gvisor: 1, kata: 2 } as const;

/** In the order in which they are asked; the last one reached is the reason that a person reads. */
export const filters: readonly Filter[] = [
  {
    reason: 'ProviderNotReady',
    needs: () => 'no provider is ready',
    refuses: (at) => (at.notReady === undefined ? undefined : `${at.provider}: ${at.notReady}`),
  },
  {
    reason: 'ProviderSuspended',
    needs: () => 'an admin of this cluster suspended the only provider that is ready',
    refuses: (at) => (at.suspended ? at.provider : undefined),
  },
  {
    reason: 'ProviderUnschedulable',
    needs: () => 'takes no new leases (spec.unschedulable)',
    refuses: (at) => (at.unschedulable ? at.provider : undefined),
  },
  {
    reason: 'OfferInvalid',
    needs: () => 'the signature of the offer does not hold',
    refuses: (at) =>
      at.offerProblem === undefined
        ? undefined
        : `${at.provider}/${at.offerName}: ${at.offerProblem}`,
  },
  {
    reason: 'OfferExpired',
    needs: () => 'waits for a new offer',
    refuses: (at, { nowMs }) =>
      at.validUntilMs > nowMs
        ? undefined
        : `${at.provider}/${at.offerName} ended ${new Date(at.validUntilMs).toISOString()}`,
  },
  {
    reason: 'UnknownProduct',
    needs: ({ job }) => `nobody offers ${listed(job.products, ' or ')}`,
    refuses: (at, query) =>
      asksFor(query, at.product) || asksFor(query, wholeGpu(at.product))
        ? undefined
        : `${at.product} at ${priceText(at.price, query.account)}`,
    summary: (fallen, query) => `offered: ${offeredProducts(fallen, query)}`,
  },
  {
    reason: 'MIGNotRequested',
    needs: () => 'only slices of GPUs are offered; name one in gpu.products to take it',
    refuses: (at, query) =>
      isUnwantedPart(at, query) && !isShared(at) ? `${at.product} (${at.provider})` : undefined,
  },
  {
    reason: 'SharedNotRequested',
    needs: () => 'only shared GPUs are offered; name one in gpu.products to take it',
    refuses: (at, query) =>
      isUnwantedPart(at, query) ? `${at.product} (${at.provider})` : undefined,
  },
  {
    reason: 'GPUMemoryTooSmall',
    needs: ({ job }) => `needs ${job.memoryMiB} MiB of memory per GPU`,
    refuses: (at, { job }) => {
      const largest = Math.max(0, ...at.pools.map((pool) => pool.memoryMiB));
      return at.pools.length === 0 || largest >= job.memoryMiB
        ? undefined
        : `${at.product} at ${at.provider} has ${largest}`;
    },
  },
  {
    reason: 'RegionExcluded',
    needs: ({ job }) => `allows region ${listed(job.regions, ' or ')}`,
    refuses: (at, { job }) =>
      job.regions.length === 0 || job.regions.includes(at.region)
        ? undefined
        : `${at.provider} is in ${at.region}`,
  },
  {
    reason: 'JurisdictionExcluded',
    needs: ({ job }) => `allows jurisdiction ${listed(job.jurisdictions, ' or ')}`,
    refuses: (at, { job }) =>
      job.jurisdictions.length === 0 || job.jurisdictions.includes(at.jurisdiction)
        ? undefined
        : `${at.provider} is in ${at.jurisdiction}`,
  },
  {
    reason: 'ProviderNotAllowed',
    needs: () => 'the provider is not in placement.providers.allow or not allowed by the account',
    refuses: (at, { job, account }) => {
      const lists = [job.allowedProviders, account.allowedProviders];
      const allowed = lists.every((list) => list.length === 0 || list.includes(at.provider));
      return allowed ? undefined : at.provider;
    },
  },
  {
    reason: 'ProviderDenied',
    needs: () => 'the provider is in placement.providers.deny',
    refuses: (at, { job }) => (job.deniedProviders.includes(at.provider) ? at.provider : undefined),
  },
  {
    reason: 'TrustTierTooLow',
    needs: ({ job }) => `needs trust tier ${job.minTrustTier}`,
    refuses: (at, { job }) =>
      at.trustTier >= job.minTrustTier ? undefined : `${at.provider} has tier ${at.trustTier}`,
  },
  {
    reason: 'IsolationTooWeak',
    needs: ({ job }) => `needs isolation ${job.minIsolation} or stronger`,
    refuses: (at, { job }) => {
      if (job.minIsolation === 'runc' || at.inventoryMs === undefined) return undefined;
      const wanted = isolationRank[job.minIsolation];
      const strong = at.isolationClasses.some(
        (name) => (isolationRank[name as keyof typeof isolationRank] ?? -1) >= wanted,
      );
      return strong ? undefined : `${at.provider} has ${listed(at.isolationClasses, ', ')}`;
    },
  },
  {
    reason: 'DurationTooLong',
    needs: ({ job }) =>
      job.maxDurationSeconds === 0
        ? 'the service runs without an end; set runtime.maxDurationSeconds to take an offer with one'
        : `a task may take runtime.maxDurationSeconds ${job.maxDurationSeconds} plus ${job.startDeadlineSeconds} s to start`,
    refuses: (at, { job }) =>
      at.maxDurationSeconds === 0 ||
      (job.maxDurationSeconds > 0 &&
        at.maxDurationSeconds >= job.maxDurationSeconds + job.startDeadlineSeconds)
        ? undefined
        : `${at.provider} leases for at most ${at.maxDurationSeconds} s`,
  },
  {
    reason: 'GPUCountOutOfRange',
    needs: (query) => `needs ${wanted(query)}`,
    refuses: (at, query) =>
      query.job.gpuCount <= at.maxGpus &&
      tasksOfOneLease(query, query.want) * query.job.gpuCount >= at.minGpus
        ? undefined
        : `${at.provider} leases ${at.minGpus} to ${at.maxGpus} GPUs at once`,
  },
  {
    reason: 'PriceAboveMax',
    needs: ({ maxPrice, account }) =>
      `budget.maxPricePerGPUHour is ${priceText(maxPrice ?? 0n, account)}`,
    refuses: (at, { maxPrice, account }) =>
      maxPrice === undefined || at.price <= maxPrice
        ? undefined
        : `${at.product} at ${at.provider} costs ${priceText(at.price, account)}`,
    summary: (fallen, { account }) => {
      const cheapest = fallen.reduce((best, at) => (dearer(best, at) ? at : best));
      return `the cheapest is ${priceText(cheapest.price, account)} (${cheapest.product} at ${cheapest.provider})`;
    },
  },
  {
    reason: 'RefusedByProvider',
    needs: () =>
      'providers that fit have refused the job, or lost its tasks, and are asked again later',
    refuses: (at, query) => refusalOf(at, query)?.message,
  },
  {
    reason: 'ProviderShareUsed',
    needs: (query) =>
      `${counted(query.waiting.length, nounOf(query))} may not go to the same provider`,
    refuses: (at, query) =>
      shareLeft(query, at.provider) === 0 ? shareText(at, query) : undefined,
  },
  {
    reason: 'InsufficientCapacity',
    needs: (query) => `needs ${wanted(query)} each on one node`,
    refuses: (at, query) => {
      const room = Math.min(capacityAt(at, query), query.want);
      const gpus = tasksOfOneLease(query, room) * query.job.gpuCount;
      if (room > 0 && gpus >= at.minGpus) return undefined;
      return room > 0 ? `${roomText(at)} and leases at least ${at.minGpus}` : roomText(at);
    },
  },
  {
    reason: 'LocalityUnsatisfiable',
    needs: (query) =>
      `gpu.locality ${query.job.locality} needs room for ${wanted(query)} in one place`,
    refuses: (at, query) => {
      if (query.job.locality === 'Any') return undefined;
      const elsewhere = Object.entries(query.job.aliveTasks).find(
        ([provider, tasks]) => tasks > 0 && provider !== at.provider,
      );
      if (elsewhere !== undefined) return `the job's other tasks run at ${elsewhere[0]}`;
      if (query.job.locality === 'SameClique' && cliqueAt(at, query) === undefined) {
        const { cliqueInUse } = query.job;
        return cliqueInUse === undefined
          ? `${at.provider} reports no NVLink domain (nvidia.com/gpu.clique) for ${at.product}`
          : `the job's other tasks run in ${cliqueInUse}`;
      }
      const room = Math.min(roomTogether(at, query), mostTasks(at, query));
      return room >= query.want ? undefined : `${at.provider} has room for ${room}`;
    },
  },
];

/** "3 tasks of 2 GPUs". */
function wanted(query: Query): string {
  return `${counted(query.want, nounOf(query))} of ${counted(query.job.gpuCount, 'GPU')}`;
}

function offeredProducts(fallen: readonly Candidate[], { account }: Query): string {
  const cheapest = new Map<string, bigint>();
  for (const { product, price } of fallen) {
    const known = cheapest.get(product);
    if (known === undefined || price < known) cheapest.set(product, price);
  }
  const items = [...cheapest].map(
    ([product, price]) => `${product} from ${priceText(price, account)} per GPU-hour`,
  );
  return listed(items, ', ', 12);
}

/** True when `one` costs more than `other`; the name decides between equals, so order doesn't. */
function dearer(one: Candidate, other: Candidate): boolean {
  return one.price === other.price
    ? `${one.provider}/${one.offerName}` > `${other.provider}/${other.offerName}`
    : one.price > other.price;
}
