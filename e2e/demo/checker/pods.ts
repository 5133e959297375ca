/**
 * What the providers' own pod objects say was delivered. This file and its neighbours share no code
 * with the meter, the biller or the escrow client: a mistake there must not repeat itself here.
 */

export type PodList = { readonly items: readonly Pod[] };
type Pod = {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly {
      readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
    }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly containerStatuses?: readonly {
      readonly state?: ContainerState;
      readonly lastState?: ContainerState;
    }[];
  };
};
type ContainerState = {
  readonly terminated?: {
    readonly startedAt?: string | null;
    readonly finishedAt?: string | null;
  };
};
export type NodeList = {
  readonly items: readonly {
    readonly metadata: {
      readonly name: string;
      readonly labels?: Readonly<Record<string, string>>;
    };
  }[];
};

/** The delivered time of one lease at one provider, in GPU-milliseconds, from its finished pods. */
export type DeliveredLease = {
  readonly leaseUid: string;
  readonly jobUid: string;
  readonly provider: string;
  /** GPU Feature Discovery's label of the node the pods ran on; several are joined by a comma. */
  readonly rawProduct: string;
  readonly gpuMs: bigint;
  readonly pods: number;
  /** `jobUid/index/epoch` of each pod in which a container was started. */
  readonly attempts: readonly string[];
};

/** Sums the finished containers of each lease. A pod that is still running is named in the error. */
export function deliveredLeases(
  provider: string,
  pods: PodList,
  nodes: NodeList,
): readonly DeliveredLease[] {
  const products = new Map(
    nodes.items.map((node) => [
      node.metadata.name,
      node.metadata.labels?.['nvidia.com/gpu.product'] ?? 'unlabelled',
    ]),
  );
  const leases = new Map<string, DeliveredLease>();
  for (const pod of pods.items) {
    const labels = pod.metadata.labels ?? {};
    const leaseUid = labels['gridlease.dev/lease-uid'];
    if (leaseUid === undefined) continue;
    const before = leases.get(leaseUid);
    const rawProduct = products.get(pod.spec.nodeName ?? '') ?? 'no node';
    const jobUid = labels['gridlease.dev/job-uid'] ?? '';
    const attempt = `${jobUid}/${labels['gridlease.dev/index']}/${labels['gridlease.dev/epoch']}`;
    leases.set(leaseUid, {
      leaseUid,
      jobUid,
      provider,
      rawProduct: [...new Set([...(before?.rawProduct.split(',') ?? []), rawProduct])].join(','),
      gpuMs: (before?.gpuMs ?? 0n) + podGpuMilliseconds(pod),
      pods: (before?.pods ?? 0) + 1,
      // A ReplicaSet that is being deleted may make a pod more, which is gone before it was started.
      attempts: [...(before?.attempts ?? []), ...(hasRun(pod) ? [attempt] : [])],
    });
  }
  return [...leases.values()];
}

/** What the container's last two runs took × its GPU limit: no pod object tells of earlier ones. */
function podGpuMilliseconds(pod: Pod): bigint {
  return (pod.status?.containerStatuses ?? []).reduce((sum, { state, lastState }, position) => {
    if (state?.terminated === undefined) {
      throw new Error(
        `pod ${pod.metadata.name} has a container that has not ended: nothing to check`,
      );
    }
    const gpus = BigInt(
      pod.spec.containers[position]?.resources?.limits?.['nvidia.com/gpu'] ?? '0',
    );
    return sum + gpus * (runMilliseconds(state) + runMilliseconds(lastState));
  }, 0n);
}

function hasRun({ status }: Pod): boolean {
  return (status?.containerStatuses ?? []).some(
    ({ state, lastState }) => startOf(state) > 0 || startOf(lastState) > 0,
  );
}

/** Unix milliseconds; not above 0 for a container that could not be started, of which kubelets say 1970 or nothing. */
function startOf(state: ContainerState | undefined): number {
  return Date.parse(state?.terminated?.startedAt ?? '');
}

/** finishedAt − startedAt, in whole seconds as Kubernetes writes them; 0 of one that never started. */
function runMilliseconds(state: ContainerState | undefined): bigint {
  const startMs = startOf(state);
  if (!(startMs > 0)) return 0n;
  return BigInt(Date.parse(state?.terminated?.finishedAt ?? '') - startMs);
}
