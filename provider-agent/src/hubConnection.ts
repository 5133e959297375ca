import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, connectCluster, type WatchLimits } from '@gridlease/kube/cluster';
import { loadKubeConfig } from '@gridlease/kube/credentials';
import { TerminalError } from '@gridlease/kube/errors';
import type { Logger } from '@gridlease/kube/log';
import { type AccessConfig, accessByFiles } from '@gridlease/kube/plainKubeconfig';
import { renewingToken, tokenLife } from '@gridlease/kube/tokenSource';
import type { Registry } from 'prom-client';
import type { AgentConfig } from './config.ts';
import { readText } from './configFiles.ts';

/**
 * Connects to the hub as the agent's own ServiceAccount. The configuration brings the first token; from
 * then on the agent renews it and keeps the newest in its state folder. Where that folder goes with the
 * pod, a restart begins with the first token again, so that one must not lapse. `start` begins the renewal.
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
  const { namespace, serviceAccountName } = config.hub;
  const file = join(config.stateDir, 'hub-token');
  const base = { name: 'hub', kubeConfig: accessOf(config.hub), ...options };
  const given = tokenOf(config.hub);
  // Client certificates or a plugin: whoever made the kubeconfig takes care of renewal.
  if (given === undefined) return { cluster: connectCluster(base), start: () => undefined };
  mkdirSync(config.stateDir, { recursive: true, mode: 0o700 });
  const tokens = renewingToken({
    namespace,
    serviceAccountName,
    initialToken: firstToken(given, readToken(file), Date.now()),
    persist: async (token) => writeToken(file, token),
    // The one in use was refused: somebody may have put a new one in place, or the kept one may be better.
    load: async () =>
      [tokenOf(config.hub), readToken(file)].find(
        (token) => token !== undefined && token !== tokens.token(),
      ),
    log: options.log,
  });
  const cluster = connectCluster({ ...base, tokenSource: tokens });
  return { cluster, start: (signal) => tokens.start(cluster, signal) };
}

/** How the hub is reached, as the configuration says. */
export function accessOf({
  kubeconfigPath,
  url,
  caPath,
  tokenPath,
}: AgentConfig['hub']): AccessConfig {
  if (kubeconfigPath === undefined) {
    return accessByFiles({ server: url!, caPath: caPath!, tokenPath: tokenPath! });
  }
  try {
    return loadKubeConfig({ kubeconfigPath });
  } catch (cause) {
    throw new TerminalError(`The hub's kubeconfig ${kubeconfigPath} can't be read`, { cause });
  }
}

function tokenOf(hub: AgentConfig['hub']): string | undefined {
  if (hub.tokenPath !== undefined) return readText('hub.tokenPath', hub.tokenPath);
  return accessOf(hub).getCurrentUser()?.token || undefined;
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

/** The kept token while it lasts longer than the given one; a token without an end can be given only. */
export function firstToken(given: string, kept: string | undefined, nowMs: number): string {
  const keptUntilMs = kept === undefined ? 0 : (tokenLife(kept)?.expiresAtMs ?? 0);
  const givenUntilMs = tokenLife(given)?.expiresAtMs ?? 0;
  return kept !== undefined && keptUntilMs > Math.max(nowMs, givenUntilMs) ? kept : given;
}
