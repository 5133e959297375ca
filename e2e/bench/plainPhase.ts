import { join } from 'node:path';
import type { ApiClient } from '../cluster/apiClient.ts';
import type { AssetPaths } from '../cluster/assets.ts';
import type { ProviderSpec } from '../cluster/defaultProviders.ts';
import { Processes } from '../cluster/processes.ts';
import { startProviderCluster } from '../cluster/providerCluster.ts';
import { difference, type RequestCounts, requestCounts } from './apiRequests.ts';
import { plainJobs } from './benchJobs.ts';
import { createAll } from './createAll.ts';
import { type UsageByProcess, usageOf, usedBetween } from './processUsage.ts';
import { arrivals, watchLines } from './watchLines.ts';

const namespace = 'bench';
const jobsPath = `/apis/batch/v1/namespaces/${namespace}/jobs`;

export type PlainResult = {
  readonly createdSeconds: number;
  readonly runningSeconds: number;
  readonly completedSeconds: number;
  readonly jobsPerSecondToRunning: number;
  readonly requests: RequestCounts;
  readonly processes: UsageByProcess;
};

type PlainOptions = {
  readonly dir: string;
  readonly assets: AssetPaths;
  readonly spec: ProviderSpec;
  readonly jobs: number;
  readonly warmUp: number;
  readonly concurrency: number;
  readonly seconds: number;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
};

/** The jobs as plain batch/v1 Jobs in one cluster that has this machine to itself; it is gone afterwards. */
export async function plainPhase(options: PlainOptions): Promise<PlainResult> {
  const { dir, assets, spec, signal, say } = options;
  const processes = new Processes(join(dir, 'plain'));
  try {
    const cluster = await startProviderCluster(spec, {
      dir: join(dir, 'plain'),
      assets,
      processes,
      signal,
    });
    const { client } = cluster;
    await client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    say(`plain Jobs: warming up with ${options.warmUp}`);
    await runOnce(client, 'warm-up', options.warmUp, options);
    say(`plain Jobs: ${options.jobs} in one cluster of ${spec.pools[0]?.nodes} nodes`);
    const before = { requests: await requestCounts(client), usage: usageOf(processes.records()) };
    const run = await runOnce(client, 'plain', options.jobs, options);
    const requests = difference(before.requests, await requestCounts(client));
    const used = usedBetween(before.usage, usageOf(processes.records()));
    client.close();
    return { ...run, requests, processes: used };
  } finally {
    await processes.stop();
  }
}

async function runOnce(client: ApiClient, prefix: string, count: number, options: PlainOptions) {
  const running = arrivals('plain pods Running');
  const completed = arrivals('plain pods Succeeded');
  const follow = (phase: string, into: typeof running) =>
    watchLines(
      client,
      `/api/v1/namespaces/${namespace}/pods?fieldSelector=status.phase%3D${phase}`,
      (line) => {
        const uid = addedUid(line);
        if (uid !== undefined) into.add(uid);
      },
      into.fail,
    );
  const watches = [await follow('Running', running), await follow('Succeeded', completed)];
  try {
    const jobs = plainJobs(prefix, count, { namespace, seconds: options.seconds });
    const { firstMs, lastMs } = await createAll(client, jobsPath, jobs, options.concurrency);
    await running.until(count, 120, options.signal);
    const runningMs = performance.now();
    await completed.until(count, 120, options.signal);
    const since = (ms: number) => Math.round(ms - firstMs) / 1_000;
    return {
      createdSeconds: since(lastMs),
      runningSeconds: since(lastOf(running.seen) ?? runningMs),
      completedSeconds: since(lastOf(completed.seen) ?? performance.now()),
      jobsPerSecondToRunning: perSecond(count, since(lastOf(running.seen) ?? runningMs)),
    };
  } finally {
    for (const watch of watches) watch.close();
  }
}

/** UID of the object that an ADDED event brings; undefined for any other event. */
export function addedUid(line: string): string | undefined {
  if (!line.startsWith('{"type":"ADDED"')) return undefined;
  return /"uid":"([0-9a-f-]{36})"/.exec(line)?.[1];
}

export function lastOf(seen: ReadonlyMap<string, number>): number | undefined {
  let last: number | undefined;
  for (const at of seen.values()) if (last === undefined || at > last) last = at;
  return last;
}

export const perSecond = (count: number, seconds: number): number =>
  seconds === 0 ? 0 : Math.round((count / seconds) * 100) / 100;
