import { type CallDescription, withClientSpan } from './tracing.ts';

/** A call to a chain as a span says it: in our own words. The RPC's address is left out, since it often holds a key. */
export function withChainSpan<T>(
  what: string,
  chainId: bigint | number | undefined,
  call: () => Promise<T>,
): Promise<T> {
  const describe = (): CallDescription => ({
    name: 'chain call',
    attributes: {
      'rpc.system.name': 'jsonrpc',
      'gridlease.chain.call': what.slice(0, 200),
      'gridlease.chain.id': chainId === undefined ? undefined : Number(chainId),
    },
  });
  return withClientSpan(describe, call);
}
