import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTcpProxy, type TcpProxy } from '@gridlease/kube/testing/tcpProxy';
import { DEFAULT_PROVIDERS } from '../cluster/defaultProviders.ts';
import { type Federation, startFederation } from '../cluster/federation.ts';
import { waitUntilInService } from '../cluster/readiness.ts';
import { waitFor } from '../cluster/waitFor.ts';
import { AuditReader } from './auditReader.ts';
import { PodRecorder } from './podRecorder.ts';

/** A federation to be mistreated, and everything that watches it while it is. */
export type World = AsyncDisposable & {
  readonly federation: Federation;
  /** The programs' way to the chain. */
  readonly chain: TcpProxy;
  readonly recorders: readonly PodRecorder[];
  readonly audit: AuditReader;
  readonly signal: AbortSignal;
  /** Resolves when every program answers and every provider is in service. */
  inService(): Promise<void>;
};

export const PROVIDER_NAMES = DEFAULT_PROVIDERS.map(({ name }) => name);

export type WorldOptions = {
  /** Keeps the folder with logs and audit logs and says where it is. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
};

export async function startWorld({ keep, signal, say }: WorldOptions): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), 'gridlease-chaos-'));
  let chain: TcpProxy | undefined;
  const stopRecording = new AbortController();
  try {
    const federation = await startFederation({
      providers: DEFAULT_PROVIDERS,
      dir,
      audit: true,
      signal,
      chainRoute: async (rpcURL) => {
        chain = await startTcpProxy(rpcURL);
        // The proxy names its address as of an API server's.
        return chain.url.replace('https:', 'http:');
      },
    });
    if (chain === undefined) throw new Error('the federation took no way to the chain');
    const way = chain;
    const recorders = federation.providers.map((p) => new PodRecorder(p.name, p.client));
    const recording = recorders.map((recorder) => recorder.run(stopRecording.signal));
    const audit = new AuditReader(federation);
    return {
      federation,
      chain: way,
      recorders,
      signal,
      audit,
      inService: () => inService(federation, signal),
      async [Symbol.asyncDispose]() {
        stopRecording.abort();
        await federation.stop();
        await Promise.all([way.refuse(), ...recording]);
        if (keep) say(`logs and audit logs are in ${dir}`);
        else rmSync(dir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    stopRecording.abort();
    await chain?.refuse();
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

async function inService(federation: Federation, signal: AbortSignal): Promise<void> {
  const { hub, providers, programs } = federation;
  const answers = async (url: string) =>
    (await fetch(url.replace('/metrics', '/readyz'), { signal: AbortSignal.timeout(2_000) })).ok;
  const ready = (what: string, ask: () => Promise<boolean>) =>
    waitFor(ask, { what: `${what} ready`, timeoutMilliseconds: 90_000, signal });
  await Promise.all([
    ...[hub, ...providers].map((plane) =>
      ready(
        `${plane.name}-apiserver`,
        async () => (await plane.client.get('/readyz')) !== undefined,
      ),
    ),
    ...[programs?.operator, ...(programs?.agents ?? [])].map((program) =>
      ready(program?.process.name ?? 'program', () => answers(program?.metricsURL ?? '')),
    ),
  ]);
  await waitUntilInService(hub.client, providers, signal);
}
