import { join } from 'node:path';
import { ensureAssets } from '../cluster/assets.ts';
import { startFederation } from '../cluster/federation.ts';
import { terminalProgress } from '../cluster/progress.ts';
import type { BenchArguments } from './arguments.ts';
import { type AuditedWrites, auditedWrites, auditMarks } from './audit.ts';
import { benchProviders, plainProvider } from './benchJobs.ts';
import { type DispatchResult, federationPhase } from './federationPhase.ts';
import { type Machine, machine } from './machine.ts';
import { type PlainResult, plainPhase } from './plainPhase.ts';
import { takeSamples, type WriteCost, writeCosts } from './writeCosts.ts';

export type DispatchReport = {
  readonly bench: 'dispatch';
  readonly machine: Machine;
  readonly settings: Pick<BenchArguments, 'jobs' | 'concurrency' | 'warmUp' | 'seconds'> & {
    readonly gpus: number;
  };
  readonly plain: PlainResult;
  readonly gridlease: DispatchResult;
  /** gridlease's jobs a second to Running over plain's. */
  readonly ratio: number;
  /** What an API server spends on a write of each hot kind, on an otherwise idle machine. */
  readonly apiWrites: readonly WriteCost[];
  /** Only with --audit. */
  readonly auditedWrites?: AuditedWrites;
};

export type BenchContext = {
  /** For clusters, logs and profiles. */
  readonly dir: string;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
};

/** Plain Jobs first, alone on the machine; then the federation, alone on the machine. */
export async function dispatchBench(
  options: BenchArguments,
  context: BenchContext,
): Promise<DispatchReport> {
  const { dir, say, signal } = context;
  const progress = terminalProgress();
  const assets = await ensureAssets({ progress, signal });
  const specs = benchProviders(options.jobs);
  const plainSpec = plainProvider(specs);
  const plain = await plainPhase({ ...options, dir, assets, spec: plainSpec, say, signal });
  say(`  ${plain.jobsPerSecondToRunning} jobs/s to Running`);
  say('starting a hub and three providers');
  const { gridlease, samples, audited } = await federated();
  const apiWrites = options.writes ? await costOfWrites() : [];
  return {
    bench: 'dispatch',
    machine: machine(),
    settings: {
      jobs: options.jobs,
      concurrency: options.concurrency,
      warmUp: options.warmUp,
      seconds: options.seconds,
      gpus: specs.reduce((sum, { pools }) => sum + pools[0]!.nodes * pools[0]!.gpusPerNode, 0),
    },
    plain,
    gridlease,
    ratio:
      Math.round((gridlease.jobsPerSecondToRunning / plain.jobsPerSecondToRunning) * 1e3) / 1e3,
    apiWrites,
    ...audited,
  };

  function costOfWrites() {
    say('measuring what a write of each hot kind costs an API server');
    return writeCosts(samples, { dir: join(dir, 'idle'), assets, say, signal });
  }

  async function federated() {
    say('starting a hub and three providers');
    const stopProfiling = options.profile ? profilePrograms(dir) : undefined;
    await using federation = await startFederation({
      providers: specs,
      dir: join(dir, 'federation'),
      audit: options.audit,
      progress,
      signal,
    }).finally(stopProfiling);
    say(`GPUJobs: warming up with ${options.warmUp}`);
    const quiet = { ...options, say: () => undefined, signal };
    await federationPhase(federation, 'warm-up', { ...quiet, jobs: options.warmUp });
    say(`GPUJobs: ${options.jobs} over three providers`);
    const marks = auditMarks(federation.auditFiles);
    const gridlease = await federationPhase(federation, 'bench', { ...options, say, signal });
    const audited = options.audit
      ? { auditedWrites: auditedWrites(federation.auditFiles, marks, options.jobs) }
      : {};
    const samples = await takeSamples(federation.hub.client, federation.providers[0]!.client);
    return { gridlease, samples, audited };
  }
}

/** Programs started from now on write CPU profiles into `dir` when they end; returns what ends that. */
function profilePrograms(dir: string): () => void {
  const before = process.env['NODE_OPTIONS'];
  process.env['NODE_OPTIONS'] = `--cpu-prof --cpu-prof-dir=${join(dir, 'profiles')}`;
  return () => {
    if (before === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = before;
  };
}
