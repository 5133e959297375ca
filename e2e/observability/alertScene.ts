import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { RULE_GROUPS } from '@gridlease/charts/alerts/groups';
import { shortenedRules } from '@gridlease/charts/alerts/shorten';
import { startTcpProxy, type TcpProxy } from '@gridlease/kube/testing/tcpProxy';
import { writeKeyFile } from '../cluster/accounts.ts';
import {
  type AlertReceiver,
  startAlertmanager,
  startAlertReceiver,
} from '../cluster/alertmanager.ts';
import { findAsset } from '../cluster/assets.ts';
import type { ProviderSpec } from '../cluster/defaultProviders.ts';
import { type Federation, startFederation } from '../cluster/federation.ts';
import { silentProgress } from '../cluster/progress.ts';
import { type PrometheusServer, startPrometheus } from '../cluster/prometheus.ts';
import type { PrometheusAssetPaths } from '../cluster/prometheusAsset.ts';
import { shellVariables } from '../cluster/shellEnvironment.ts';
import { scrapeTargets } from './scrapeTargets.ts';

/** An hour of a rule takes a minute and a half: what charts/src/alerts/shorten.ts divides, and nothing else. */
const FACTOR = 40;

const provider = (
  name: string,
  product: 'L40S' | 'A100' | 'H100',
  pricePerGPUHour: string,
): ProviderSpec => ({
  name,
  region: 'eu-central',
  jurisdiction: 'DE',
  pools: [{ product, nodes: 1, gpusPerNode: 4 }],
  offers: [{ product, pricePerGPUHour }],
});

/** One product each, so that a job says by its product where it runs. */
const providers: readonly ProviderSpec[] = [
  provider('alpha', 'L40S', '0.80'),
  provider('bravo', 'A100', '1.10'),
  provider('charlie', 'H100', '2.10'),
];

/** What takes minutes in production takes seconds here; the order of the times is kept. */
const operatorSettings = {
  unreachableSeconds: 8,
  fenceSeconds: 12,
  stopSeconds: 2,
  replaceSeconds: 24,
  graceSeconds: 10,
};
const agentSettings = { heartbeatSeconds: 2, stopSeconds: 2 };

/** A federation, the way of its hub to the chain, and everything between a metric and the person on call. */
export type AlertScene = AsyncDisposable & {
  readonly dir: string;
  readonly federation: Federation;
  readonly prometheus: PrometheusServer;
  readonly receiver: AlertReceiver;
  /** The hub’s way to the chain; the providers have their own. */
  readonly hubRPC: TcpProxy;
  /** What somebody who follows a runbook has in the shell; kubectl speaks to the hub. */
  readonly shell: Readonly<Record<string, string>>;
};

/** The only series of an expression now; 0 while there is none. */
export const figureNow = async (
  { prometheus }: Pick<AlertScene, 'prometheus'>,
  expr: string,
): Promise<number> => {
  const [figure] = await prometheus.query(expr);
  return Number(figure?.value?.[1] ?? 0);
};

/** Patches where the hub finds its chain, as the page of GridleaseChainHeadStale does. */
const routeHub = async ({ hub }: Federation, url: string): Promise<void> => {
  const path = '/api/v1/namespaces/gridlease-system/secrets';
  const { items } = await hub.client.get<{
    items: { metadata: { name: string }; data?: object }[];
  }>(path);
  const secret = items.find(({ data }) => data !== undefined && 'url' in data);
  if (secret === undefined) throw new Error('no Secret of the hub has the URL of an RPC');
  await hub.client.request(
    'PATCH',
    `${path}/${secret.metadata.name}`,
    { stringData: { url } },
    'application/merge-patch+json',
  );
};

export const startAlertScene = async (
  assets: PrometheusAssetPaths,
  signal?: AbortSignal,
): Promise<AlertScene> => {
  const dir = mkdtempSync(join(tmpdir(), 'gridlease-alerts-'));
  await using open = new AsyncDisposableStack();
  open.defer(() => rmSync(dir, { recursive: true, force: true }));
  const federation = open.use(
    await startFederation({
      ...{ providers, operatorSettings, agentSettings, dir, signal, progress: silentProgress },
    }),
  );
  const hubRPC = open.use(await startTcpProxy(federation.environment.chain.rpcURL));
  await routeHub(federation, hubRPC.url.replace('https:', 'http:'));
  const receiver = open.use(await startAlertReceiver());
  const common = { processes: federation.processes, assets, signal };
  const alertmanager = await startAlertmanager({
    ...common,
    dir: join(dir, 'alertmanager'),
    webhookURL: receiver.url,
  });
  mkdirSync(join(dir, 'rules'));
  const ruleFiles = [...shortenedRules(RULE_GROUPS, FACTOR)].map(([name, text]) => {
    const file = join(dir, 'rules', `${name}.yaml`);
    writeFileSync(file, text);
    return file;
  });
  const prometheus = await startPrometheus({
    ...common,
    dir: join(dir, 'prometheus'),
    targets: scrapeTargets(federation),
    ruleFiles,
    alertmanager: alertmanager.url,
  });
  const kubectl = findAsset('kubectl');
  if (kubectl === undefined) throw new Error('kubectl is not built');
  const folders = [dirname(kubectl), dirname(assets.promtool), process.env['PATH'] ?? ''];
  const shell = {
    HOME: process.env['HOME'] ?? '',
    ...shellVariables(dir, federation.environment),
    PATH: folders.join(':'),
    PROMETHEUS: prometheus.url,
    KEY_FILE: writeKeyFile(join(dir, 'rich.key'), federation.accounts.tenant),
  };
  const closing = open.move();
  return {
    ...{ dir, federation, prometheus, receiver, hubRPC, shell },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
};
