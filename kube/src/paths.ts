import type { ObjectRef, ResourceDefinition } from './object.ts';

/** The URL path of a kind's objects, in one namespace or, without one, in the whole cluster. */
export function collectionPath(definition: ResourceDefinition, namespace?: string): string {
  const { group, version, plural } = definition;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  if (!definition.namespaced || namespace === undefined || namespace === '') {
    return `${root}/${plural}`;
  }
  return `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}

/** The URL path of one object. Throws TypeError where the reference can't name one of this kind. */
export function objectPath(
  definition: ResourceDefinition,
  ref: ObjectRef,
  subresource?: string,
): string {
  const { name, namespace } = ref;
  // An empty name would address the whole collection: a delete of that must not be possible.
  if (!name) throw new TypeError(`A ${definition.kind} needs a name`);
  if (definition.namespaced && !namespace) {
    throw new TypeError(`${definition.kind} ${name} needs a namespace`);
  }
  const path = `${collectionPath(definition, namespace)}/${encodeURIComponent(name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}
