import type { Device, Health } from './device.ts';

export type { Device, Health } from './device.ts';

/** Commands to the simulated GPUs of one real node. */
export type DeviceControl = {
  /** Also where `/metrics` is. */
  readonly url: string;
  list(): Promise<readonly Device[]>;
  /** Returns once the plugin has told the kubelet; the kubelet and the API server take some seconds more. Throws when there is no such device. */
  setHealth(uuid: string, health: Health): Promise<void>;
};

/** A client of the program whose first line of output named `url`. Each call gives up after 5 s. */
export function deviceControl(url: string): DeviceControl {
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(`${url}${path}`, { ...init, signal: AbortSignal.timeout(5_000) });
    if (response.ok) return response;
    throw new Error(
      `${init.method ?? 'GET'} ${path}: ${response.status} ${(await response.text()).trim()}`,
    );
  };
  return {
    url,
    list: async () => (await (await ask('/devices')).json()) as readonly Device[],
    setHealth: async (uuid, health) => {
      await ask(`/devices/${encodeURIComponent(uuid)}`, {
        method: 'PUT',
        body: JSON.stringify({ health }),
      });
    },
  };
}
