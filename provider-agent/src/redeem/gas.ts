import { describeError } from '@gridlease/kube/errors';
import type { Gauge } from 'prom-client';
import { type Address, formatEther } from 'viem';
import type { RedeemDeps } from './deps.ts';

/** How often the gas key's balance is asked for: it changes with a transaction or a gift. */
const everyMs = 15_000;

/** Shows what the gas key has; asked now and then, and nothing fails for want of an answer. */
export function watchGas(
  { chain, clock, log }: Pick<RedeemDeps, 'chain' | 'clock' | 'log'>,
  address: Address,
  gauge: Gauge,
): { look(signal: AbortSignal): Promise<void> } {
  let dueMs = 0;
  return {
    async look(signal) {
      if (clock.monotonicMs() < dueMs) return;
      dueMs = clock.monotonicMs() + everyMs;
      try {
        gauge.set(Number(formatEther(await chain.coins(address, signal))));
      } catch (error) {
        if (signal.aborted) throw error;
        log.debug({ error: describeError(error) }, 'The gas balance was not read');
      }
    },
  };
}
