import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findAsset, findIn } from './assets.ts';
import { type FederationEnvironment, requireEnvironment } from './environment.ts';
import { HELM_RECIPES } from './helmAsset.ts';
import { readMonitor } from './monitorRecord.ts';
import { DEFAULT_DIR, federationFolder, ROOT } from './paths.ts';
import { runMain } from './runMain.ts';

/** Quoted for a POSIX shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** What a person in a shell needs of a federation, by the names under which the docs use it. */
export const shellVariables = (
  dir: string,
  { hub, providers, chain, tenant }: FederationEnvironment,
): Readonly<Record<string, string>> => ({
  KUBECONFIG: hub.kubeconfig,
  HUB_KUBECONFIG: hub.kubeconfig,
  ...(providers[0] && { PROVIDER_KUBECONFIG: providers[0].kubeconfig }),
  RPC_URL: chain.rpcURL,
  CHAIN_ID: String(chain.chainId),
  ...(chain.escrow !== null && { ESCROW: chain.escrow }),
  ...(chain.token !== null && { TOKEN: chain.token }),
  TENANT: tenant.address,
  KEY_FILE: join(dir, 'tenant.key'),
});

/** Folders of the programs that were built for this federation and that people call, each once. */
const programFolders = (): readonly string[] => {
  const found = [findAsset('kubectl'), findIn(HELM_RECIPES, 'helm', process.env)];
  // The pinned Node comes first: an older one can't run this repository's programs.
  const built = found.filter((path) => path !== undefined).map(dirname);
  return [join(ROOT, 'node_modules', '.bin'), ...new Set(built)];
};

/**
 * `eval "$(npm run --silent env)"`: the shell then has kubectl on its path, and speaks to the hub and the chain of the
 * federation in `--dir`, in GRIDLEASE_FEDERATION, or where `npm run up` puts it.
 */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { dir: { type: 'string', default: federationFolder() } },
  });
  const dir = resolve(values.dir);
  const environment = requireEnvironment(dir);
  const variables = shellVariables(dir, environment);
  // A development key: env.json, readable by its owner only, has it too.
  writeFileSync(variables['KEY_FILE']!, `${environment.tenant.privateKey}\n`, { mode: 0o600 });
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`);
  // Of several federations a shell speaks to one, whatever command is given in it.
  lines.push(
    dir === resolve(DEFAULT_DIR)
      ? 'unset GRIDLEASE_FEDERATION'
      : `export GRIDLEASE_FEDERATION=${quoted(dir)}`,
  );
  const monitor = readMonitor(dir);
  if (monitor !== undefined) lines.push(`export PROMETHEUS=${quoted(monitor.url)}`);
  const folders = [...programFolders(), ...(monitor === undefined ? [] : [monitor.programs])];
  // What is on the path already comes last: these belong to the clusters' version.
  lines.push(`export PATH=${folders.map(quoted).join(':')}:"$PATH"`);
  process.stdout.write(`${lines.join('\n')}\n`);
};

if (import.meta.main) await runMain(main);
