import { ApiError } from './apiError.ts';
import type { Cluster } from './cluster.ts';
import {
  apiVersionOf,
  type KubeObject,
  type ObjectRef,
  type ResourceDefinition,
} from './object.ts';
import { collectionPath, objectPath } from './paths.ts';
import type { ApiRequest } from './request.ts';

export type CallOptions = { readonly signal?: AbortSignal };
export type WriteOptions = CallOptions & {
  /** Who owns the fields written. Default: the first word of the user agent. */
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
};
export type ApplyOptions = WriteOptions & {
  readonly fieldManager: string;
  /** Take over fields that others own. Default: false, a conflict is an error. */
  readonly force?: boolean;
};
export type ListOptions = CallOptions & {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Objects per request; all pages are fetched. Default: 500. */
  readonly limit?: number;
  /** Only `metadata` of each object. Default: false. */
  readonly metadataOnly?: boolean;
};
export type DeleteOptions = CallOptions & {
  /** The object that was seen: a newer one of the same name must not be deleted instead. */
  readonly uid: string;
  readonly resourceVersion?: string;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly gracePeriodSeconds?: number;
};
export type ObjectList<T> = { readonly items: readonly T[]; readonly resourceVersion: string };

/** What a patch may contain: any part of the object. */
export type MergePatch = Readonly<Record<string, unknown>>;

/** The verbs on one kind. All throw what `Cluster.request` throws. */
export type ResourceClient<T extends KubeObject> = {
  readonly cluster: Cluster;
  readonly definition: ResourceDefinition;
  get(ref: ObjectRef, options?: CallOptions): Promise<T>;
  /** As `get`, but undefined when there is none. */
  find(ref: ObjectRef, options?: CallOptions): Promise<T | undefined>;
  list(options?: ListOptions): Promise<ObjectList<T>>;
  create(object: T, options?: WriteOptions): Promise<T>;
  /** PUT: the cheapest write. Requires `metadata.resourceVersion`. */
  replace(object: T, options?: WriteOptions): Promise<T>;
  replaceStatus(object: T, options?: WriteOptions): Promise<T>;
  /** A list in a merge patch replaces the whole list: give `metadata.resourceVersion` with it. */
  mergePatch(ref: ObjectRef, patch: MergePatch, options?: WriteOptions): Promise<T>;
  mergePatchStatus(ref: ObjectRef, patch: MergePatch, options?: WriteOptions): Promise<T>;
  /**
   * Server-side apply: about twice the cost of `replace`, owns just the fields given. Creates what is
   * absent; with `metadata.uid` it doesn't, so that one that arrives late brings nothing back.
   */
  apply(object: T, options: ApplyOptions): Promise<T>;
  applyStatus(object: T, options: ApplyOptions): Promise<T>;
  /** Undefined when it was gone already; otherwise what the server answered. */
  delete(ref: ObjectRef, options: DeleteOptions): Promise<unknown>;
};

/** The client of one kind at one cluster; a plain object over `Cluster.request`. */
export function resourceClient<T extends KubeObject>(
  cluster: Cluster,
  definition: ResourceDefinition,
): ResourceClient<T> {
  const request = <R>(asked: ApiRequest): Promise<R> =>
    cluster.request<R>(definition.urgent === true ? { ...asked, urgent: true } : asked);
  const put = (object: T, options: WriteOptions, subresource?: string): Promise<T> => {
    if (!object.metadata.resourceVersion) {
      throw new TypeError(
        `Replacing ${definition.kind} ${object.metadata.name} needs a resourceVersion`,
      );
    }
    return request<T>({
      method: 'PUT',
      path: objectPath(definition, object.metadata, subresource),
      query: writeQuery(options),
      body: object,
      ...signalOf(options),
    });
  };
  const patch = (
    ref: ObjectRef,
    body: unknown,
    options: WriteOptions & { readonly force?: boolean; readonly contentType: string },
    subresource?: string,
  ): Promise<T> =>
    request<T>({
      method: 'PATCH',
      path: objectPath(definition, ref, subresource),
      query: { ...writeQuery(options), force: options.force },
      body,
      contentType: options.contentType,
      ...signalOf(options),
    });
  const merge = { contentType: 'application/merge-patch+json' };
  // JSON is YAML, so the body needs no conversion.
  const apply = { contentType: 'application/apply-patch+yaml' };

  const get = (ref: ObjectRef, options: CallOptions = {}): Promise<T> =>
    request<T>({ method: 'GET', path: objectPath(definition, ref), ...signalOf(options) });

  return {
    cluster,
    definition,
    get,
    find: (ref, options) => absentOn404(get(ref, options)),
    list: (options) => listAll(cluster, definition, options),
    create: (object, options = {}) =>
      request<T>({
        method: 'POST',
        path: collectionPath(definition, object.metadata.namespace),
        query: writeQuery(options),
        body: object,
        ...signalOf(options),
      }),
    replace: async (object, options = {}) => put(object, options),
    replaceStatus: async (object, options = {}) => put(withStatusOnly(object), options, 'status'),
    mergePatch: (ref, body, options) => patch(ref, body, { ...options, ...merge }),
    mergePatchStatus: (ref, body, options) => patch(ref, body, { ...options, ...merge }, 'status'),
    apply: (object, options) => patch(object.metadata, object, { ...options, ...apply }),
    applyStatus: (object, options) =>
      patch(object.metadata, object, { ...options, ...apply }, 'status'),
    delete: (ref, options) =>
      absentOn404(
        request({
          method: 'DELETE',
          path: objectPath(definition, ref),
          body: deleteBody(options),
          ...signalOf(options),
        }),
      ),
  };
}

/** The API server takes everything else from what it has stored, and reading it costs as much as the status. */
function withStatusOnly<T extends KubeObject>(object: T): T {
  const { apiVersion, kind, metadata } = object;
  const { name, namespace, uid, resourceVersion } = metadata;
  const { status } = object as { readonly status?: unknown };
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, uid, resourceVersion },
    status,
  } as unknown as T;
}

type RawList<T> = {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly T[] | null;
};

/** All pages of one consistent list; starts again when the server has dropped its snapshot. */
export async function listAll<T extends KubeObject>(
  cluster: Cluster,
  definition: ResourceDefinition,
  options: ListOptions = {},
): Promise<ObjectList<T>> {
  const type = { apiVersion: apiVersionOf(definition), kind: definition.kind };
  const { namespace, labelSelector, fieldSelector, limit = 500 } = options;
  const path = collectionPath(definition, namespace);
  const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
  let restarts = 0;
  let items: T[] = [];
  let next: string | undefined;
  for (;;) {
    try {
      const page = await cluster.request<RawList<T>>({
        method: 'GET',
        path,
        query: { labelSelector, fieldSelector, limit, continue: next },
        ...(options.metadataOnly === true && { headers: { accept } }),
        ...signalOf(options),
      });
      // The items of built-in kinds come without a type of their own.
      for (const item of page.items ?? []) items.push({ ...type, ...item });
      next = page.metadata.continue || undefined;
      if (next === undefined) return { items, resourceVersion: page.metadata.resourceVersion };
    } catch (error) {
      const expired = error instanceof ApiError && error.isGone && next !== undefined;
      if (!expired || ++restarts > 3) throw error;
      items = [];
      next = undefined;
    }
  }
}

async function absentOn404<R>(call: Promise<R>): Promise<R | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) return undefined;
    throw error;
  }
}

function signalOf(options: CallOptions): { readonly signal?: AbortSignal } {
  return options.signal === undefined ? {} : { signal: options.signal };
}

function writeQuery({ fieldManager, dryRun }: WriteOptions) {
  return { fieldManager, dryRun: dryRun === true ? 'All' : undefined };
}

function deleteBody(options: DeleteOptions) {
  const { uid, resourceVersion, propagationPolicy, gracePeriodSeconds } = options;
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    preconditions: { uid, resourceVersion },
    propagationPolicy,
    gracePeriodSeconds,
  };
}
