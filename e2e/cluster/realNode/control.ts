import { type DeviceControl, deviceControl } from '../../devices/control.ts';
import { waitFor } from '../waitFor.ts';
import { NODE_PORTS } from './addresses.ts';
import { processesInCgroup } from './cgroups.ts';
import { containerdCommand, importImage, type RunInside } from './inside.ts';
import { NODE_PROGRAMS, type NodeProgram } from './nodeFolder.ts';
import type { NodeHost } from './nodeHost.ts';

/** A kubelet with real containers, whose GPUs are simulated. */
export type RealNodeControl = {
  readonly name: string;
  /** The node's own. */
  readonly address: string;
  /** This machine's: pods reach programs of this machine there. */
  readonly machineAddress: string;
  /** Makes an OCI or docker archive runnable under its `reference`, which is `name@sha256:…`. */
  importImage(archivePath: string, reference: string): Promise<void>;
  /** Nothing answers where the node has no GPUs. */
  readonly devices: DeviceControl;
  /** Runs a command of this machine that sees the node's files and network. */
  readonly run: RunInside;
  /** As they are now: each is started again a second after it ended by itself. 0 for one that doesn't run. */
  readonly pids: Readonly<Record<NodeProgram, number>>;
  /** Ends it (SIGTERM, SIGKILL after 5 s) where it runs, and returns once it serves again. */
  restart(program: NodeProgram): Promise<void>;
  /** Ends it as a power cut does, and keeps it down until restart. Returns when it is gone. */
  kill(program: NodeProgram): Promise<void>;
  /** SIGKILL to the processes in the node's containers whose command line matches; returns how many there were. */
  killContainers(command: RegExp): number;
};

export type ControlOptions = {
  readonly name: string;
  readonly address: string;
  readonly machineAddress: string;
  readonly devicesURL: string;
  /** The group that all its containers are in. */
  readonly cgroup: string;
  readonly host: NodeHost;
  /** Path of containerd's command line. */
  readonly ctr: string;
  /** Folder, for messages. */
  readonly logs: string;
  readonly signal?: AbortSignal | undefined;
};

const answers = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    // Not listening yet.
    return false;
  }
};

const pidsOf = (pid: (program: NodeProgram) => number): Readonly<Record<NodeProgram, number>> =>
  Object.fromEntries(NODE_PROGRAMS.map((name) => [name, pid(name)])) as Record<NodeProgram, number>;

/** Commands to a node whose namespaces are there, from this program or another. */
export const controlNode = (options: ControlOptions): RealNodeControl => {
  const { name, address, machineAddress, devicesURL, host, logs, signal } = options;
  const ctr = containerdCommand(host.runInside, options.ctr);
  const serves: Readonly<Record<NodeProgram, () => Promise<boolean>>> = {
    containerd: async () => Boolean(await ctr('version')),
    kubelet: () => answers(`http://${address}:${NODE_PORTS.kubeletHealth}/healthz`),
    devices: () => answers(`${devicesURL}/readyz`),
    'kube-proxy': () => answers(`http://${address}:${NODE_PORTS.proxyHealth}/healthz`),
    coredns: () => answers(`http://${address}:${NODE_PORTS.dnsReady}/ready`),
  };
  const pid = (program: NodeProgram): number => host.pid(program) ?? 0;
  return {
    name,
    address,
    machineAddress,
    importImage: (archivePath, reference) => importImage(ctr, archivePath, reference),
    devices: deviceControl(devicesURL),
    run: host.runInside,
    get pids() {
      return pidsOf(pid);
    },
    restart: async (program) => {
      await host.end(program);
      await host.start(program);
      const what = `${name}-${program} (its log is in ${logs})`;
      await waitFor(serves[program], { what, timeoutMilliseconds: 60_000, signal });
    },
    kill: (program) => host.end(program, 'SIGKILL'),
    killContainers: (command) => {
      const found = processesInCgroup(options.cgroup).filter((one) => command.test(one.command));
      for (const { pid: target } of found) process.kill(target, 'SIGKILL');
      return found.length;
    },
  };
};
