import { expect, test } from '@jest/globals';
import { createPublicClient, custom } from 'viem';
import { timedTransport } from './timedTransport.ts';

const observed = async (answer: () => Promise<unknown>) => {
  const seen: { readonly method: string; readonly seconds: number }[] = [];
  const transport = custom({ request: answer }, { retryCount: 0 });
  const rpc = createPublicClient({
    transport: timedTransport(transport, (method, seconds) => seen.push({ method, seconds })),
  });
  const result = await rpc.getChainId().catch((error: unknown) => error);
  return { seen, result };
};

test('a request is timed by its method, and answered as without', async () => {
  const { seen, result } = await observed(() => Promise.resolve('0x7a69'));
  expect(result).toBe(31_337);
  expect(seen).toEqual([{ method: 'eth_chainId', seconds: expect.any(Number) }]);
  expect(seen[0]!.seconds).toBeGreaterThanOrEqual(0);
});

test('one that fails is timed too, and fails as without', async () => {
  const { seen, result } = await observed(() => Promise.reject(new Error('away')));
  expect(result).toBeInstanceOf(Error);
  expect(seen.map(({ method }) => method)).toContain('eth_chainId');
});
