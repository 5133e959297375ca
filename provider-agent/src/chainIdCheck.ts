import { ChainUnavailableError } from '@gridlease/kube/chainUnavailable';
import type { Clock } from '@gridlease/kube/clock';
import type { PublicClient } from 'viem';

/** An RPC endpoint that is put before another chain is found out so much later at most. */
const everyMs = 30_000;

/**
 * Asks now and then which chain the endpoint serves, and throws while it is another one: its blocks would look fresh, and
 * say nothing about our money. What is known stays, and grows old.
 */
export function chainIdCheck(
  client: Pick<PublicClient, 'getChainId'>,
  chainId: number,
  clock: Pick<Clock, 'monotonicMs'>,
): () => Promise<void> {
  let dueMs = Number.NEGATIVE_INFINITY;
  return async () => {
    const nowMs = clock.monotonicMs();
    if (nowMs < dueMs) return;
    const served = await client.getChainId();
    if (served !== chainId) {
      throw new ChainUnavailableError(
        `chain.rpcURL serves chain ${served}, but chain.chainId is ${chainId}: give it an endpoint of that chain`,
      );
    }
    dueMs = nowMs + everyMs;
  };
}
