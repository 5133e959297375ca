import type { Address } from 'viem';
import type { SettlementClient } from './deps.ts';
import { type Payment, searchFurther, startSearch } from './settled.ts';

/** Blocks per request: what public RPCs allow. */
const BLOCKS_PER_REQUEST = 2_000n;
/** Requests per search: about two weeks of 12-second blocks. */
const MOST_REQUESTS = 50;

/**
 * The payments that first covered the given cumulatives, found by walking back from a block at which
 * `claimed` was paid. One that lies further back than the search goes is missing from the result.
 */
export async function findPayments(
  client: Pick<SettlementClient, 'settlements'>,
  wanted: {
    readonly key: {
      readonly tenant: Address;
      readonly provider: Address;
      readonly signer: Address;
    };
    readonly generation: number;
    readonly block: bigint;
    readonly claimed: bigint;
    readonly cumulatives: readonly bigint[];
    readonly signal: AbortSignal;
  },
): Promise<ReadonlyMap<bigint, Payment>> {
  let search = startSearch(wanted.claimed, wanted.cumulatives);
  let toBlock = wanted.block;
  for (let request = 0; request < MOST_REQUESTS; request++) {
    if (search.missing.length === 0 || toBlock < 0n) break;
    const from = toBlock - BLOCKS_PER_REQUEST + 1n;
    const range = { fromBlock: from > 0n ? from : 0n, toBlock };
    const payments = await client.settlements(wanted.key, range, wanted.signal);
    search = searchFurther(search, payments, wanted.generation);
    toBlock = range.fromBlock - 1n;
  }
  return search.found;
}
