import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  bridgeOf,
  linkOf,
  MAX_NODES,
  machineAddress,
  type NodePlace,
  nodeAddress,
  podSubnet,
  SERVICE_RANGE,
} from './addresses.ts';
import { clearAbandonedNodes, clearNetwork, registerNetwork } from './register.ts';
import { realNodeSupport } from './support.ts';

/** The bridge on which the nodes of a federation, of all its clusters, meet each other and this machine. */
export type NodeNetwork = AsyncDisposable & {
  /** This machine's: programs that listen here are reached by pods and by programs of this machine alike. */
  readonly machineAddress: string;
  /** The same place for the same name; names are unique in a federation. */
  place(nodeName: string): NodePlace;
};

export type NodeNetworkOptions = {
  /** Folder of the federation. */
  readonly dir: string;
  /** Default false: it is cleared by the next run when this program ended without doing so. */
  readonly outlivesOwner?: boolean;
};

/**
 * Makes the network for a federation's real nodes, after clearing what crashed runs have left. Throws where
 * realNodeSupport says no. Disposing removes what is left of its nodes, whose processes must have ended.
 */
export const openNodeNetwork = async (options: NodeNetworkOptions): Promise<NodeNetwork> => {
  const support = realNodeSupport();
  if (!support.supported) throw new Error(`no real node can run here: ${support.reason}`);
  await clearAbandonedNodes();
  const { dir, outlivesOwner = false } = options;
  const registered = registerNetwork({ dir, outlivesOwner });
  const places = new Map<string, NodePlace>();
  return {
    machineAddress: machineAddress(registered.number),
    place: (nodeName) => {
      const index = places.size + 1;
      const place = places.get(nodeName) ?? { network: registered.number, index };
      if (place.index > MAX_NODES) throw new RangeError(`a federation has ${MAX_NODES} real nodes`);
      places.set(nodeName, place);
      return place;
    },
    [Symbol.asyncDispose]: () => clearNetwork(registered),
  };
};

const run = promisify(execFile);

/**
 * Joins a node's network namespace to the bridge. `process` is any process in it, by its id here; `peers` are the other
 * nodes of its cluster, whose pods it reaches. This machine reaches its pods, and its pods this machine at the bridge's
 * address: beyond that there is nothing, and whoever tries is told so at once.
 */
export const connectNode = async (
  place: NodePlace,
  process: number,
  peers: readonly NodePlace[],
): Promise<void> => {
  const [bridge, link, machine] = [
    bridgeOf(place.network),
    linkOf(place),
    machineAddress(place.network),
  ];
  const here = (...args: readonly string[]) => run('ip', args);
  const inside = (...args: readonly string[]) =>
    run('nsenter', ['--target', String(process), '--net', '--', 'ip', ...args]);
  const peer = ['peer', 'name', 'eth0', 'netns', String(process)];
  await here('link', 'add', link, 'type', 'veth', ...peer);
  await here('link', 'set', link, 'master', bridge, 'up');
  await here('route', 'replace', podSubnet(place), 'via', nodeAddress(place), 'dev', bridge);
  await inside('link', 'set', 'lo', 'up');
  await inside('addr', 'add', `${nodeAddress(place)}/24`, 'dev', 'eth0');
  await inside('link', 'set', 'eth0', 'up');
  for (const other of peers) {
    await inside('route', 'add', podSubnet(other), 'via', nodeAddress(other));
  }
  // What the node itself sends to a Service needs a route before its address is translated.
  await inside('route', 'add', SERVICE_RANGE, 'via', machine);
  await inside('route', 'add', 'unreachable', 'default');
};

/** Removes what connectNode has made on this machine. Safe to repeat. */
export const disconnectNode = async (place: NodePlace): Promise<void> => {
  const bridge = bridgeOf(place.network);
  // Each may be gone already, with the node's processes.
  await run('ip', ['route', 'delete', podSubnet(place), 'dev', bridge]).catch(() => undefined);
  await run('ip', ['link', 'delete', 'dev', linkOf(place)]).catch(() => undefined);
};
