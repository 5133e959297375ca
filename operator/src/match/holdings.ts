import { parseTokenAmount } from '@gridlease/contracts/amount';
import type { GPULease } from '@gridlease/crds/gpulease';
import { leaseIsActive } from '@gridlease/crds/leaseState';
import { MAX_AMOUNT } from '@gridlease/crds/openEnded';
import type { PlacementRecord } from '@gridlease/crds/placementrecord';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { objectKey } from '@gridlease/kube/object';
import { leaseKeyOf } from './carryOut.ts';
import { billedOf } from './leaseCost.ts';
import type { Holding, Ledger } from './ledger.ts';

/** Keeps the ledger in step with a lease: held while it is active, free once it has ended or is gone. */
export function followLease(ledger: Ledger, lease: GPULease, isGone: boolean): void {
  const key = objectKey(lease);
  if (isGone || !leaseIsActive(lease)) {
    ledger.release(key);
    return;
  }
  const { spec } = lease;
  const gpus = spec.terms.gpuCount;
  ledger.hold(key, {
    accountUid: spec.accountRef.uid,
    provider: spec.providerName,
    product: spec.product,
    gpus,
    hourly: BigInt(spec.terms.pricePerGpuHour) * BigInt(gpus),
    maxAmount: BigInt(spec.terms.maxAmount),
    hasEnd: spec.terms.maxSeconds > 0,
    billed: billedOf(lease),
  });
}

/** Holds what a record without a lease will take: found after a restart, before it is carried out. */
export function followRecord(
  ledger: Ledger,
  record: PlacementRecord,
  chain: SettlementChain,
): void {
  const { winner, accountRef } = record.spec;
  const price = parseTokenAmount(winner.pricePerGPUHour, chain.spec.token.decimals);
  const holding: Holding = {
    accountUid: accountRef.uid,
    provider: winner.providerName,
    product: winner.product,
    gpus: winner.gpuCount,
    hourly: price * BigInt(winner.gpuCount),
    maxAmount: BigInt(winner.maxAmount),
    // With a budget and without an end it holds all of the budget, for the moment until the lease exists.
    hasEnd: BigInt(winner.maxAmount) !== MAX_AMOUNT,
    billed: 0n,
  };
  ledger.hold(leaseKeyOf(record), holding);
}
