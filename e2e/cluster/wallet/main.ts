import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ApiClient } from '../apiClient.ts';
import { interruptSignal } from '../interrupt.ts';
import { readKubeconfig } from '../kubeconfig.ts';
import { chainClients } from '../money.ts';
import { delegatesToServe, type PaymentAccount } from './decide.ts';
import { serveDelegate } from './serve.ts';

/**
 * A tenant's wallet for development. A person with a real wallet would do the same two things once per account:
 * let the operator's delegate key move escrowed money into channels up to a limit, and give it some gas.
 */
export type WalletConfig = {
  readonly kubeconfigPath: string;
  readonly rpcURL: string;
  readonly chainId: number;
  readonly escrow: `0x${string}`;
  readonly privateKeyPath: string;
  /** Smallest token units, decimal. */
  readonly delegateLimit: string;
  /** Wei, decimal: what a delegate gets when it has less than half of it. */
  readonly gas: string;
};

const INTERVAL_MILLISECONDS = 1_000;

const run = async (config: WalletConfig, signal: AbortSignal): Promise<void> => {
  const client = new ApiClient(readKubeconfig(config.kubeconfigPath));
  const key = readFileSync(config.privateKeyPath, 'utf8').trim() as `0x${string}`;
  const clients = chainClients(config, key);
  while (!signal.aborted) {
    try {
      const list = await client.get<{ items: PaymentAccount[] }>(
        '/apis/gridlease.dev/v1alpha1/paymentaccounts',
      );
      for (const delegate of delegatesToServe(list.items, clients.wallet.account.address)) {
        await serveDelegate(clients, config, delegate);
      }
    } catch (error) {
      // The hub or the chain may be away for a moment; the next round sees the same state again.
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    }
    await delay(INTERVAL_MILLISECONDS, undefined, { signal }).catch(() => {
      // Ended while waiting: the loop's condition sees it.
    });
  }
  client.close();
};

const { values } = parseArgs({ options: { config: { type: 'string' } } });
if (values.config === undefined) throw new Error('usage: wallet/main.ts --config FILE');
await run(JSON.parse(readFileSync(values.config, 'utf8')) as WalletConfig, interruptSignal());
process.exit(0);
