import type { ResourceDefinition } from './object.ts';

function core(plural: string, kind: string, namespaced = true): ResourceDefinition {
  return { group: '', version: 'v1', plural, kind, namespaced };
}

function grouped(group: string, plural: string, kind: string, namespaced = true) {
  return { group, version: 'v1', plural, kind, namespaced } satisfies ResourceDefinition;
}

const rbac = 'rbac.authorization.k8s.io';

export const namespaces = core('namespaces', 'Namespace', false);
export const nodes = core('nodes', 'Node', false);
export const secrets = core('secrets', 'Secret');
export const configMaps = core('configmaps', 'ConfigMap');
export const pods = core('pods', 'Pod');
export const services = core('services', 'Service');
export const serviceAccounts = core('serviceaccounts', 'ServiceAccount');
export const resourceQuotas = core('resourcequotas', 'ResourceQuota');
export const limitRanges = core('limitranges', 'LimitRange');
export const deployments = grouped('apps', 'deployments', 'Deployment');
export const replicaSets = grouped('apps', 'replicasets', 'ReplicaSet');
export const jobs = grouped('batch', 'jobs', 'Job');
export const roles = grouped(rbac, 'roles', 'Role');
export const roleBindings = grouped(rbac, 'rolebindings', 'RoleBinding');
/** Clocks: one that is late stands for somebody who is gone. */
export const leases = { ...grouped('coordination.k8s.io', 'leases', 'Lease'), urgent: true };
export const events = grouped('events.k8s.io', 'events', 'Event');
export const networkPolicies = grouped('networking.k8s.io', 'networkpolicies', 'NetworkPolicy');
export const runtimeClasses = grouped('node.k8s.io', 'runtimeclasses', 'RuntimeClass', false);
export const customResourceDefinitions = grouped(
  'apiextensions.k8s.io',
  'customresourcedefinitions',
  'CustomResourceDefinition',
  false,
);
