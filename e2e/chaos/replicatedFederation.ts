import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProviderSpec } from '../cluster/defaultProviders.ts';
import { type Federation, startFederation } from '../cluster/federation.ts';
import type { Program } from '../cluster/program.ts';
import { waitFor } from '../cluster/waitFor.ts';
import { AuditReader } from './auditReader.ts';
import { PodRecorder } from './podRecorder.ts';

/** One provider, and of the operator and of its agent two replicas each. */
export type ReplicatedFederation = AsyncDisposable & {
  readonly federation: Federation;
  readonly operators: readonly Program[];
  readonly agents: readonly Program[];
  readonly recorders: readonly PodRecorder[];
  readonly audit: AuditReader;
  readonly signal: AbortSignal;
  /** Starts every replica again with an election of its own: all of them act at the same time. */
  letAllLead(): Promise<void>;
  /** The last lines that each replica logged, for whoever looks for a cause. */
  lastWords(): string;
};

const provider: ProviderSpec = {
  name: 'alpha',
  region: 'eu-central',
  jurisdiction: 'DE',
  pools: [{ product: 'L40S', nodes: 2, gpusPerNode: 8 }],
  offers: [{ product: 'L40S', pricePerGPUHour: '0.80' }],
};

export const startReplicatedFederation = async (
  signal: AbortSignal,
): Promise<ReplicatedFederation> => {
  const dir = mkdtempSync(join(tmpdir(), 'gridlease-replicas-'));
  const stopRecording = new AbortController();
  const dispose = async (federation?: Federation): Promise<void> => {
    stopRecording.abort();
    await federation?.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const federation = await startFederation({
      providers: [provider],
      operators: 2,
      agentReplicas: 2,
      dir,
      audit: true,
      signal,
    });
    const { operators, agentReplicas } = federation.programs!;
    const [agents = []] = agentReplicas;
    const recorders = federation.providers.map(({ name, client }) => new PodRecorder(name, client));
    for (const recorder of recorders) void recorder.run(stopRecording.signal);
    const configOf = (name: string): string =>
      join(dir, name.startsWith('operator') ? 'hub' : `providers/${provider.name}`, `${name}.json`);
    const withOwnElection = async (program: Program): Promise<void> => {
      const { name } = program.process;
      await federation.processes.kill(name);
      const file = configOf(name);
      const config = JSON.parse(readFileSync(file, 'utf8')) as { leaderElection: object };
      const leaderElection = { ...config.leaderElection, leaseName: `alone-${name}` };
      writeFileSync(file, JSON.stringify({ ...config, leaderElection }));
      federation.processes.startAgain(name);
    };
    return {
      federation,
      operators,
      agents,
      recorders,
      audit: new AuditReader(federation),
      signal,
      letAllLead: async () => {
        await Promise.all([...operators, ...agents].map(withOwnElection));
        const all = [...operators, ...agents];
        await Promise.all(all.map((one) => untilItLeads(one)));
      },
      lastWords: () =>
        [...operators, ...agents]
          .map(({ process: { name } }) => {
            const log = readFileSync(join(dir, 'logs', `${name}.log`), 'utf8');
            return `${name}:\n${log.trim().split('\n').slice(-25).join('\n')}`;
          })
          .join('\n'),
      [Symbol.asyncDispose]: () => dispose(federation),
    };
  } catch (error) {
    await dispose();
    throw error;
  }
};

/** Whether a program says of itself that it leads; false also when it doesn't answer. */
export const leads = async ({ metricsURL }: Program): Promise<boolean> => {
  try {
    const response = await fetch(metricsURL, { signal: AbortSignal.timeout(2_000) });
    return /^leader_election_master_status\{.*\} 1$/m.test(await response.text());
  } catch {
    // Gone, or stopped for a while.
    return false;
  }
};

/** Waits for a leader among the programs; with it the seconds that this took. */
export const untilOneLeads = async (
  programs: readonly Program[],
): Promise<{ readonly leader: Program; readonly seconds: number }> => {
  const begunMs = performance.now();
  const leader = await waitFor(
    async () => {
      const answers = await Promise.all(programs.map(leads));
      return programs[answers.indexOf(true)];
    },
    {
      what: `one of ${programs.map(({ process }) => process.name).join(', ')} leads`,
      timeoutMilliseconds: 60_000,
      intervalMilliseconds: 50,
    },
  );
  return { leader, seconds: (performance.now() - begunMs) / 1000 };
};

const untilItLeads = async (program: Program): Promise<void> => {
  await untilOneLeads([program]);
};
