import type { Cluster } from './cluster.ts';
import type { Logger } from './log.ts';
import type { KubeObject, ResourceDefinition } from './object.ts';
import type { Indexer } from './store.ts';

/** What an informer follows, and in which form it keeps it. */
export type InformerOptions<T extends KubeObject> = {
  readonly cluster: Cluster;
  readonly definition: ResourceDefinition;
  /** Default: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Named functions from an object to the values it is found by. */
  readonly indexes?: Readonly<Record<string, Indexer<T>>>;
  /** Drops what isn't needed before it is kept; must keep `metadata`, and `status` for updateStatus. */
  readonly transform?: (object: T) => T;
  /** Freeze kept objects, so that a writer to shared state fails at once; for tests. Default: false. */
  readonly freeze?: boolean;
  /** Longest silence of a watch, in milliseconds. Default: 90,000. */
  readonly silenceMs?: number;
  /**
   * Longest time from one full list to the next, in milliseconds: the bound on how long an event that
   * the server failed to send can be missing. Default: 600,000.
   */
  readonly relistMs?: number;
  readonly log?: Logger;
};
