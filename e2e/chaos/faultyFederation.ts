import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlPlane } from '../cluster/controlPlane.ts';
import type { ProviderSpec } from '../cluster/defaultProviders.ts';
import { type Federation, startFederation } from '../cluster/federation.ts';
import { AuditReader } from './auditReader.ts';
import { type FaultProxy, startFaultProxy } from './faultProxy.ts';
import { PodRecorder } from './podRecorder.ts';

/** One provider, two API servers, and between them and our programs a proxy each. */
export type FaultyFederation = AsyncDisposable & {
  readonly federation: Federation;
  /** Of the hub first, then of the provider's cluster. */
  readonly proxies: readonly FaultProxy[];
  readonly recorders: readonly PodRecorder[];
  readonly audit: AuditReader;
  readonly signal: AbortSignal;
};

const provider: ProviderSpec = {
  name: 'alpha',
  region: 'eu-central',
  jurisdiction: 'DE',
  pools: [{ product: 'L40S', nodes: 2, gpusPerNode: 8 }],
  offers: [{ product: 'L40S', pricePerGPUHour: '0.80' }],
};

/** What an informer does about silence and lost events, sooner than in production. */
const watch = { silenceSeconds: 5, relistSeconds: 6 };
/** There is one replica of each: it need not hurry, and a busy machine must not take its lead away. */
const leaderElection = { durationSeconds: 40, renewDeadlineSeconds: 30, retrySeconds: 2 };

export const startFaultyFederation = async (signal: AbortSignal): Promise<FaultyFederation> => {
  const dir = mkdtempSync(join(tmpdir(), 'gridlease-faults-'));
  const proxies: FaultProxy[] = [];
  const stopRecording = new AbortController();
  const dispose = async (federation?: Federation): Promise<void> => {
    stopRecording.abort();
    await federation?.stop();
    await Promise.all(proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const federation = await startFederation({
      providers: [provider],
      dir,
      audit: true,
      signal,
      operatorSettings: { watch, leaderElection },
      agentSettings: { watch, leaderElection },
      programServer: async ({ apiServer }: ControlPlane) => {
        const proxy = await startFaultProxy({
          server: apiServer.server,
          certificateFile: apiServer.certificateAuthorityFile,
          keyFile: apiServer.servingKeyFile,
        });
        proxies.push(proxy);
        return proxy.url;
      },
    });
    const recorders = federation.providers.map(({ name, client }) => new PodRecorder(name, client));
    for (const recorder of recorders) void recorder.run(stopRecording.signal);
    return {
      federation,
      proxies,
      recorders,
      audit: new AuditReader(federation),
      signal,
      [Symbol.asyncDispose]: () => dispose(federation),
    };
  } catch (error) {
    await dispose();
    throw error;
  }
};
