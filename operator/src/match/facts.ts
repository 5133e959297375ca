import type { Hex } from 'viem';

/**
 * Everything that a placement depends on, as plain JSON: what `decide` reads is exactly what a
 * PlacementRecord commits to, so anybody who has the bundle can make the same decision again.
 * Amounts and prices are decimal strings of the token's smallest units; times are unix milliseconds.
 */
export type PlacementFacts = {
  readonly protocolVersion: 1;
  readonly nowMs: number;
  readonly job: JobFacts;
  readonly account: AccountFacts;
  readonly candidates: readonly CandidateFacts[];
};

export type Locality = 'Any' | 'SameProvider' | 'SameClique';
export type Isolation = 'runc' | 'gvisor' | 'kata';

/** What the job asks for, and how far it is. */
export type JobFacts = {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** Per task. */
  readonly gpuCount: number;
  /** Wanted product names; empty: any product that is a whole GPU. */
  readonly products: readonly string[];
  readonly memoryMiB: number;
  readonly locality: Locality;
  readonly regions: readonly string[];
  readonly jurisdictions: readonly string[];
  readonly allowedProviders: readonly string[];
  readonly deniedProviders: readonly string[];
  readonly minTrustTier: number;
  readonly maxProviderSharePercent: number;
  readonly minIsolation: Isolation;
  readonly maxPricePerGpuHour?: string;
  readonly maxTotal?: string;
  /** 0: no limit; such leases end by money alone. */
  readonly maxDurationSeconds: number;
  readonly startDeadlineSeconds: number;
  /** Present for a service: each replica gets a lease of its own. */
  readonly service?: ServiceFacts;
  /** Number of tasks in the whole job; of a service, its replicas. */
  readonly completions: number;
  /** Most tasks at once. */
  readonly parallelism: number;
  /** Indexes that no lease holds and that are neither completed nor failed for good: "0-3,7". */
  readonly waitingIndexes: string;
  /** Tasks that the job's leases run or may run at this moment, per provider name. */
  readonly aliveTasks: Readonly<Record<string, number>>;
  /** Tasks of the job that a provider has completed, or holds and has yet to end, per provider name. */
  readonly takenTasks: Readonly<Record<string, number>>;
  /** Clique of the job's active leases, for gpu.locality SameClique. */
  readonly cliqueInUse?: string;
  /** Billed in finished leases, and the most that active ones may cost; without an end: have cost. */
  readonly spent: string;
  readonly committed: string;
  /** Providers that refused or didn't answer, newest lease of each. */
  readonly refusals: readonly RefusalFacts[];
};

export type ServiceFacts = {
  /** What a lease without an end may still use after the hub wants it stopped, in seconds. */
  readonly stopMarginSeconds: number;
};

export type RefusalFacts = {
  readonly provider: string;
  readonly reason: string;
  readonly message: string;
  readonly atMs: number;
  /** In a row, this one included. */
  readonly count: number;
};

/** The account that pays, its escrow, and what is already promised from it. */
export type AccountFacts = {
  readonly name: string;
  readonly uid: string;
  readonly address: Hex;
  readonly chainId: string;
  readonly escrow: Hex;
  readonly symbol: string;
  readonly decimals: number;
  /** Reason of the account's Ready condition when it isn't True. */
  readonly notReadyReason?: string;
  readonly notReadyMessage?: string;
  readonly delegate: Hex;
  /** What the tenant has not reserved for a channel. */
  readonly free: string;
  /** Reserved in channels and not claimed yet. */
  readonly reserved: string;
  /** What channels already owe beyond what was claimed, and the rest of all active leases. */
  readonly promised: string;
  /** Limit of the delegate minus what it has spent. */
  readonly delegateLeft: string;
  /** What the hours, and the days, that end from now on may cost; empty without such a cap. */
  readonly hours: readonly string[];
  readonly days: readonly string[];
  /** Billed and promised since the account exists. */
  readonly total: string;
  readonly caps: { readonly perHour?: string; readonly perDay?: string; readonly total?: string };
  /** Empty: any provider. */
  readonly allowedProviders: readonly string[];
};

/** One provider's ask for one product, with what the hub knows about the place. */
export type CandidateFacts = {
  readonly provider: string;
  readonly providerAddress: Hex;
  readonly namespace: string;
  /** Why the provider can't be used now; absent when it is Ready. */
  readonly notReady?: string;
  readonly suspended: boolean;
  readonly unschedulable: boolean;
  readonly region: string;
  readonly jurisdiction: string;
  readonly trustTier: number;
  readonly offerName: string;
  readonly offerHash: Hex;
  /** Why the signature chain of the offer doesn't hold; absent when it does. */
  readonly offerProblem?: string;
  readonly product: string;
  readonly pricePerGpuHour: string;
  readonly minGpus: number;
  readonly maxGpus: number;
  /** 0: no limit. */
  readonly maxDurationSeconds: number;
  readonly validUntilMs: number;
  readonly isolationClasses: readonly string[];
  /** When the provider looked at its nodes; absent without an inventory. */
  readonly inventoryMs?: number;
  /** The provider's pools of this product. */
  readonly pools: readonly PoolFacts[];
  /** GPUs of this product there that active leases of this hub hold. */
  readonly heldGpus: number;
};

export type PoolFacts = {
  readonly memoryMiB: number;
  readonly clique?: string;
  readonly healthy: number;
  /** Taken by anything that is not a lease of this hub. */
  readonly used: number;
  /** Taken by this hub's leases, as far as the provider knows. */
  readonly leased: number;
  /** Free GPUs of each node. */
  readonly nodeFree: readonly number[];
};
