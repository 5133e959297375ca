import { delay, linkedAbort } from './abort.ts';
import { describeError } from './errors.ts';
import type { Informer } from './informer.ts';
import type { Logger } from './log.ts';
import { type KubeObject, objectKey } from './object.ts';
import { listAll } from './resources.ts';
import { versionOf } from './store.ts';

const lookMs = 10;

type FollowedCache = Pick<
  Informer<KubeObject>,
  'cluster' | 'definition' | 'selection' | 'seenVersion' | 'get' | 'list' | 'synced'
>;

/**
 * Resolves once the cache holds everything that the API server held when this was called, also of a
 * kind on which nothing happens: a watch that froze says nothing, and bookmarks come once a minute. One
 * consistent list of the objects' metadata is compared with the cache; what differs is waited for.
 * Rejects with the signal and when the list fails.
 */
export async function caughtUp(informer: FollowedCache, signal: AbortSignal): Promise<void> {
  await informer.synced(signal);
  const { namespace, labelSelector, fieldSelector } = informer.selection;
  const { items, resourceVersion } = await listAll<KubeObject>(
    informer.cluster,
    informer.definition,
    {
      ...(namespace !== undefined && { namespace }),
      ...(labelSelector !== undefined && { labelSelector }),
      ...(fieldSelector !== undefined && { fieldSelector }),
      metadataOnly: true,
      limit: 1_000,
      signal,
    },
  );
  const listed = new Set(items.map(objectKey));
  const asOf = BigInt(resourceVersion);
  const isSeen = (item: KubeObject): boolean => {
    const known = informer.get(objectKey(item));
    // Not there though its version was passed: deleted since.
    if (known === undefined) return informer.seenVersion >= versionOf(item);
    return versionOf(known) >= versionOf(item);
  };
  const isGone = (key: string): boolean => {
    const known = informer.get(key);
    return known === undefined || versionOf(known) > asOf;
  };
  let unseen: readonly KubeObject[] = items;
  let ungone: readonly string[] = informer
    .list()
    .map(objectKey)
    .filter((key) => !listed.has(key));
  for (;;) {
    unseen = unseen.filter((item) => !isSeen(item));
    ungone = ungone.filter((key) => !isGone(key));
    if (unseen.length === 0 && ungone.length === 0) return;
    await delay(lookMs, signal);
  }
}

/**
 * The same for many, given up after `timeoutMs` milliseconds (default 5,000) with a word in the log: an
 * API server that doesn't answer must not keep the others' caches from being used, and whatever pays
 * or deletes reads again by itself. Rejects with the signal alone.
 */
export async function allCaughtUp(
  informers: readonly FollowedCache[],
  options: {
    readonly signal: AbortSignal;
    readonly timeoutMs?: number;
    readonly log: Pick<Logger, 'warn'>;
  },
): Promise<void> {
  const { signal, timeoutMs = 5_000, log } = options;
  using limit = linkedAbort([signal], timeoutMs, 'Catching up with the API server');
  await Promise.all(
    informers.map(async (informer) => {
      try {
        await caughtUp(informer, limit.signal);
      } catch (error) {
        signal.throwIfAborted();
        const what = `${informer.cluster.name}/${informer.definition.plural}`;
        log.warn({ what, error: describeError(error) }, 'This cache may lag behind');
      }
    }),
  );
}
