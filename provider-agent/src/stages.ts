import { acceptStage, closedToTenants, runStage } from './leaseStages.ts';
import type { MeterStage } from './meter/reconcile.ts';
import { meterStage, redeemStage } from './moneyStages.ts';
import { inventoryStage, offerStage } from './offeringStages.ts';
import type { StageContext } from './stageContext.ts';

/** The stages in the order of a lease's way. They know nothing of each other but what is injected here. */
export function createStages(context: StageContext) {
  const closed = closedToTenants(context);
  const offer = offerStage(context);
  const inventory = inventoryStage(context);
  const accept = acceptStage(context, offer, closed);
  // The meter needs the run stage to stop leases, the run stage the meter to know what they cost.
  let meter: MeterStage | undefined;
  const usageListeners: ((leaseUid: string) => void)[] = [];
  const run = runStage(context, closed, {
    usage: (leaseUid) => meter?.usage(leaseUid),
    finalMeter: (leaseUid) => meter?.finalMeter(leaseUid),
    onUsage: (listener) => void usageListeners.push(listener),
  });
  meter = meterStage(context, run);
  meter.onUsage((leaseUid) => {
    for (const listener of usageListeners) listener(leaseUid);
  });
  const redeem = redeemStage(context);
  return { offer, inventory, accept, run, meter, redeem };
}
