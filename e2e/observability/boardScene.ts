import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type FaultProxy, startFaultProxy } from '../chaos/faultProxy.ts';
import type { ControlPlane } from '../cluster/controlPlane.ts';
import type { ProviderSpec } from '../cluster/defaultProviders.ts';
import { type Federation, startFederation } from '../cluster/federation.ts';
import { silentProgress } from '../cluster/progress.ts';
import { type PrometheusServer, startPrometheus } from '../cluster/prometheus.ts';
import type { PrometheusAssetPaths } from '../cluster/prometheusAsset.ts';
import { shippedRules } from './boardQueries.ts';
import { type RPCProxy, startRPCProxy } from './rpcProxy.ts';
import { scrapeTargets } from './scrapeTargets.ts';

/** A small federation whose times are short, everything between its programs that can fail, and a Prometheus. */
export type BoardScene = AsyncDisposable & {
  readonly federation: Federation;
  readonly prometheus: PrometheusServer;
  readonly hubProxy: FaultProxy;
  readonly rpc: RPCProxy;
};

export const honest = 'alpha';
/** Bills twice its price. */
export const cheat = 'bravo';

const providers: readonly ProviderSpec[] = [
  {
    name: honest,
    region: 'eu-central',
    jurisdiction: 'DE',
    pools: [{ product: 'L40S', nodes: 1, gpusPerNode: 8 }],
    offers: [{ product: 'L40S', pricePerGPUHour: '0.80' }],
  },
  {
    name: cheat,
    region: 'us-east',
    jurisdiction: 'US',
    pools: [{ product: 'A100', nodes: 1, gpusPerNode: 4 }],
    offers: [{ product: 'A100', pricePerGPUHour: '1.20' }],
  },
];

/** What takes minutes in production takes seconds here; the order of the times is kept. */
const watch = { silenceSeconds: 8, relistSeconds: 60 };
const operatorSettings = {
  watch,
  unreachableSeconds: 12,
  fenceSeconds: 20,
  stopSeconds: 1,
  replaceSeconds: 32,
};
const agentSettings = {
  watch,
  heartbeatSeconds: 4,
  inventoryMinSeconds: 1,
  stopSeconds: 1,
  // By time alone: what is redeemed at every voucher is never open when the hub looks.
  redeem: { minAmount: '1000', maxDelaySeconds: 20 },
};

export async function startBoardScene(
  assets: PrometheusAssetPaths,
  signal?: AbortSignal,
): Promise<BoardScene> {
  const dir = mkdtempSync(join(tmpdir(), 'gridlease-boards-'));
  const open = new AsyncDisposableStack();
  open.defer(() => rmSync(dir, { recursive: true, force: true }));
  try {
    let hubProxy: FaultProxy | undefined;
    let rpc: RPCProxy | undefined;
    const federation = open.use(
      await startFederation({
        ...{ providers, operatorSettings, agentSettings, dir, signal, progress: silentProgress },
        operators: 2,
        agentPrograms: { [cheat]: resolve(import.meta.dirname, '../demo/dishonest/price.ts') },
        chainRoute: async (url) => {
          rpc = open.use(await startRPCProxy(url));
          return rpc.url;
        },
        programServer: async ({ name, apiServer }: ControlPlane) => {
          if (name !== 'hub') return apiServer.server;
          hubProxy ??= open.use(
            await startFaultProxy({
              server: apiServer.server,
              certificateFile: apiServer.certificateAuthorityFile,
              keyFile: apiServer.servingKeyFile,
            }),
          );
          return hubProxy.url;
        },
      }),
    );
    const prometheus = await startPrometheus({
      dir: join(dir, 'prometheus'),
      processes: federation.processes,
      assets,
      targets: scrapeTargets(federation),
      ruleFiles: shippedRules(),
      signal,
    });
    const closing = open.move();
    return {
      ...{ federation, prometheus, hubProxy: hubProxy!, rpc: rpc! },
      [Symbol.asyncDispose]: () => closing.disposeAsync(),
    };
  } catch (error) {
    await open.disposeAsync();
    throw error;
  }
}
