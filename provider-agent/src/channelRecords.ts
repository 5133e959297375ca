import type { ChannelRecord } from '@gridlease/crds/channelrecord';
import { channelRecord } from '@gridlease/crds/channelrecord';
import { API_VERSION } from '@gridlease/crds/labels';
import { ApiError } from '@gridlease/kube/apiError';
import { GridleaseError } from '@gridlease/kube/errors';
import { sameJson } from '@gridlease/kube/json';
import type { ResourceClient } from '@gridlease/kube/resources';

type Spec = ChannelRecord['spec'];

/**
 * The agent's durable memory of its channels. Everything that may be signed or sent because of it is
 * stored here first: `update` resolves only when the API server has it, and then `get` shows it.
 */
export type ChannelRecords = {
  /** Reads all records; to be called before anything is decided. */
  load(signal?: AbortSignal): Promise<void>;
  readonly isLoaded: boolean;
  get(name: string): Spec | undefined;
  list(): readonly (readonly [name: string, spec: Spec])[];
  /**
   * Stores what `mutate` makes of the record as it is now, or creates it. `mutate` is pure and may run
   * several times; it returns undefined to leave all as it is. Updates of one record run one by one.
   */
  update(
    name: string,
    mutate: (current: Spec | undefined) => Spec | undefined,
    signal?: AbortSignal,
  ): Promise<Spec | undefined>;
  /** Calls back after each stored change. */
  onChange(callback: (name: string) => void): () => void;
};

const maxConflicts = 5;

/** The records in `namespace` of the provider's cluster; one object per agent process. */
export function createChannelRecords(options: {
  readonly client: ResourceClient<ChannelRecord>;
  readonly namespace: string;
}): ChannelRecords {
  const { client, namespace } = options;
  const records = new Map<string, ChannelRecord>();
  const turns = new Map<string, Promise<unknown>>();
  const listeners = new Set<(name: string) => void>();
  let isLoaded = false;

  const write = async (name: string, spec: Spec, signal: AbortSignal | undefined) => {
    const current = records.get(name);
    const call = { fieldManager: 'gridlease-agent', ...(signal && { signal }) };
    return current === undefined
      ? client.create(
          {
            apiVersion: API_VERSION,
            kind: channelRecord.resource.kind,
            metadata: { name, namespace },
            spec,
          },
          call,
        )
      : client.replace({ ...current, spec }, call);
  };

  const store = async (
    name: string,
    mutate: (current: Spec | undefined) => Spec | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Spec | undefined> => {
    for (let conflicts = 0; ; conflicts++) {
      const current = records.get(name)?.spec;
      const next = mutate(current);
      if (next === undefined || sameJson(next, current)) return current;
      try {
        const written = await write(name, next, signal);
        records.set(name, written);
        for (const listener of listeners) listener(name);
        return written.spec;
      } catch (error) {
        const isRace = error instanceof ApiError && (error.isConflict || error.isAlreadyExists);
        // Whatever went wrong, the write may have arrived: only what is stored counts.
        const stored = await client.find({ name, namespace }, signal && { signal });
        if (stored === undefined) records.delete(name);
        else records.set(name, stored);
        if (!isRace || conflicts >= maxConflicts) throw error;
      }
    }
  };

  return {
    async load(signal) {
      const { items } = await client.list({ namespace, ...(signal && { signal }) });
      for (const item of items) records.set(item.metadata.name, item);
      isLoaded = true;
    },
    get isLoaded() {
      return isLoaded;
    },
    get: (name) => records.get(name)?.spec,
    list: () => [...records].map(([name, { spec }]) => [name, spec] as const),
    update(name, mutate, signal) {
      if (!isLoaded) {
        // A record that wasn't read yet would be taken for none, and a statement for the first.
        return Promise.reject(new GridleaseError('The channel records are not loaded yet'));
      }
      const before = turns.get(name) ?? Promise.resolve();
      const turn = before.catch(() => undefined).then(() => store(name, mutate, signal));
      turns.set(name, turn);
      return turn;
    },
    onChange(callback) {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
  };
}
