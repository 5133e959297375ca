import type { DeliveredLease } from './pods.ts';

/** What a person was told about one lease: the receipt, as printed. Money in smallest units. */
export type Receipt = {
  readonly leaseUid: string;
  readonly leaseName: string;
  readonly jobName: string;
  readonly provider: string;
  readonly product: string;
  readonly gpuMs: bigint;
  readonly amount: bigint;
};

/** What the chain says was paid from one tenant to one provider. Smallest units. */
export type ChainPayment = { readonly provider: string; readonly claimed: bigint };

/** The escrow as its logs and storage tell it. Smallest units; tokens held as the token itself says. */
export type EscrowLedger = {
  readonly deposited: bigint;
  readonly free: bigint;
  readonly reserved: bigint;
  readonly claimed: bigint;
  readonly accrued: bigint;
  readonly withdrawn: bigint;
  readonly tokenBalance: bigint;
};

/** A provider's ask for one product, as it configured it: smallest units per GPU-hour. */
export type Ask = { readonly provider: string; readonly product: string; readonly price: bigint };

export type CheckInput = {
  readonly delivered: readonly DeliveredLease[];
  readonly receipts: readonly Receipt[];
  readonly asks: readonly Ask[];
  readonly payments: readonly ChainPayment[];
  readonly ledger: EscrowLedger;
  readonly forbidden: readonly string[];
};

/** One sentence per disagreement; none means that pods, receipts and chain tell the same story. */
export function disagreements(input: CheckInput): readonly string[] {
  return [
    ...leaseDisagreements(input),
    ...paymentDisagreements(input),
    ...ledgerDisagreements(input.ledger),
    ...duplicateAttempts(input.delivered),
    ...input.forbidden,
  ];
}

function leaseDisagreements({ delivered, receipts, asks }: CheckInput): readonly string[] {
  const found: string[] = [];
  const byUid = new Map(receipts.map((receipt) => [receipt.leaseUid, receipt]));
  for (const lease of delivered) {
    const receipt = byUid.get(lease.leaseUid);
    if (receipt === undefined) {
      found.push(
        `ms: provider ${lease.provider} ran lease ${lease.leaseUid}, which has no receipt`,
      );
      continue;
    }
    const name = `lease ${receipt.leaseName} at ${lease.provider}`;
    if (receipt.gpuMs !== lease.gpuMs) {
      found.push(`ms: ${name}: billed ${receipt.gpuMs} GPU-ms, its pods ran ${lease.gpuMs} GPU-ms`);
    }
    const ask = asks.find(
      (a) => a.provider === lease.provider && lease.rawProduct.includes(a.product),
    );
    if (ask === undefined) {
      found.push(`price: ${name}: ${lease.provider} asks nothing for ${lease.rawProduct}`);
      continue;
    }
    const owed = (ask.price * lease.gpuMs) / 3_600_000n;
    if (receipt.amount !== owed) {
      found.push(
        `price: ${name}: billed ${receipt.amount}, but ${lease.gpuMs} GPU-ms at the asked ${ask.price} per GPU-hour are ${owed}`,
      );
    }
  }
  const ran = new Set(delivered.map((lease) => lease.leaseUid));
  for (const receipt of receipts) {
    if (receipt.amount > 0n && !ran.has(receipt.leaseUid)) {
      found.push(
        `ms: lease ${receipt.leaseName} was billed ${receipt.amount}, but no pod of it exists`,
      );
    }
  }
  return found;
}

function paymentDisagreements({ delivered, asks, payments }: CheckInput): readonly string[] {
  const providers = new Set([
    ...delivered.map((l) => l.provider),
    ...payments.map((p) => p.provider),
  ]);
  return [...providers].flatMap((provider) => {
    const owed = delivered
      .filter((lease) => lease.provider === provider)
      .reduce((sum, lease) => {
        const ask = asks.find(
          (a) => a.provider === provider && lease.rawProduct.includes(a.product),
        );
        return sum + ((ask?.price ?? 0n) * lease.gpuMs) / 3_600_000n;
      }, 0n);
    const paid = payments
      .filter((p) => p.provider === provider)
      .reduce((sum, p) => sum + p.claimed, 0n);
    return paid === owed
      ? []
      : [`voucher: ${provider} delivered work worth ${owed}, the chain paid ${paid}`];
  });
}

/** deposited = free + (reserved − claimed) + accrued + withdrawn; and the token agrees. */
function ledgerDisagreements(ledger: EscrowLedger): readonly string[] {
  const found: string[] = [];
  const inside = ledger.free + (ledger.reserved - ledger.claimed) + ledger.accrued;
  if (ledger.deposited !== inside + ledger.withdrawn) {
    found.push(
      `escrow: deposited ${ledger.deposited}, but the parts sum to ${inside + ledger.withdrawn}`,
    );
  }
  if (ledger.tokenBalance !== inside) {
    found.push(`escrow: it owes ${inside}, the token says that it holds ${ledger.tokenBalance}`);
  }
  return found;
}

function duplicateAttempts(delivered: readonly DeliveredLease[]): readonly string[] {
  const seen = new Set<string>();
  return delivered
    .flatMap((lease) => lease.attempts)
    .filter((attempt) => seen.size === seen.add(attempt).size)
    .map((attempt) => `pods: ${attempt} (job, index, epoch) ran twice`);
}
