import type { GPULease } from '@gridlease/crds/gpulease';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { Clock } from '@gridlease/kube/clock';
import type { Informer } from '@gridlease/kube/informer';
import type { Logger } from '@gridlease/kube/log';
import type { KubeObject } from '@gridlease/kube/object';
import type { Removal } from '@gridlease/kube/removal';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { Registry } from 'prom-client';

/** A pod, as far as the fence reads it. */
export type FencedPod = KubeObject & { readonly status?: { readonly phase?: string } };

/** When the hub was last told that this provider lives; shared by all replicas. */
export type RenewalClock = {
  /**
   * Monotonic milliseconds of this process, a lower bound of when the newest renewal that the hub
   * stored was sent; undefined as long as nothing is known.
   */
  readonly lastRenewalMs: number | undefined;
  /** The leader renews at the hub now, others read again what the leader stored. Rejects when it fails. */
  refresh(signal: AbortSignal): Promise<void>;
};

/** What the fence is given. It runs in every replica from its start, whoever leads. */
export type FenceDeps = {
  readonly renewals: RenewalClock;
  /** Whether this replica may write to the hub now. */
  readonly isLeader: () => boolean;
  readonly hubNamespace: string;
  readonly recordNamespace: string;
  readonly informers: {
    readonly leases: Pick<Informer<GPULease>, 'observe'>;
    readonly records: Informer<LeaseRecord>;
    /** Pods with a lease label; index `leaseUid`. */
    readonly pods: Pick<Informer<FencedPod>, 'byIndex'>;
  };
  readonly clients: {
    readonly leases: Pick<ResourceClient<GPULease>, 'find' | 'replaceStatus'>;
    readonly records: Pick<ResourceClient<LeaseRecord>, 'mergePatch'>;
    readonly deployments: Pick<ResourceClient<KubeObject>, 'list'>;
    readonly replicaSets: Pick<ResourceClient<KubeObject>, 'list'>;
    readonly jobs: Pick<ResourceClient<KubeObject>, 'list'>;
    readonly pods: Pick<ResourceClient<FencedPod>, 'list'>;
  };
  readonly remove: Removal;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly log: Logger;
};
