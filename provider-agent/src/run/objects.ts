import type { KubeObject } from '@gridlease/kube/object';

/** The fields of Jobs, Deployments and pods that this stage reads. */

type ConditionView = {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
};

export type TaskJob = KubeObject & {
  readonly spec?: { readonly suspend?: boolean; readonly activeDeadlineSeconds?: number };
  readonly status?: { readonly startTime?: string; readonly conditions?: readonly ConditionView[] };
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

export type TaskPod = KubeObject & {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly ConditionView[];
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly allocatedResourcesStatus?: readonly {
        readonly name: string;
        readonly resources: readonly { readonly resourceID: string }[];
      }[];
      readonly state?: {
        readonly waiting?: { readonly reason?: string; readonly message?: string };
        readonly running?: { readonly startedAt?: string };
        readonly terminated?: {
          readonly exitCode: number;
          readonly reason?: string;
          readonly message?: string;
          readonly startedAt?: string;
          readonly finishedAt?: string;
        };
      };
    }[];
  };
};
