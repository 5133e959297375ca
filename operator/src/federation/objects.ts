import {
  AGENT_SERVICE_ACCOUNT,
  LABEL_MANAGED_BY,
  LABEL_PROVIDER,
  providerNamespace,
} from '@gridlease/crds/labels';
import { sameJson } from '@gridlease/kube/json';
import type { KubeObject } from '@gridlease/kube/object';

/** What a provider needs in the hub: a namespace, an identity in it, and rights there only. */

export type RoleBinding = KubeObject & {
  readonly roleRef: { readonly apiGroup: string; readonly kind: string; readonly name: string };
  readonly subjects?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly namespace?: string;
    readonly apiGroup?: string;
  }[];
};

/** The ClusterRole whose rules the agent has in its namespace, and the name of the binding. */
export const AGENT_ROLE = 'gridlease-provider-agent';
/** Value of the managed-by label. */
export const MANAGED_BY = 'gridlease-operator';

function labels(providerName: string) {
  return { [LABEL_PROVIDER]: providerName, [LABEL_MANAGED_BY]: MANAGED_BY };
}

export function namespaceOf(providerName: string): KubeObject {
  const name = providerNamespace(providerName);
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: labels(providerName) } };
}

export function serviceAccountOf(providerName: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name: AGENT_SERVICE_ACCOUNT,
      namespace: providerNamespace(providerName),
      labels: labels(providerName),
    },
  };
}

export function roleBindingOf(providerName: string): RoleBinding {
  const namespace = providerNamespace(providerName);
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: AGENT_ROLE, namespace, labels: labels(providerName) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: AGENT_ROLE },
    subjects: [{ kind: 'ServiceAccount', name: AGENT_SERVICE_ACCOUNT, namespace }],
  };
}

/** Whether a binding grants exactly what it should; one with a further subject doesn't. */
export function bindsTheSame(existing: RoleBinding, wanted: RoleBinding): boolean {
  return sameJson(existing.roleRef, wanted.roleRef) && sameJson(existing.subjects, wanted.subjects);
}

/** The provider that an object was made for. */
export function providerOf(object: KubeObject): string | undefined {
  return object.metadata.labels?.[LABEL_PROVIDER];
}
