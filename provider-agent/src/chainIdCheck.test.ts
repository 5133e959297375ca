import { manualClock } from '@gridlease/kube/manualClock';
import { expect, test } from '@jest/globals';
import { chainIdCheck } from './chainIdCheck.ts';

test('an endpoint that serves another chain is found out within half a minute, and refused until it is ours again', async () => {
  const clock = manualClock();
  let served = 7;
  let asked = 0;
  const client = {
    getChainId: async () => {
      asked += 1;
      return served;
    },
  };
  const check = chainIdCheck(client, 7, clock);
  for (let second = 0; second < 25; second += 1) {
    await check();
    clock.advance(1_000);
  }
  expect(asked).toBe(1);
  served = 8;
  clock.advance(5_000);
  for (let time = 0; time < 3; time += 1) {
    await expect(check()).rejects.toThrow('serves chain 8, but chain.chainId is 7');
  }
  served = 7;
  await check();
  await check();
  expect(asked).toBe(5);
});
