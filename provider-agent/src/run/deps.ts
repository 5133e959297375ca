import type { GPULease } from '@gridlease/crds/gpulease';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { Clock } from '@gridlease/kube/clock';
import type { Informer } from '@gridlease/kube/informer';
import type { Logger } from '@gridlease/kube/log';
import type { KubeObject } from '@gridlease/kube/object';
import type { Removal } from '@gridlease/kube/removal';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { Registry } from 'prom-client';
import type { GPUSelection } from './affinity.ts';
import type { LogKeeper } from './logs.ts';
import type { Manifest } from './manifests.ts';
import type { ReplicaDeployment, TaskJob, TaskPod } from './objects.ts';
import type { NodeStates } from './observe.ts';
import type { JobEvent } from './obstacle.ts';
import type { LeaseUsage } from './status.ts';
import type { TenantLimits } from './tenant.ts';

/** What the run stage is given. Informers are created, indexed and started by the agent. */
export type RunDeps = {
  readonly providerName: string;
  /** The hub's identity: bytes32, and as a label value. */
  readonly hub: { readonly id: string; readonly label: string };
  readonly managedBy: string;
  /** The provider's namespace in the hub. */
  readonly hubNamespace: string;
  /** Where the agent keeps its records in its own cluster. */
  readonly recordNamespace: string;
  readonly decimals: number;
  readonly clients: {
    readonly leases: ResourceClient<GPULease>;
    readonly records: ResourceClient<LeaseRecord>;
    readonly jobs: ResourceClient<TaskJob & Manifest>;
    readonly deployments: ResourceClient<ReplicaDeployment & Manifest>;
    readonly pods: Pick<ResourceClient<TaskPod>, 'list'>;
    readonly replicaSets: Pick<ResourceClient<KubeObject>, 'list'>;
    readonly services: ResourceClient<Manifest>;
    readonly namespaces: ResourceClient<Manifest>;
    readonly networkPolicies: ResourceClient<Manifest>;
    readonly resourceQuotas: ResourceClient<Manifest>;
    readonly limitRanges: ResourceClient<Manifest>;
    readonly roleBindings: ResourceClient<Manifest>;
    readonly events: ResourceClient<KubeObject & JobEvent>;
  };
  readonly informers: {
    readonly leases: Informer<GPULease>;
    readonly records: Informer<LeaseRecord>;
    /** Jobs, Deployments and pods with a lease label; index `leaseUid`. */
    readonly jobs: Informer<TaskJob & Manifest>;
    readonly deployments: Informer<ReplicaDeployment & Manifest>;
    readonly pods: Informer<TaskPod>;
  };
  readonly remove: Removal;
  /** Keeps the end of the tasks' logs. */
  readonly logs: LogKeeper;
  /** What the cluster says about a node; undefined while its nodes are not listed. */
  readonly nodeState: NodeStates;
  /** The nodes that stand for a product; undefined while none has it. */
  readonly selection: (product: string) => GPUSelection | undefined;
  readonly limits: () => TenantLimits;
  /** Address ranges that stay closed to tenants. */
  readonly closedRanges: () => readonly string[];
  /** RuntimeClass for this isolation; undefined for the cluster's default. */
  readonly runtimeClass: (isolation: 'runc' | 'gvisor' | 'kata') => string | undefined;
  /** Image of what copies outputs away; leases with outputs are accepted only with one. */
  readonly uploaderImage?: string | undefined;
  readonly usage: (leaseUid: string) => LeaseUsage | undefined;
  /** What the meter stores with the end of a lease; undefined when it has not seen all of it yet. */
  readonly finalMeter: (leaseUid: string) => LeaseRecord['spec']['meter'];
  readonly onUsage: (callback: (leaseUid: string) => void) => void;
  /** Whether the hub was heard recently enough to start pods of a lease with this fence. */
  readonly hubHeard: (fenceSeconds: number) => boolean;
  /** Longest time that killing pods may take when nobody pays for it. */
  readonly stopSeconds: number;
  readonly podRetentionSeconds: number;
  /** How long the record of a settled lease stays. */
  readonly recordRetentionSeconds: number;
  /** How long a lease must be gone from the hub before that means anything. Default: 60. */
  readonly missingGraceSeconds?: number;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly log: Logger;
};

export type RunStage = {
  start(signal: AbortSignal): void;
  readonly stopped: Promise<void>;
  /** Ends the lease for this reason once its pods are gone. Idempotent; the first reason stays. */
  requestStop(leaseUid: string, reason: string, message: string): void;
  /** Takes the pods away and keeps the lease; the tasks start again after `resume`. Idempotent. */
  suspend(leaseUid: string, reason: string, message: string): void;
  resume(leaseUid: string): void;
};
