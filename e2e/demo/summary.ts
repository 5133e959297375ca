import type { ChainStory, EscrowTransaction } from './checker/chain.ts';
import type { RealResults } from './realStory.ts';
import { condition, type Job, type SettledLease } from './receipts.ts';
import { columns } from './table.ts';

/** What `--json` prints. Amounts are decimal strings of the token's smallest units. */
export type Summary = {
  readonly jobs: readonly {
    readonly name: string;
    /** "single": one task; "array": several. */
    readonly kind: 'single' | 'array';
    readonly succeeded: boolean;
    readonly leases: readonly {
      readonly provider: string;
      readonly product: string;
      /** Decimal string of GPU-milliseconds. */
      readonly gpuMs: string;
      readonly amount: string;
    }[];
  }[];
  readonly escrow: Readonly<
    Record<'deposited' | 'free' | 'reserved' | 'claimed' | 'accrued' | 'withdrawn', string>
  >;
  readonly transactions: readonly {
    readonly hash: string;
    readonly gasUsed: string;
    readonly rows: number;
  }[];
  readonly seconds: Readonly<Record<string, number>>;
  /** With --real only. */
  readonly real?: RealResults;
};

export function summarise(input: {
  readonly jobs: readonly Job[];
  readonly receipts: readonly SettledLease[];
  readonly story: ChainStory;
  readonly seconds: Readonly<Record<string, number>>;
  readonly real?: RealResults | undefined;
}): Summary {
  const { ledger, transactions } = input.story;
  return {
    jobs: input.jobs.map((job) => ({
      name: job.metadata.name,
      kind: (job.spec.batch?.completions ?? 1) > 1 ? 'array' : 'single',
      succeeded: condition(job, 'Succeeded')?.status === 'True',
      leases: input.receipts
        .filter((receipt) => receipt.jobName === job.metadata.name)
        .map(({ provider, product, gpuMs, amount }) => ({
          provider,
          product,
          gpuMs: String(gpuMs),
          amount: String(amount),
        })),
    })),
    escrow: {
      deposited: String(ledger.deposited),
      free: String(ledger.free),
      reserved: String(ledger.reserved),
      claimed: String(ledger.claimed),
      accrued: String(ledger.accrued),
      withdrawn: String(ledger.withdrawn),
    },
    transactions: transactions.map(({ hash, gasUsed, rows }) => ({
      hash,
      gasUsed: String(gasUsed),
      rows,
    })),
    seconds: Object.fromEntries(
      Object.entries(input.seconds).map(([name, value]) => [name, Math.round(value * 10) / 10]),
    ),
    ...(input.real && { real: input.real }),
  };
}

/** One line a lease: what ran, what it cost, and where the chain says so. */
export function receiptTable(
  receipts: readonly SettledLease[],
  transactions: readonly EscrowTransaction[],
): string {
  const rows = receipts.map((receipt) => {
    const transaction = transactions.find(({ hash }) => hash === receipt.transactionHash);
    return [
      receipt.leaseName,
      receipt.provider,
      receipt.product,
      String(receipt.gpuMs),
      receipt.pricePerGPUHour,
      String(receipt.amount),
      String(receipt.cumulative),
      receipt.transactionHash?.slice(0, 18) ?? 'not paid',
      transaction ? `${transaction.gasUsed} for ${transaction.rows}` : '',
    ];
  });
  const heading = [
    'LEASE',
    'PROVIDER',
    'PRODUCT',
    'GPU-MS',
    'PRICE/GPU-H',
    'AMOUNT',
    'VOUCHER',
    'TRANSACTION',
    'GAS FOR ROWS',
  ];
  return columns([heading, ...rows]);
}
