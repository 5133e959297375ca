import { ApiError, ConnectionError } from './apiError.ts';
import { GridleaseError, TerminalError } from './errors.ts';
import type { Cache } from './informer.ts';
import { sameJson } from './json.ts';
import { type KubeObject, objectKey } from './object.ts';
import type { ResourceClient, WriteOptions } from './resources.ts';

/** An object of that name exists and isn't ours. */
export class NameTakenError extends TerminalError {}

/**
 * Creates the object, or returns the one that is there if `accept` takes it for the same thing: an
 * earlier try, or this one, whose answer was lost. The name must be derived from what the object
 * stands for. Throws NameTakenError when `accept` refuses, and a retryable error while the old one is going.
 */
export async function createOnce<T extends KubeObject>(
  client: ResourceClient<T>,
  object: T,
  options: WriteOptions & { readonly accept: (existing: T) => boolean },
): Promise<T> {
  let existing: T;
  try {
    return await client.create(object, options);
  } catch (error) {
    const isThere = error instanceof ApiError && error.isAlreadyExists;
    if (!isThere && !(error instanceof ConnectionError)) throw error;
    // Without an answer only a look tells whether it was stored.
    const found = await client.find(object.metadata, options);
    if (found === undefined) throw error;
    existing = found;
  }
  const what = `${client.definition.kind} ${objectKey(object)}`;
  if (existing.metadata.deletionTimestamp !== undefined) {
    throw new GridleaseError(`${what} of that name is still being deleted`);
  }
  if (!options.accept(existing)) throw new NameTakenError(`${what} exists and is something else`);
  return existing;
}

export type StatusUpdate<T extends KubeObject & { readonly status?: unknown }> = {
  readonly client: ResourceClient<T>;
  /** Read from and told of the result; without one, the object given is the starting point. */
  readonly informer?: Pick<Cache<T>, 'get' | 'observe'>;
  readonly object: T;
  readonly fieldManager: string;
  /** Pure: the whole status as it should be, from the object as it is now. May run several times. */
  readonly mutate: (current: T) => T['status'];
  readonly signal?: AbortSignal;
};

const maxConflicts = 5;

/**
 * Writes a status with the cheapest verb: PUT with the resourceVersion that `mutate` saw. Nothing is
 * sent when nothing changes. When somebody else wrote in between, or the answer was lost, reads again
 * and repeats. Returns the object as it is afterwards. Throws NotFound (ApiError) when it is gone or was recreated.
 */
export async function updateStatus<T extends KubeObject & { readonly status?: unknown }>(
  update: StatusUpdate<T>,
): Promise<T> {
  const { client, informer, object, mutate } = update;
  const options = {
    fieldManager: update.fieldManager,
    ...(update.signal && { signal: update.signal }),
  };
  let current = newestOf(object, informer?.get(objectKey(object)));
  for (let conflicts = 0; ; conflicts++) {
    const status = mutate(current);
    if (sameJson(status, current.status)) {
      // Found by reading again: stored by an earlier try, or by somebody else.
      if (conflicts > 0) informer?.observe(current);
      return current;
    }
    try {
      const written = await client.replaceStatus({ ...current, status }, options);
      informer?.observe(written);
      return written;
    } catch (error) {
      const isConflict = error instanceof ApiError && error.isConflict;
      const isUnknown = error instanceof ConnectionError;
      if (!(isConflict || isUnknown) || conflicts >= maxConflicts) throw error;
      current = await client.get(object.metadata, options);
      // The status belongs to the life it was computed for.
      if (current.metadata.uid !== object.metadata.uid) throw error;
    }
  }
}

export type FinalizerChange<T extends KubeObject> = {
  readonly client: ResourceClient<T>;
  readonly informer?: Pick<Cache<T>, 'get' | 'observe'>;
  readonly object: T;
  readonly finalizer: string;
  readonly fieldManager: string;
  readonly signal?: AbortSignal;
};

/** The object with the finalizer; the same object when it has it. */
export function withFinalizer<T extends KubeObject>(object: T, finalizer: string): T {
  const finalizers = object.metadata.finalizers ?? [];
  if (finalizers.includes(finalizer)) return object;
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } };
}

/** The object without the finalizer; the same object when it hasn't got it. */
export function withoutFinalizer<T extends KubeObject>(object: T, finalizer: string): T {
  const finalizers = object.metadata.finalizers ?? [];
  if (!finalizers.includes(finalizer)) return object;
  const rest = finalizers.filter((name) => name !== finalizer);
  return { ...object, metadata: { ...object.metadata, finalizers: rest } };
}

/** Writes the finalizer; do it before the first effect outside the object. */
export function ensureFinalizer<T extends KubeObject>(change: FinalizerChange<T>): Promise<T> {
  return patchFinalizers(change, withFinalizer(change.object, change.finalizer));
}

/** Removes the finalizer; only after what it protects was seen to be gone. */
export function releaseFinalizer<T extends KubeObject>(change: FinalizerChange<T>): Promise<T> {
  return patchFinalizers(change, withoutFinalizer(change.object, change.finalizer));
}

async function patchFinalizers<T extends KubeObject>(
  change: FinalizerChange<T>,
  wanted: T,
): Promise<T> {
  if (wanted === change.object) return wanted;
  const { uid, resourceVersion, finalizers } = wanted.metadata;
  // A merge patch replaces the whole list, so it must fail if somebody else changed it.
  const patch = { metadata: { uid, resourceVersion, finalizers } };
  const written = await change.client.mergePatch(change.object.metadata, patch, {
    fieldManager: change.fieldManager,
    ...(change.signal && { signal: change.signal }),
  });
  change.informer?.observe(written);
  return written;
}

/** Of an object and what a cache has under its name the one that was stored later; never another life. */
export function newestOf<T extends KubeObject>(object: T, cached: T | undefined): T {
  if (cached === undefined || cached.metadata.uid !== object.metadata.uid) return object;
  const isOlder =
    BigInt(cached.metadata.resourceVersion ?? 0) < BigInt(object.metadata.resourceVersion ?? 0);
  return isOlder ? object : cached;
}
