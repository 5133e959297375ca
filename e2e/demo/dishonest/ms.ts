import { amountFor, parseTokenAmount } from '@gridlease/contracts/amount';
import { DEFAULT_PROVIDERS } from '../../cluster/defaultProviders.ts';
import { runDishonestAgent } from './runDishonestAgent.ts';

/** What the dishonest provider asks for the GPUs of the array. */
const ask = DEFAULT_PROVIDERS[0]?.offers[0]?.pricePerGPUHour ?? '0';
const price = parseTokenAmount(ask, 6);

/** Bills a second that no container ran, at the right price: only the pods know better. */
await runDishonestAgent({
  rows: (rows) =>
    rows.map((row) => {
      if (row.gpuMs === 0n) return row;
      const gpuMs = row.gpuMs + 1_000n;
      return { ...row, gpuMs, amount: amountFor(price, gpuMs) };
    }),
});
