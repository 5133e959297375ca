import type { KubeObject } from '@gridlease/kube/object';

/** The fields of Jobs, Deployments and pods that this stage reads. */

/** A condition of any of them. */
export type ConditionView = {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
};

export type TaskJob = KubeObject & {
  readonly spec?: { readonly suspend?: boolean; readonly activeDeadlineSeconds?: number };
  readonly status?: {
    readonly startTime?: string;
    readonly completionTime?: string;
    readonly conditions?: readonly ConditionView[];
  };
};

/** What keeps one replica of a service alive. */
export type ReplicaDeployment = KubeObject & {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly conditions?: readonly ConditionView[] };
};

/** What makes the pods of one index: the Job of a task, the Deployment of a replica. */
export type TaskOwner = KubeObject & {
  readonly spec?: TaskJob['spec'] & ReplicaDeployment['spec'];
  readonly status?: TaskJob['status'];
};

/** How a container ended. */
export type TerminatedState = {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
  readonly startedAt?: string | null;
  readonly finishedAt?: string | null;
};

type ContainerState = {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: { readonly startedAt?: string | null };
  readonly terminated?: TerminatedState;
};

/** What a kubelet says about one container. */
export type ContainerStatus = {
  readonly name: string;
  readonly restartCount?: number;
  readonly allocatedResourcesStatus?: readonly {
    readonly name: string;
    readonly resources: readonly { readonly resourceID: string }[];
  }[];
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
};

export type TaskPod = KubeObject & {
  readonly metadata: { readonly deletionGracePeriodSeconds?: number };
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers?: readonly {
      readonly name: string;
      readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
    }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    /** When its kubelet first saw it. */
    readonly startTime?: string;
    readonly conditions?: readonly ConditionView[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
};
