import type { LeaseTerms } from '@gridlease/contracts/leaseTerms';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { LeaseTermsOnObject } from '@gridlease/crds/leaseTerms';
import type { WorkloadDocument } from '@gridlease/crds/workloadDocument';
import type { Hex } from 'viem';

/** What the agent remembers of an offer that it signed. */
export type KnownOffer = {
  readonly product: string;
  readonly offer: {
    readonly pricePerGpuHour: bigint;
    readonly spotPricePerGpuHour: bigint;
    readonly minGpus: number;
    readonly maxGpus: number;
    readonly maxSeconds: number;
    readonly validUntil: bigint;
  };
  readonly withdrawn: boolean;
};

/** The workload that the lease names, read from the hub and checked here. */
export type WorkloadFacts =
  | { readonly found: false }
  | {
      readonly found: true;
      /** keccak256 of the text of the document. */
      readonly hash: Hex;
      readonly document: WorkloadDocument;
    }
  | {
      readonly found: true;
      readonly hash: Hex;
      readonly document: undefined;
      readonly problem: string;
    };

/** Everything that decides whether the terms are good; gathered by the agent itself. */
export type TermsFacts = {
  readonly lease: GPULease;
  readonly terms: LeaseTerms;
  /** Whose signature is on the terms under the agent's own chain and escrow; undefined when malformed. */
  readonly recovered: Hex | undefined;
  readonly offer: KnownOffer | undefined;
  readonly workload: WorkloadFacts;
  /** Destinations of the workload that the provider keeps closed, as "cidr:port". */
  readonly closedDestinations: readonly string[];
  readonly isolationClasses: readonly string[];
  readonly canCopyOutputs: boolean;
  /** The highest epoch accepted before for some of the same tasks, when above the lease's. */
  readonly laterEpoch: number | undefined;
  readonly nowMs: number;
};

/** The agent's own configuration and memory; nothing here comes from the hub. */
export type OwnFacts = {
  readonly providerName: string;
  readonly owner: Hex;
  readonly hub: Hex;
  /** The highest hubEpoch that any lease of this hub ever carried. */
  readonly hubEpochSeen: bigint;
  readonly chainId: bigint;
  readonly escrow: Hex;
  readonly token: { readonly symbol: string; readonly decimals: number };
};

/** The channel as the agent's own RPC sees it. */
export type ChannelFacts = {
  readonly generation: number;
  readonly retired: boolean;
  readonly closing: boolean;
  /** Leases that the next statement must list: all whose last row the payer has not accepted. */
  readonly openLeases: number;
  /** Name of another lease that these very terms were accepted for; undefined when there is none. */
  readonly acceptedAs: string | undefined;
};

export type CapacityFacts = {
  /** Tasks of this lease for which a node has room now. */
  readonly tasksThatFit: number;
  /** Free GPUs of the product over all nodes. */
  readonly freeGPUs: number;
  /** What each node of the product has for pods, by resource name, as Kubernetes quantities. */
  readonly allocatable: readonly Readonly<Record<string, string>>[];
};

export type TermsInput = TermsFacts & { readonly own: OwnFacts };
export type ChannelInput = TermsInput & { readonly channel: ChannelFacts };
export type CapacityInput = TermsInput & { readonly capacity: CapacityFacts };

/** The terms as the messages of contracts/ts take them. Throws for what isn't a number. */
export function readTerms(terms: LeaseTermsOnObject): LeaseTerms {
  return {
    ...terms,
    hubEpoch: BigInt(terms.hubEpoch),
    pricePerGpuHour: BigInt(terms.pricePerGpuHour),
    maxAmount: BigInt(terms.maxAmount),
    acceptBy: BigInt(terms.acceptBy),
  };
}
