import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, connectCluster, type WatchLimits } from '@gridlease/kube/cluster';
import { loadKubeConfig } from '@gridlease/kube/credentials';
import { TerminalError } from '@gridlease/kube/errors';
import type { Logger } from '@gridlease/kube/log';
import { renewingToken, tokenLife } from '@gridlease/kube/tokenSource';
import type { Registry } from 'prom-client';
import type { AgentConfig } from './config.ts';

/**
 * Connects to the hub as the agent's own ServiceAccount. The kubeconfig brings the first token; from
 * then on the agent renews it and keeps the newest in its state folder, so that a restart after the
 * first one has lapsed still gets in. `start` begins the renewal.
 */
export function connectHub(
  config: AgentConfig,
  options: {
    readonly registry: Registry;
    readonly userAgent: string;
    readonly watchLimits?: WatchLimits;
    readonly log: Logger;
  },
): { readonly cluster: Cluster; start(signal: AbortSignal): void } {
  const { kubeconfigPath, namespace, serviceAccountName } = config.hub;
  const file = join(config.stateDir, 'hub-token');
  const base = { name: 'hub', kubeconfigPath, ...options };
  const given = tokenOf(kubeconfigPath);
  // Client certificates or a plugin: whoever made the kubeconfig takes care of renewal.
  if (given === undefined) return { cluster: connectCluster(base), start: () => undefined };
  mkdirSync(config.stateDir, { recursive: true, mode: 0o700 });
  const tokens = renewingToken({
    namespace,
    serviceAccountName,
    initialToken: newest(given, readToken(file)),
    persist: async (token) => writeToken(file, token),
    load: async () => newest(tokenOf(kubeconfigPath) ?? given, readToken(file)),
    log: options.log,
  });
  const cluster = connectCluster({ ...base, tokenSource: tokens });
  return { cluster, start: (signal) => tokens.start(cluster, signal) };
}

function tokenOf(kubeconfigPath: string): string | undefined {
  try {
    return loadKubeConfig({ kubeconfigPath }).getCurrentUser()?.token || undefined;
  } catch (error) {
    throw new TerminalError(`The hub's kubeconfig ${kubeconfigPath} can't be read`, {
      cause: error,
    });
  }
}

function readToken(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch {
    // None kept yet: the kubeconfig's is the one.
    return undefined;
  }
}

/** Renamed into place: a crash leaves the old token or the new one, never half of one. */
function writeToken(file: string, token: string): void {
  writeFileSync(`${file}.new`, token, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function newest(one: string, other: string | undefined): string {
  if (other === undefined) return one;
  return (tokenLife(other)?.expiresAtMs ?? 0) > (tokenLife(one)?.expiresAtMs ?? 0) ? other : one;
}
