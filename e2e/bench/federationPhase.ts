import { ApiClient, type Manifest } from '../cluster/apiClient.ts';
import type { Federation } from '../cluster/federation.ts';
import { TENANT } from '../cluster/hub.ts';
import {
  difference,
  isListOrWatch,
  isWrite,
  type RequestCounts,
  requestCounts,
  type SentWrites,
  sentWrites,
  total,
} from './apiRequests.ts';
import { gpuJobs } from './benchJobs.ts';
import { createAll } from './createAll.ts';
import { addedUid, lastOf, perSecond } from './plainPhase.ts';
import { type UsageByProcess, usageOf, usedBetween } from './processUsage.ts';
import { type Arrivals, arrivals, type Watch, watchLines } from './watchLines.ts';

export const group = '/apis/gridlease.dev/v1alpha1';
export const jobsPath = `${group}/namespaces/${TENANT.namespace}/gpujobs`;

export type ClusterRequests = {
  /** Writes that Gridlease's own programs sent, by their own counters, a job. */
  readonly ownWritesPerJob: number;
  /** All that the API server answered, LIST and WATCH left out, a job. */
  readonly requestsPerJob: number;
  readonly writesPerJob: number;
  /** By verb and resource, all jobs together. */
  readonly requests: RequestCounts;
};

export type DispatchResult = {
  readonly jobs: number;
  readonly createdSeconds: number;
  readonly presentSeconds: number;
  readonly runningSeconds: number;
  readonly settledSeconds: number;
  readonly jobsPerSecondToPresent: number;
  readonly jobsPerSecondToRunning: number;
  readonly jobsPerSecondToSettled: number;
  /** Leases per provider. */
  readonly spread: Readonly<Record<string, number>>;
  readonly hub: ClusterRequests;
  /** The three together. */
  readonly providers: ClusterRequests;
  readonly cpuSecondsPerJob: number;
  readonly processes: UsageByProcess;
};

export type RunOptions = {
  readonly jobs: number;
  readonly concurrency: number;
  readonly seconds: number;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
};

/** Creates the jobs at the hub and follows them to the end; measures nothing but what it returns. */
export async function federationPhase(
  federation: Federation,
  prefix: string,
  options: RunOptions,
): Promise<DispatchResult> {
  const { hub, providers } = federation;
  const clients = [hub, ...providers].map(({ apiServer }) => apiServer.accessAs('bootstrap'));
  const [hubClient, ...providerClients] = clients.map((access) => new ApiClient(access));
  const follow = await followAll(providers.map(({ name }, i) => [name, providerClients[i]!]));
  const settledLeases = arrivals('leases Settled');
  const watches: Watch[] = [...follow.watches];
  try {
    const before = await look(federation, hubClient!, providerClients);
    const jobs = benchJobs(prefix, options);
    const made = await createAll(hubClient!, jobsPath, jobs, options.concurrency);
    await tell(follow, options);
    watches.push(await followSettled(hubClient!, prefix, settledLeases));
    await settledLeases.until(options.jobs, 120, options.signal);
    const after = await look(federation, hubClient!, providerClients);
    const since = (ms: number) => Math.round(ms - made.firstMs) / 1_000;
    const seconds = {
      present: since(lastOf(follow.present.seen)!),
      running: since(lastOf(follow.running.seen)!),
      settled: since(lastOf(settledLeases.seen)!),
    };
    return {
      jobs: options.jobs,
      createdSeconds: since(made.lastMs),
      presentSeconds: seconds.present,
      runningSeconds: seconds.running,
      settledSeconds: seconds.settled,
      jobsPerSecondToPresent: perSecond(options.jobs, seconds.present),
      jobsPerSecondToRunning: perSecond(options.jobs, seconds.running),
      jobsPerSecondToSettled: perSecond(options.jobs, seconds.settled),
      spread: Object.fromEntries(follow.spread),
      ...costs(before, after, options.jobs),
    };
  } finally {
    for (const watch of watches) watch.close();
    for (const client of [hubClient!, ...providerClients]) client.close();
  }
}

/** The jobs of a run as the tenant's. */
export function benchJobs(
  prefix: string,
  { jobs, seconds }: Pick<RunOptions, 'jobs' | 'seconds'>,
): Manifest[] {
  const { namespace, paymentAccount: accountName } = TENANT;
  return gpuJobs(prefix, jobs, { namespace, accountName, seconds });
}

export type Followed = {
  readonly present: Arrivals;
  readonly running: Arrivals;
  readonly spread: Map<string, number>;
  readonly watches: readonly Watch[];
};

/** Leases that providers have recorded, and pods of leases that run there. */
export async function followAll(
  providers: readonly (readonly [string, ApiClient])[],
): Promise<Followed> {
  const present = arrivals('leases present at the providers');
  const running = arrivals('pods Running');
  const spread = new Map<string, number>();
  const watches: Watch[] = [];
  for (const [name, client] of providers) {
    const record = (line: string): void => {
      const uid = addedUid(line);
      if (uid === undefined) return;
      present.add(uid);
      spread.set(name, (spread.get(name) ?? 0) + 1);
    };
    const pod = (line: string): void => {
      const uid = addedUid(line);
      if (uid !== undefined) running.add(uid);
    };
    const pods = '/api/v1/pods?labelSelector=gridlease.dev%2Flease-uid&fieldSelector=';
    watches.push(await watchLines(client, `${group}/leaserecords`, record, present.fail));
    watches.push(await watchLines(client, `${pods}status.phase%3DRunning`, pod, running.fail));
  }
  return { present, running, spread, watches };
}

async function tell({ present, running }: Followed, options: RunOptions): Promise<void> {
  const { jobs, signal, say } = options;
  const timer = setInterval(
    () => say(`  ${present.seen.size} present, ${running.seen.size} Running of ${jobs}`),
    5_000,
  );
  try {
    await present.until(jobs, 120, signal);
    await running.until(jobs, 120, signal);
    say(`  all ${jobs} have run; waiting until they are settled`);
  } finally {
    clearInterval(timer);
  }
}

/** Begins only when all pods have run: leases are written often, and each event would be read here. */
async function followSettled(client: ApiClient, prefix: string, into: Arrivals): Promise<Watch> {
  const path = `${group}/gpuleases`;
  const note = (lease: SettledLease): void => {
    const { name, uid } = lease.metadata;
    const settled = lease.status?.conditions?.find(({ type }) => type === 'Settled');
    if (settled?.status === 'True' && name.startsWith(`${prefix}-`)) into.add(uid);
  };
  const watch = await watchLines(
    client,
    path,
    (line) => {
      if (line.includes('"type":"Settled"')) note((JSON.parse(line) as Event).object);
    },
    into.fail,
  );
  for (const lease of (await client.get<{ items: SettledLease[] }>(path)).items) note(lease);
  return watch;
}

type SettledLease = {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
};
type Event = { readonly object: SettledLease };

type Look = {
  readonly hub: RequestCounts;
  readonly providers: readonly RequestCounts[];
  readonly sent: readonly SentWrites[];
  readonly hubHost: string;
  readonly usage: UsageByProcess;
};

async function look(
  federation: Federation,
  hub: ApiClient,
  providers: readonly ApiClient[],
): Promise<Look> {
  const { operator, agents } = federation.programs!;
  return {
    hub: await requestCounts(hub),
    providers: await Promise.all(providers.map(requestCounts)),
    sent: await Promise.all([operator, ...agents].map(({ metricsURL }) => sentWrites(metricsURL))),
    hubHost: new URL(hub.access.server).host,
    usage: usageOf(federation.processes.records()),
  };
}

function costs(before: Look, after: Look, jobs: number) {
  const ownWrites = (look: Look, isWanted: (host: string) => boolean): number =>
    look.sent
      .flatMap((sent) => Object.entries(sent))
      .reduce((sum, [host, count]) => (isWanted(host) ? sum + count : sum), 0);
  const part = (requests: RequestCounts, isWanted: (host: string) => boolean): ClusterRequests => ({
    ownWritesPerJob: perSecond(ownWrites(after, isWanted) - ownWrites(before, isWanted), jobs),
    requestsPerJob: perSecond(
      total(requests, (name) => !isListOrWatch(name)),
      jobs,
    ),
    writesPerJob: perSecond(total(requests, isWrite), jobs),
    requests,
  });
  const isHub = (host: string) => host === after.hubHost;
  const processes = usedBetween(before.usage, after.usage);
  const cpuSeconds = Object.values(processes).reduce((sum, { cpuSeconds: s }) => sum + s, 0);
  return {
    hub: part(difference(before.hub, after.hub), isHub),
    providers: part(
      difference(sumOf(before.providers), sumOf(after.providers)),
      (host) => !isHub(host),
    ),
    cpuSecondsPerJob: Math.round((cpuSeconds / jobs) * 1_000) / 1_000,
    processes,
  };
}

function sumOf(all: readonly RequestCounts[]): RequestCounts {
  const sum: Record<string, number> = {};
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
  }
  return sum;
}
