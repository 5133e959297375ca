import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ApiClient } from '../cluster/apiClient.ts';
import { type FederationEnvironment, requireEnvironment } from '../cluster/environment.ts';
import { interruptSignal } from '../cluster/interrupt.ts';
import { readKubeconfig } from '../cluster/kubeconfig.ts';
import { readMonitor, writeMonitor } from '../cluster/monitorRecord.ts';
import { federationFolder } from '../cluster/paths.ts';
import { readProcessBook, writeProcessBook } from '../cluster/processBook.ts';
import { Processes } from '../cluster/processes.ts';
import {
  answersAt,
  type ScrapeTarget,
  startPrometheus,
  writeConfiguration,
} from '../cluster/prometheus.ts';
import { ensurePrometheus } from '../cluster/prometheusAsset.ts';
import { runMain } from '../cluster/runMain.ts';
import { shippedRules } from './boardQueries.ts';
import { type Scraped, scrapedAgent, scrapedOperator, scrapeTargets } from './scrapeTargets.ts';

type Pods = {
  readonly items: readonly {
    readonly status: { readonly podIP?: string; readonly phase: string };
  }[];
};

/** The programs' pods of one cluster, where Helm has installed them. */
const podTargets = async (
  kubeconfig: string,
  program: Scraped,
): Promise<readonly ScrapeTarget[]> => {
  const client = new ApiClient(readKubeconfig(kubeconfig));
  try {
    const label = encodeURIComponent(`app.kubernetes.io/name=${program.job}`);
    const path = `/api/v1/namespaces/${program.labels.namespace}/pods?labelSelector=${label}`;
    const pods = await client.get<Pods>(path);
    return pods.items
      .filter(({ status }) => status.podIP !== undefined && status.phase === 'Running')
      .map(({ status }) => ({
        ...program,
        address: `http://${status.podIP}:8080/metrics`,
      }));
  } finally {
    client.close();
  }
};

const targetsOf = async (environment: FederationEnvironment): Promise<readonly ScrapeTarget[]> => {
  if (environment.metrics.operator !== null) return scrapeTargets({ environment });
  const hub = podTargets(environment.hub.kubeconfig, scrapedOperator);
  const agents = environment.providers.map(({ name, kubeconfig }) =>
    podTargets(kubeconfig, scrapedAgent(name)),
  );
  return (await Promise.all([hub, ...agents])).flat();
};

/**
 * `npm run monitor`: a Prometheus on loopback that scrapes every replica of a federation that is up, with the charts'
 * rules; `npm run down` ends it with the rest. Said again it finds the pods anew.
 */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { dir: { type: 'string', default: federationFolder() } },
  });
  const dir = resolve(values.dir);
  const environment = requireEnvironment(dir);
  const signal = interruptSignal();
  const targets = await targetsOf(environment);
  if (targets.length === 0) throw new Error('Neither operator nor agent runs: nothing to scrape.');
  const settings = {
    targets,
    dir: join(dir, 'monitor', 'prometheus'),
    ruleFiles: shippedRules(),
    scrapeSeconds: 5,
  };
  const running = readMonitor(dir);
  if (running !== undefined && (await answersAt(`${running.url}/-/ready`))) {
    writeConfiguration(settings);
    process.kill(running.pid, 'SIGHUP');
    process.stdout.write(`Prometheus scrapes ${targets.length} programs now: ${running.url}\n`);
    return;
  }
  const assets = await ensurePrometheus({ signal });
  const processes = new Processes(join(dir, 'monitor'));
  const { url } = await startPrometheus({ ...settings, processes, assets, signal });
  // So that whoever ends the federation ends this, too.
  writeProcessBook(dir, [...readProcessBook(dir), ...processes.records()]);
  const { pid } = processes.records()[0]!;
  writeMonitor(dir, { url, pid, programs: dirname(assets.promtool) });
  process.stdout.write(`Prometheus scrapes ${targets.length} programs: ${url}\n`);
};

if (import.meta.main) await runMain(main);
