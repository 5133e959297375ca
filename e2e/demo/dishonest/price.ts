import { runDishonestAgent } from './runDishonestAgent.ts';

/** Bills the true time at twice the agreed price. */
await runDishonestAgent({
  rows: (rows) => rows.map((row) => ({ ...row, amount: row.amount * 2n })),
});
