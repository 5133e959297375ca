import { waitFor } from '../cluster/waitFor.ts';
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

/** A client of the program whose first line of output named `url`. Each call gives up after 20 s. */
export function deviceControl(url: string): DeviceControl {
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(`${url}${path}`, { ...init, signal: AbortSignal.timeout(20_000) });
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

/** What the exporter serves. There is none while the kubelet does not say in time who holds what: it is asked again. */
export function pageOf({ url }: Pick<DeviceControl, 'url'>): Promise<string> {
  return waitFor(
    async () => {
      const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(20_000) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${answer.status} ${text.trim()}`);
      return text;
    },
    { what: 'a page of the exporter', timeoutMilliseconds: 20_000 },
  );
}
