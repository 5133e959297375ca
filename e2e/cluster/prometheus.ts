import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimPort } from './ports.ts';
import { lostItsPort, type Processes } from './processes.ts';
import type { PrometheusAssetPaths } from './prometheusAsset.ts';

export type ScrapeTarget = {
  /** Value of the label `job`. */
  readonly job: string;
  /** host:port, or the whole URL of a metrics page. */
  readonly address: string;
  readonly labels?: Readonly<Record<string, string>>;
};

export type PrometheusOptions = {
  /** Folder for configuration and data. */
  readonly dir: string;
  readonly processes: Processes;
  readonly assets: PrometheusAssetPaths;
  readonly targets: readonly ScrapeTarget[];
  /** Absolute paths of rule files. Default none. */
  readonly ruleFiles?: readonly string[];
  /** URL of an Alertmanager that gets what fires. Default none. */
  readonly alertmanager?: string;
  /** Seconds between scrapes, and between evaluations of the rules. Default 1. */
  readonly scrapeSeconds?: number;
  /** Name of the program in the process book. Default prometheus. */
  readonly name?: string;
  readonly signal?: AbortSignal | undefined;
};

/** One series of an answer; values are [seconds since 1970, number as text]. */
export type Series = {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
};

export type RuleState = {
  readonly name: string;
  readonly type: 'alerting' | 'recording';
  readonly health: string;
  readonly lastError?: string;
  /** Alerts only: inactive, pending or firing. */
  readonly state?: string;
};

export type PrometheusServer = {
  readonly url: string;
  /** An instant query; `atMs` default now. A scalar comes as one series without labels. Throws what the server objects to. */
  query(expr: string, atMs?: number): Promise<readonly Series[]>;
  queryRange(
    expr: string,
    range: { readonly startMs: number; readonly endMs: number; readonly stepSeconds: number },
  ): Promise<readonly Series[]>;
  rules(): Promise<readonly RuleState[]>;
  stop(): Promise<void>;
};

/** JSON is YAML. */
const configuration = (
  options: Pick<PrometheusOptions, 'scrapeSeconds' | 'alertmanager' | 'ruleFiles' | 'targets'>,
): string => {
  const interval = `${options.scrapeSeconds ?? 1}s`;
  const alertmanager = options.alertmanager && new URL(options.alertmanager).host;
  return JSON.stringify({
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: options.ruleFiles ?? [],
    scrape_configs: options.targets.map((target, index) => {
      const { address } = target;
      const url = new URL(address.includes('://') ? address : `http://${address}/metrics`);
      return {
        // Unique by file; the label is what the target says.
        job_name: `${target.job}-${index}`,
        scheme: url.protocol.slice(0, -1),
        metrics_path: url.pathname,
        // As the charts' monitors do: the operator's metrics have a namespace of their own, the tenant's.
        honor_labels: true,
        static_configs: [{ targets: [url.host], labels: { job: target.job, ...target.labels } }],
      };
    }),
    ...(alertmanager && {
      alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    }),
  });
};

/** Writes what a Prometheus in `dir` scrapes and evaluates; one that runs reads it again on SIGHUP. */
export const writeConfiguration = (
  options: Parameters<typeof configuration>[0] & Pick<PrometheusOptions, 'dir'>,
): string => {
  mkdirSync(options.dir, { recursive: true });
  const file = join(options.dir, 'prometheus.json');
  writeFileSync(file, configuration(options));
  return file;
};

/** Whether a server says at this URL that it can serve. */
export const answersAt = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    // Not listening yet.
    return false;
  }
};

const ask = async (url: string, parameters: Readonly<Record<string, string>>): Promise<unknown> => {
  const answer = await fetch(url, {
    method: 'POST',
    body: new URLSearchParams(parameters),
    signal: AbortSignal.timeout(30_000),
  });
  const body = (await answer.json()) as { status: string; error?: string; data: unknown };
  if (body.status !== 'success') throw new Error(`${parameters['query']}: ${body.error}`);
  return body.data;
};

type QueryData = {
  readonly resultType: string;
  readonly result: readonly Series[] | readonly [number, string];
};

const seriesOf = (data: unknown): readonly Series[] => {
  const { resultType, result } = data as QueryData;
  return resultType === 'scalar' || resultType === 'string'
    ? [{ metric: {}, value: result as readonly [number, string] }]
    : (result as readonly Series[]);
};

/** A Prometheus that somebody else runs. */
export const prometheusAt = (url: string): Omit<PrometheusServer, 'stop'> => ({
  url,
  query: async (query, atMs = Date.now()) =>
    seriesOf(await ask(`${url}/api/v1/query`, { query, time: String(atMs / 1000) })),
  queryRange: async (query, { startMs, endMs, stepSeconds }) =>
    seriesOf(
      await ask(`${url}/api/v1/query_range`, {
        query,
        start: String(startMs / 1000),
        end: String(endMs / 1000),
        step: String(stepSeconds),
      }),
    ),
  rules: async () => {
    const answer = await fetch(`${url}/api/v1/rules`, { signal: AbortSignal.timeout(30_000) });
    const { data } = (await answer.json()) as {
      data: { groups: readonly { rules: readonly RuleState[] }[] };
    };
    return data.groups.flatMap((group) => group.rules);
  },
});

/** Starts Prometheus on loopback and returns once it serves queries; its data and its log are in `dir` and the book's. */
export const startPrometheus = async (options: PrometheusOptions): Promise<PrometheusServer> => {
  const { dir, processes } = options;
  const configFile = writeConfiguration(options);
  for (let attempt = 1; ; attempt++) {
    const claim = await claimPort();
    const url = `http://127.0.0.1:${claim.port}`;
    const program = processes.start({
      name: options.name ?? 'prometheus',
      layer: 3,
      command: options.assets.prometheus,
      args: [
        `--config.file=${configFile}`,
        `--storage.tsdb.path=${join(dir, 'data')}`,
        `--web.listen-address=127.0.0.1:${claim.port}`,
        '--enable-feature=exemplar-storage',
        // So that Alertmanager hears of what is over at the next evaluation.
        '--rules.alert.resend-delay=1s',
        '--log.level=warn',
      ],
    });
    try {
      await processes.ready(program, () => answersAt(`${url}/-/ready`), { signal: options.signal });
      return { ...prometheusAt(url), stop: () => processes.stopOne(program) };
    } catch (error) {
      if (!lostItsPort(error) || attempt === 5) throw error;
    } finally {
      claim.release();
    }
  }
};
