import { delay } from './abort.ts';
import { ApiError } from './apiError.ts';
import { createBackoff } from './backoff.ts';
import type { Cluster } from './cluster.ts';
import { GridleaseError } from './errors.ts';
import type { KubeObject, ResourceDefinition } from './object.ts';
import { collectionPath } from './paths.ts';
import { listAll } from './resources.ts';
import {
  type EndOfWatch,
  endOfClosedWatch,
  endOfFailedWatch,
  pauseAfter,
  type WatchEnd,
  WatchRefusedError,
  type WatchRun,
} from './watchEnd.ts';
import type { WatchEvent } from './watchStream.ts';

export type ReflectorOptions = {
  readonly cluster: Cluster;
  readonly definition: ResourceDefinition;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Longest silence of a watch in milliseconds; bookmarks come about once a minute. */
  readonly silenceMs?: number | undefined;
  /** Longest time from one list to the next in milliseconds, at least 1,000. Default: 600,000. */
  readonly relistMs?: number | undefined;
};

/** Where a reflector puts what it hears. None of these may throw. */
export type ReflectorTarget<T> = {
  /** The form in which a listed object is kept until the list is whole. */
  prepare(object: T): T;
  /** False when the list is older than what is known. */
  replace(objects: readonly T[], resourceVersion: string): boolean;
  put(object: T): void;
  remove(object: T): void;
  advance(resourceVersion: string): void;
  /** The API server said something, be it a bookmark. */
  heard(): void;
  listed(): void;
  ended(reason: WatchEnd, message: string | undefined): void;
};

/** The server answered a list with an older state than it had shown before. */
export class StaleListError extends GridleaseError {}

/**
 * Keeps `target` in step with the API server until the signal aborts; no failure ends it.
 *
 * A watch resumes from the last resourceVersion whenever the API guarantees that nothing lies in
 * between: after a clean end, and after a cut connection that had delivered something. Everything
 * else (410, an ERROR event, a watch that ends at once or dies without a word) leads to a new list.
 *
 * A server that leaves an event out breaks its word, and nothing in the stream tells. The next event
 * of that object repairs it; when none comes, a new list does, at most `relistMs` after the last one
 * (plus `silenceMs` where the server doesn't end watches in time either).
 */
export async function reflect<T extends KubeObject>(
  options: ReflectorOptions,
  target: ReflectorTarget<T>,
  signal: AbortSignal,
): Promise<void> {
  const backoff = createBackoff({ baseMs: 800, maxMs: 30_000, jitter: 0.5 });
  const path = collectionPath(options.definition, options.namespace);
  const selectors = { labelSelector: options.labelSelector, fieldSelector: options.fieldSelector };
  /** Where to resume; undefined: the state must be listed. */
  let position: string | undefined;
  let streamsLists = true;
  const limits = options.cluster.watchLimits;
  const silenceMs = options.silenceMs ?? limits?.silenceMs;
  const relistMs = Math.max(1_000, options.relistMs ?? limits?.relistMs ?? 600_000);
  let relistAt = Number.POSITIVE_INFINITY;

  const list = async (): Promise<void> => {
    const result = await listAll<T>(options.cluster, options.definition, {
      ...(options.namespace !== undefined && { namespace: options.namespace }),
      ...(options.labelSelector !== undefined && { labelSelector: options.labelSelector }),
      ...(options.fieldSelector !== undefined && { fieldSelector: options.fieldSelector }),
      signal,
    });
    accept(result.items.map(target.prepare), result.resourceVersion);
  };
  const accept = (objects: readonly T[], version: string): void => {
    if (!target.replace(objects, version)) {
      throw new StaleListError(
        `The API server listed ${path} as of ${version}, older than what it had shown before; ` +
          'if its data was restored from a backup, restart this program',
      );
    }
    position = version;
    relistAt = performance.now() + relistMs * (0.5 + 0.5 * Math.random());
    target.heard();
    target.listed();
  };

  const watch = async (run: WatchRun): Promise<void> => {
    if (position === undefined && !streamsLists) await list();
    const initial: T[] | undefined = position === undefined ? [] : undefined;
    let pending = initial;
    const stream = await options.cluster.watch({
      path,
      query: {
        ...selectors,
        watch: true,
        allowWatchBookmarks: true,
        timeoutSeconds: watchSeconds(initial === undefined ? relistAt : undefined, relistMs),
        ...(initial === undefined
          ? { resourceVersion: position }
          : { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }),
      },
      signal,
      ...(silenceMs !== undefined && { silenceMs }),
    });
    run.openedAt = performance.now();
    // A resumed watch on a quiet kind says nothing for up to a minute, though the server answers.
    if (initial === undefined) target.heard();
    for await (const events of stream) {
      target.heard();
      for (const event of events) {
        if (event.type === 'ERROR') throw refusedBy(event);
        run.delivered++;
        const object = event.object as T;
        const version = object.metadata.resourceVersion!;
        if (pending !== undefined) {
          if (event.type === 'ADDED') pending.push(target.prepare(object));
          else if (event.type === 'BOOKMARK' && endsInitialEvents(object)) {
            accept(pending, version);
            pending = undefined;
          }
          continue;
        }
        if (event.type === 'BOOKMARK') target.advance(version);
        else if (event.type === 'DELETED') target.remove(object);
        else target.put(object);
        position = version;
      }
      if (run.delivered > 0) backoff.reset();
      // A list under way is the one that is due.
      if (pending === undefined && performance.now() >= relistAt) return;
    }
  };

  while (!signal.aborted) {
    const run: WatchRun = { openedAt: undefined, delivered: 0 };
    let end: EndOfWatch;
    try {
      await watch(run);
      end = endOfClosedWatch(run);
    } catch (error) {
      if (signal.aborted) return;
      if (position === undefined && streamsLists && refusesStreamedLists(error)) {
        streamsLists = false;
        continue;
      }
      end = endOfFailedWatch(error, run);
    }
    if (end.relist || performance.now() >= relistAt) position = undefined;
    target.ended(end.reason, end.message);
    await delay(pauseAfter(end, backoff.next), signal).catch(() => undefined);
  }
}

/** Jittered, so that the watches of many programs don't all end together; over when a list is due. */
function watchSeconds(relistAt: number | undefined, relistMs: number): number {
  const leftMs = relistAt === undefined ? relistMs : relistAt - performance.now();
  return Math.max(1, Math.ceil(Math.min(300_000 * (1 + Math.random()), leftMs) / 1_000));
}

function refusesStreamedLists(error: unknown): boolean {
  // 422: known but switched off; 400: older than the parameter.
  return error instanceof ApiError && (error.status === 422 || error.status === 400);
}

function endsInitialEvents(object: KubeObject): boolean {
  return object.metadata.annotations?.['k8s.io/initial-events-end'] === 'true';
}

function refusedBy(event: WatchEvent): WatchRefusedError {
  const status = event.object as { readonly code?: number; readonly message?: string };
  return new WatchRefusedError(status.code ?? 0, `The watch was refused: ${status.message ?? ''}`);
}
