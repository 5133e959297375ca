/** The shapes every Kubernetes object shares. Times stay the strings the API server sent. */

export type OwnerReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
};

export type ObjectMeta = {
  readonly name: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
  /** RFC 3339, one second resolution. */
  readonly creationTimestamp?: string;
  /** RFC 3339; set once deletion was asked for and finalizers still hold the object. */
  readonly deletionTimestamp?: string;
};

export type ConditionStatus = 'True' | 'False' | 'Unknown';

export type Condition = {
  readonly type: string;
  readonly status: ConditionStatus;
  /** CamelCase, from a closed list. */
  readonly reason: string;
  readonly message: string;
  /** RFC 3339; changes only when `status` changes. */
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
};

export type KubeObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
};

/** What is needed to build a URL for a kind and to fill in the type of a list's items. */
export type ResourceDefinition = {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Its requests may not wait behind others: see ApiRequest. Default: false. */
  readonly urgent?: boolean;
};

/** Anything that names one object; `object.metadata` fits. */
export type ObjectRef = { readonly name: string; readonly namespace?: string };

/** `namespace/name`, or `name` for a cluster-wide object: the key of caches and work queues. */
export function objectKey(object: { readonly metadata: ObjectRef }): string {
  return refKey(object.metadata);
}

/** The key of a reference; see `objectKey`. */
export function refKey(ref: ObjectRef): string {
  return ref.namespace === undefined || ref.namespace === ''
    ? ref.name
    : `${ref.namespace}/${ref.name}`;
}

/** The inverse of `objectKey`. Neither namespaces nor names may contain a slash. */
export function parseKey(key: string): ObjectRef {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The `apiVersion` field of a definition's objects: `v1` or `group/version`. */
export function apiVersionOf(definition: ResourceDefinition): string {
  return definition.group === '' ? definition.version : `${definition.group}/${definition.version}`;
}
