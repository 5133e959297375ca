import { abortable } from '@gridlease/kube/abort';
import type { Logger } from '@gridlease/kube/log';
import { createPublicClient, http } from 'viem';
import type { AgentConfig } from './config.ts';
import { askChain, isKnown, type KnownConfig } from './knownChain.ts';
import { type Ask, readAsks } from './offer/asks.ts';
import { untilDone } from './untilDone.ts';

/**
 * The configuration with what it leaves out, and its prices in the smallest units of the token. Asks
 * the chain until it answers; whoever needs neither goes on meanwhile. Rejects with a TerminalError
 * when the answer says that the configuration is wrong, and when the signal aborts.
 */
export async function completeConfig(
  config: AgentConfig,
  signal: AbortSignal,
  log: Logger,
): Promise<{ readonly config: KnownConfig; readonly asks: readonly Ask[] }> {
  let { chain } = config;
  if (!isKnown(chain)) {
    const client = createPublicClient({ transport: http(chain.rpcURL, { timeout: 10_000 }) });
    const ask = async (s: AbortSignal): Promise<void> => {
      chain = await abortable(askChain(client, config.chain), s);
    };
    await untilDone('Asking the chain what the configuration leaves out', ask, signal, log);
    signal.throwIfAborted();
  }
  if (!isKnown(chain)) throw new Error('The chain was asked and not heard');
  if (chain !== config.chain) {
    const { chainId, token } = chain;
    log.info({ chainId, token }, 'The chain says what the configuration leaves out');
  }
  return { config: { ...config, chain }, asks: readAsks(config.offers, chain.token) };
}
