import { runDishonestAgent } from './runDishonestAgent.ts';

/** Claims a unit more than the tenant's signer signed for. */
await runDishonestAgent({
  voucher: (voucher) => ({ ...voucher, cumulative: voucher.cumulative + 1n }),
});
