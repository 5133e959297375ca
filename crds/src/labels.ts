/** The API group of every kind here. */
export const GROUP = 'gridlease.dev';
/** The version of every kind here. */
export const VERSION = 'v1alpha1';
/** `apiVersion` of every object here. */
export const API_VERSION = `${GROUP}/${VERSION}`;

/** UID of the GPUJob that an object was made for. */
export const LABEL_JOB_UID = 'gridlease.dev/job-uid';
/** Name of that GPUJob. */
export const LABEL_JOB_NAME = 'gridlease.dev/job-name';
/** Namespace of that GPUJob. */
export const LABEL_JOB_NAMESPACE = 'gridlease.dev/job-namespace';
/** Name of the GPUProvider. */
export const LABEL_PROVIDER = 'gridlease.dev/provider';
/** UID of the PaymentAccount that pays. */
export const LABEL_ACCOUNT_UID = 'gridlease.dev/account-uid';
/** UID of the GPULease. */
export const LABEL_LEASE_UID = 'gridlease.dev/lease-uid';
/** Fencing epoch of the attempt. */
export const LABEL_EPOCH = 'gridlease.dev/epoch';
/** Global index of one task. */
export const LABEL_INDEX = 'gridlease.dev/index';
/** First characters of the hub's identity, at the provider. */
export const LABEL_HUB = 'gridlease.dev/hub';
/** The program that made an object. */
export const LABEL_MANAGED_BY = 'gridlease.dev/managed-by';

/** Holds a GPUJob until its pods are gone and its final voucher is stored. */
export const FINALIZER_LEASES = 'gridlease.dev/leases';

/** Namespace of the operator in the hub. */
export const OPERATOR_NAMESPACE = 'gridlease-system';
/** User name of the operator. */
export const OPERATOR_USER = `system:serviceaccount:${OPERATOR_NAMESPACE}:gridlease-operator`;
/** Name of an agent's ServiceAccount in its provider namespace at the hub. */
export const AGENT_SERVICE_ACCOUNT = 'agent';
/** Name of an agent's ServiceAccount in its own cluster, where it runs. */
export const HOME_SERVICE_ACCOUNT = 'gridlease-provider-agent';
/** Start of the name of every provider namespace at the hub. */
export const PROVIDER_NAMESPACE_PREFIX = 'gridlease-provider-';

/** The namespace at the hub that belongs to a provider. */
export function providerNamespace(providerName: string): string {
  return `${PROVIDER_NAMESPACE_PREFIX}${providerName}`;
}

/** The provider that a namespace belongs to; undefined for any other namespace. */
export function providerOfNamespace(namespace: string): string | undefined {
  return namespace.startsWith(PROVIDER_NAMESPACE_PREFIX)
    ? namespace.slice(PROVIDER_NAMESPACE_PREFIX.length)
    : undefined;
}

/** The user name under which a provider's agent speaks to the hub. */
export function agentUser(providerName: string): string {
  return `system:serviceaccount:${providerNamespace(providerName)}:${AGENT_SERVICE_ACCOUNT}`;
}
