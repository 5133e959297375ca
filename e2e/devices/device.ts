/** What the device-plugin interface knows of a device's health. */
export type Health = 'Healthy' | 'Unhealthy';

export const isHealth = (value: unknown): value is Health =>
  value === 'Healthy' || value === 'Unhealthy';

/** A simulated GPU of one node. */
export type Device = {
  /** As NVML names it, `GPU-…`; at most 63 characters, which is what the kubelet accepts. */
  readonly uuid: string;
  /** Position on the node, from 0: DCGM's `gpu`, and the number in `/dev/nvidiaN`. */
  readonly index: number;
  readonly health: Health;
};

/** The devices of a node. Their number never changes; their health does, and watchers are told. */
export class DeviceSet {
  #devices: readonly Device[];
  readonly #watchers = new Set<(devices: readonly Device[]) => void>();

  /** Throws when an id is empty, too long for the kubelet or given twice. */
  constructor(uuids: readonly string[]) {
    for (const [index, uuid] of uuids.entries()) {
      if (!/^[A-Za-z0-9-]{1,63}$/.test(uuid)) {
        throw new Error(`"${uuid}" is no device id: letters, digits and dashes, at most 63`);
      }
      if (uuids.indexOf(uuid) !== index) throw new Error(`the device ${uuid} is given twice`);
    }
    this.#devices = uuids.map((uuid, index) => ({ uuid, index, health: 'Healthy' }));
  }

  list(): readonly Device[] {
    return this.#devices;
  }

  /** Returns the device as it now is; undefined when there is none of that id. */
  setHealth(uuid: string, health: Health): Device | undefined {
    const before = this.#devices.find((device) => device.uuid === uuid);
    if (before === undefined || before.health === health) return before;
    const after = { ...before, health };
    this.#devices = this.#devices.map((device) => (device === before ? after : device));
    for (const watcher of this.#watchers) watcher(this.#devices);
    return after;
  }

  /** Calls `watcher` at once and after each change, until the returned function is called. */
  watch(watcher: (devices: readonly Device[]) => void): () => void {
    this.#watchers.add(watcher);
    watcher(this.#devices);
    return () => {
      this.#watchers.delete(watcher);
    };
  }
}
