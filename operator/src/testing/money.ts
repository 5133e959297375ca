import { amountFor } from '@gridlease/contracts/amount';
import { hashUsageRow, type UsageRow, usageRowsRoot } from '@gridlease/contracts/usageRow';
import type { UsageStatement } from '@gridlease/contracts/usageStatement';
import { type Address, type Hex, keccak256, pad, toHex, zeroHash } from 'viem';
import type { LeaseFacts, RowFacts, StatementFacts } from '../billing/facts.ts';

/** Builders of the facts that billing decides on: everything in order unless told otherwise. */

export const tenant: Address = '0x1111111111111111111111111111111111111111';
export const provider: Address = '0x2222222222222222222222222222222222222222';
export const delegate: Address = '0x3333333333333333333333333333333333333333';
export const agent: Address = '0x4444444444444444444444444444444444444444';
export const channel = { tenant, provider, signer: delegate, generation: 1 } as const;

/** 3.60 per GPU-hour in a token of 6 decimals: one unit per GPU-millisecond. */
export const price = 3_600_000n;
export const startMs = 1_700_000_000_000n;

/** A 32-byte id that is easy to read in a failure. */
export function bytes32(value: number): Hex {
  return pad(toHex(value), { size: 32 });
}

type RowOptions = Partial<UsageRow> & {
  readonly id?: number;
  readonly seconds?: number;
  readonly lease?: Partial<LeaseFacts> | 'unknown';
  readonly terms?: Partial<LeaseFacts['terms']>;
};

/** One row of lease `id` that ran for `seconds` on one GPU, and what the hub knows about the lease. */
export function aRow(options: RowOptions = {}): RowFacts {
  const { id = 1, seconds = 10, lease, terms, ...fields } = options;
  const gpuMs = fields.gpuMs ?? BigInt(seconds) * 1_000n;
  const row: UsageRow = {
    leaseId: bytes32(id),
    fromMs: startMs,
    toMs: startMs + gpuMs,
    gpuMs,
    amount: amountFor(price, gpuMs),
    credit: 0n,
    segmentsRoot: zeroHash,
    last: false,
    ...fields,
  };
  const known: LeaseFacts = {
    leaseId: bytes32(id),
    name: `lease-${id}`,
    createdMs: startMs - 2_000n,
    terms: {
      ...channel,
      gpuCount: 1,
      pricePerGpuHour: price,
      maxAmount: 1_000_000n,
      fenceSeconds: 60,
      ...terms,
    },
    acceptance: {
      leaseId: bytes32(id),
      leaseUid: bytes32(1_000 + id),
      expectedUid: bytes32(1_000 + id),
      acceptedMs: startMs - 1_000n,
      agent,
      signer: agent,
    },
    withdrawn: false,
    stoppedMs: undefined,
    endedMs: undefined,
    lost: false,
    ended: false,
    ...(lease === 'unknown' ? {} : lease),
  };
  return {
    row,
    hash: hashUsageRow(row),
    leaseName: known.name,
    lease: lease === 'unknown' ? undefined : known,
  };
}

type FactsOptions = Partial<Omit<StatementFacts, 'statement'>> & {
  readonly statement?: Partial<UsageStatement>;
};

/** A first statement over one good row; sums and roots follow from the rows that are given. */
export function aStatement(options: FactsOptions = {}): StatementFacts {
  const { statement: fields, rows = [aRow()], ...facts } = options;
  const plain = rows.map(({ row }) => row);
  const rowsRoot = usageRowsRoot(plain);
  const foldedAmount = fields?.foldedAmount ?? 0n;
  const statement: UsageStatement = {
    ...channel,
    seq: 1n,
    atMs: startMs + 60_000n,
    rowCount: rows.length,
    rowsRoot,
    foldedAmount,
    foldedHead: zeroHash,
    cumulative: plain.reduce((sum, row) => sum + row.amount - row.credit, foldedAmount),
    prev: zeroHash,
    ...fields,
  };
  const hash = keccak256(toHex(`${statement.seq}/${statement.rowsRoot}/${statement.cumulative}`));
  return {
    channel,
    statement,
    statedHash: hash,
    hash,
    agent,
    signer: agent,
    grantRefusal: undefined,
    rowsRoot,
    rows,
    accepted: undefined,
    repliedHash: undefined,
    voucherCumulative: 0n,
    receivedMs: startMs + 60_000n,
    lastHeartbeatMs: startMs + 60_000n,
    skewMs: 5_000n,
    heartbeatToleranceMs: 40_000n,
    finalsCount: 0,
    maxFinals: 256,
    ...facts,
  };
}
