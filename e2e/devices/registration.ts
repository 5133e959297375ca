import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceSet } from './device.ts';
import { pluginOptions, type ServedPlugin, servePlugin } from './plugin.ts';
import { callOnce, Registration } from './wire.ts';

/** How long a kubelet that took a registration may take to ask for the list before it is asked again. */
const PATIENCE_MILLISECONDS = 5_000;

export type RegistrationOptions = {
  readonly devices: DeviceSet;
  /** The kubelet's folder of device plugins, where its kubelet.sock lies. */
  readonly pluginDir: string;
  /** Such as nvidia.com/gpu. */
  readonly resourceName: string;
  /** How often the kubelet's socket is looked at, in milliseconds; default 250. */
  readonly intervalMilliseconds?: number;
  readonly log: (line: string) => void;
};

/** A plugin that stays known to the kubelet of its node. */
export type RegisteredPlugin = AsyncDisposable & {
  /** What is missing until the kubelet watches the devices; undefined when nothing is. */
  missing(): string | undefined;
};

/**
 * Registers with the kubelet, and again with each one that comes after it. A kubelet that starts empties this folder,
 * forgets its plugins and makes a new kubelet.sock: that another file lies there, or none of ours, is how a plugin
 * learns it. The folder is looked at again and again rather than watched, so that no notice can be missed.
 */
export function keepRegistered(options: RegistrationOptions): RegisteredPlugin {
  const { devices, pluginDir, resourceName, log } = options;
  const kubelet = join(pluginDir, 'kubelet.sock');
  const socket = join(pluginDir, `${resourceName.replace('/', '-')}.sock`);
  const abort = new AbortController();
  const noKubelet = `there is no ${kubelet}`;
  let served: { readonly plugin: ServedPlugin; readonly file: string | undefined } | undefined;
  /** The socket of the kubelet that took the registration. */
  let registeredAt: string | undefined;
  /** When a kubelet last watched the list, or promised to. */
  let watchedAt = 0;
  let complaint: string | undefined = noKubelet;

  const attempt = async () => {
    const theirs = identity(kubelet);
    if (theirs === undefined) {
      complaint = noKubelet;
      return;
    }
    if (served === undefined || served.file === undefined || served.file !== identity(socket)) {
      // First closed, then served again: closing removes the socket, which must not be the new one.
      served?.plugin[Symbol.dispose]();
      served = undefined;
      served = { plugin: await servePlugin(devices, socket), file: identity(socket) };
      registeredAt = undefined;
    }
    const now = performance.now();
    if (served.plugin.watchers() > 0) watchedAt = now;
    if (registeredAt === theirs && now - watchedAt < PATIENCE_MILLISECONDS) return;
    registeredAt = undefined;
    const request = {
      version: 'v1beta1',
      endpoint: basename(socket),
      resource_name: resourceName,
      options: pluginOptions,
    };
    const call = { socket: kubelet, method: 'Register', request, timeoutMilliseconds: 5_000 };
    await callOnce(Registration, call);
    registeredAt = theirs;
    watchedAt = performance.now();
    complaint = undefined;
    log(`registered ${resourceName} with the kubelet, ${devices.list().length} devices`);
  };

  const run = async () => {
    while (!abort.signal.aborted) {
      try {
        await attempt();
      } catch (error) {
        // A kubelet that is starting has its socket before it answers; the next look tries again.
        const text = error instanceof Error ? error.message : String(error);
        if (text !== complaint) log(`not registered: ${text}`);
        complaint = text;
      }
      await sleep(options.intervalMilliseconds ?? 250, undefined, { signal: abort.signal }).catch(
        () => undefined, // only an abort ends the wait, and the loop's condition sees it
      );
    }
    served?.plugin[Symbol.dispose]();
  };
  const stopped = run();

  return {
    missing: () =>
      complaint ??
      (served?.plugin.watchers() === 0 ? 'the kubelet has not asked for the list' : undefined),
    [Symbol.asyncDispose]: async () => {
      abort.abort();
      await stopped;
    },
  };
}

/** Which file this is: a new one at the same path has another inode or another time. Undefined when there is none. */
function identity(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}:${found.ctimeNs}`;
}
