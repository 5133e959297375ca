import type { Transport } from 'viem';

/** Called after each request to an RPC, answered or not. */
export type ObserveRequest = (method: string, seconds: number) => void;

/** The same transport, which tells how long each request took: as the caller waited, batches included. */
export function timedTransport(transport: Transport, observe: ObserveRequest): Transport {
  return (options) => {
    const timed = transport(options);
    const request = async (call: Parameters<typeof timed.request>[0]): Promise<unknown> => {
      const begunMs = performance.now();
      try {
        return await timed.request(call);
      } finally {
        observe(call.method, (performance.now() - begunMs) / 1_000);
      }
    };
    return { ...timed, request: request as typeof timed.request };
  };
}
