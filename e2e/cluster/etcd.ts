import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AssetPaths } from './assets.ts';
import { claimPort } from './ports.ts';
import { lostItsPort, type Processes } from './processes.ts';

const isHealthy = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    // Not listening yet.
    return false;
  }
};

export type EtcdOptions = {
  readonly name: string;
  readonly dir: string;
  readonly assets: AssetPaths;
  readonly processes: Processes;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Starts a single-member etcd on loopback and returns its client URL once it serves. It skips fsync: a federation's
 * data need not survive a power cut, and fsync is most of what etcd costs on a small machine.
 */
export const startEtcd = async (options: EtcdOptions): Promise<string> => {
  for (let attempt = 1; ; attempt++) {
    const client = await claimPort();
    const peer = await claimPort();
    const clientURL = `http://127.0.0.1:${client.port}`;
    const peerURL = `http://127.0.0.1:${peer.port}`;
    const dataDir = join(options.dir, `${options.name}-data-${attempt}`);
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const program = options.processes.start({
      name: options.name,
      layer: 0,
      command: options.assets.etcd,
      args: [
        '--data-dir',
        dataDir,
        '--listen-client-urls',
        clientURL,
        '--advertise-client-urls',
        clientURL,
        '--listen-peer-urls',
        peerURL,
        '--initial-advertise-peer-urls',
        peerURL,
        '--initial-cluster',
        `default=${peerURL}`,
        '--unsafe-no-fsync',
        '--log-level',
        'warn',
      ],
    });
    try {
      await options.processes.ready(program, () => isHealthy(clientURL), {
        signal: options.signal,
      });
      return clientURL;
    } catch (error) {
      if (!lostItsPort(error) || attempt === 5) throw error;
    } finally {
      client.release();
      peer.release();
    }
  }
};
