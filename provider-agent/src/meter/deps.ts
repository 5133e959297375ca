import type { EscrowDomain } from '@gridlease/contracts/domain';
import type { UsageRow } from '@gridlease/contracts/usageRow';
import type { ChannelRecord } from '@gridlease/crds/channelrecord';
import { LABEL_LEASE_UID } from '@gridlease/crds/labels';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import type { Clock } from '@gridlease/kube/clock';
import type { Informer } from '@gridlease/kube/informer';
import type { Logger } from '@gridlease/kube/log';
import type { KubeObject } from '@gridlease/kube/object';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { Registry } from 'prom-client';
import type { Address, LocalAccount } from 'viem';
import type { ExporterSource } from './exporterPods.ts';
import type { NodeObject } from './node.ts';
import type { PodObject } from './pod.ts';

/** A Pod, as far as the meter reads it. */
export type MeteredPod = KubeObject & Omit<PodObject, 'metadata'>;
/** A Node, as far as the meter reads it. */
export type MeteredNode = KubeObject & Omit<NodeObject, 'metadata'>;
/** A Lease of kube-node-lease, as far as the meter reads it. */
export type NodeLease = KubeObject & { readonly spec?: { readonly renewTime?: string } };

/** The indexes that the meter needs on the informers it shares with other stages. */
export const meterIndexes = {
  /** On pods: by the lease they run for. */
  pods: {
    leaseUid: (pod: KubeObject): string[] => {
      const uid = pod.metadata.labels?.[LABEL_LEASE_UID];
      return uid === undefined ? [] : [uid];
    },
  },
  /** On LeaseRecords: by channel, as long as there is something to state. */
  leaseRecords: {
    statedOn: (record: LeaseRecord): string[] =>
      record.spec.meter?.folded === true ? [] : [record.spec.channelName],
  },
} as const;

/** The chain's view of a channel that decides whether leases may go on. */
export type ChannelCover = {
  /** Reserved (the lower of final and latest) less what is claimed, promised or stated; smallest units. */
  readonly remaining: bigint;
  /** Generation in the newest block: a higher one than a lease's means that its channel was closed. */
  readonly generation: number;
  /** Unix seconds of a requested close; undefined while open. */
  readonly closeAtSeconds: number | undefined;
  /** Unix seconds of the newest block. */
  readonly nowSeconds: number;
};

export type MeterDeps = {
  readonly domain: EscrowDomain;
  /** The provider's address. */
  readonly owner: Address;
  /** The agent's key: it signs statements and nothing else. */
  readonly agent: LocalAccount;
  /** Longest time that taking a lease's pods away may need. */
  readonly stopSeconds: number;
  /** Where the agent keeps its records, in the provider's cluster. */
  readonly recordNamespace: string;
  /** The provider's namespace at the hub. */
  readonly hubNamespace: string;
  readonly informers: {
    /** Pods with a lease label, with the index `leaseUid`. */
    readonly pods: Informer<MeteredPod>;
    readonly nodes: Informer<MeteredNode>;
    /** With the index `statedOn`. */
    readonly leaseRecords: Informer<LeaseRecord>;
    /** PaymentChannels in the provider's namespace at the hub. */
    readonly channels: Informer<PaymentChannel>;
  };
  readonly clients: {
    readonly leaseRecords: ResourceClient<LeaseRecord>;
    readonly channels: ResourceClient<PaymentChannel>;
    readonly nodeLeases: ResourceClient<NodeLease>;
    readonly pods: ResourceClient<MeteredPod>;
  };
  readonly records: {
    get(name: string): ChannelRecord['spec'] | undefined;
    update(
      name: string,
      mutate: (current: ChannelRecord['spec'] | undefined) => ChannelRecord['spec'] | undefined,
      signal?: AbortSignal,
    ): Promise<ChannelRecord['spec'] | undefined>;
    onChange(callback: (name: string) => void): () => void;
  };
  /** What the chain last said of a channel, without waiting for it; undefined before the first answer. */
  readonly cover: (channelName: string) => ChannelCover | undefined;
  /** Age of the newest view of the chain, milliseconds; Infinity before the first. */
  readonly chainAgeMs: () => number;
  /** Seconds from the request of a close to its effect. */
  readonly closeWindowSeconds: () => number;
  /** Takes a lease's pods away and keeps the lease. May be called again; must then change nothing. */
  readonly suspend: (leaseUid: string, reason: string, message: string) => void;
  /** Lets a suspended lease go on. May be called for one that is not suspended. */
  readonly resume: (leaseUid: string) => void;
  /** Ends a lease with this reason. May be called again. */
  readonly requestStop: (leaseUid: string, reason: string, message: string) => void;
  /** Normalised product of a resource on a node, by its label or the configuration; undefined when neither says. */
  readonly productOn?: (nodeName: string, resourceName: string) => string | undefined;
  /** DCGM exporters to ask which GPUs a container has; none by default. */
  readonly exporters?: () => readonly ExporterSource[];
  /** Between two readings of them. Default: 10,000. */
  readonly exporterIntervalMs?: number;
  /** For tests of the payer's defence: changes rows before they are signed. */
  readonly transforms?: {
    readonly rows?: (rows: readonly UsageRow[]) => readonly UsageRow[];
  };
  /** Longest time between a container's end and its node reporting it. Default: 2,000. */
  readonly reportDelayMs?: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
};
