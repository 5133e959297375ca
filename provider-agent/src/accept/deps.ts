import type { EscrowDomain } from '@gridlease/contracts/domain';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { LeaseWorkload } from '@gridlease/crds/leaseworkload';
import type { WorkloadDocument } from '@gridlease/crds/workloadDocument';
import type { Clock } from '@gridlease/kube/clock';
import type { Informer } from '@gridlease/kube/informer';
import type { Logger } from '@gridlease/kube/log';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { Registry } from 'prom-client';
import type { Hex, LocalAccount } from 'viem';
import type { CapacityFacts, KnownOffer, OwnFacts } from './facts.ts';

/** A channel as the agent's own RPC and records show it, not older than the reader's limit. */
export type ChannelView = {
  readonly latest: { readonly generation: number };
  readonly closing: boolean;
  /** min(final, latest) reserved − what is claimed, promised or owed − the exposures; negative when short. */
  headroom(exposures: readonly bigint[]): bigint;
};

export type ChannelViewReader = (
  channel: {
    readonly channelName: string;
    readonly tenant: Hex;
    readonly provider: Hex;
    readonly signer: Hex;
    readonly generation: number;
  },
  options: { readonly signal: AbortSignal },
) => Promise<ChannelView>;

/** What the accept stage is given. Informers are created and started by the agent. */
export type AcceptDeps = {
  readonly own: Omit<OwnFacts, 'hubEpochSeen'>;
  readonly hubName: string;
  readonly agent: LocalAccount;
  readonly domain: EscrowDomain;
  /** The provider's namespace in the hub. */
  readonly hubNamespace: string;
  readonly recordNamespace: string;
  readonly clients: {
    readonly leases: ResourceClient<GPULease>;
    readonly records: ResourceClient<LeaseRecord>;
  };
  readonly informers: {
    readonly leases: Informer<GPULease>;
    readonly workloads: Informer<LeaseWorkload>;
    readonly records: Informer<LeaseRecord>;
  };
  readonly offers: {
    offer(hash: Hex): KnownOffer | undefined;
    /** Resolves once the agent's offers have been read back after a start. */
    readonly loaded: Promise<void>;
  };
  /** Room for a lease beside everything promised so far; undefined while caches fill. */
  readonly capacity: (wish: {
    readonly product: string;
    readonly gpusPerTask: number;
    readonly tasks: number;
  }) => CapacityFacts | undefined;
  readonly isolationClasses: () => readonly string[];
  /** Whether something copies what tasks leave in their outputs. */
  readonly canCopyOutputs: boolean;
  /** Destinations of a workload that lie in closed ranges, as "cidr:port". */
  readonly closedDestinations: (document: WorkloadDocument) => readonly string[];
  readonly channelView: ChannelViewReader;
  /** Whether this generation of a channel was closed, by the agent's own records. */
  readonly isRetired: (channelName: string, generation: number) => boolean;
  /** The epochs of the hub that the records of its channels hold. */
  readonly hubEpochsOfChannels: () => readonly bigint[];
  /** What the last statement of a channel claims for a lease, smallest units; 0 when nothing. */
  readonly stated: (channelName: string, leaseId: Hex) => bigint;
  readonly stopSeconds: number;
  /** Seconds that an accepted lease waits for money before it ends. */
  readonly fundDeadlineSeconds: number;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly log: Logger;
};
