import { amountFor } from '@gridlease/contracts/amount';
import { escrowDomain } from '@gridlease/contracts/domain';
import { hashUsageRow, usageRowsRoot } from '@gridlease/contracts/usageRow';
import { hashUsageStatement } from '@gridlease/contracts/usageStatement';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { concat, type Hex, keccak256, toHex, zeroHash } from 'viem';
import { aContainerRun } from '../testing/meterBuilders.ts';
import { type NamedRow, usageRow } from './row.ts';
import type { ContainerRun } from './segment.ts';
import { emptyBook, maxRows, planStatement, type StatementBook } from './statement.ts';

const address = (digit: string): Hex => `0x${digit.repeat(40)}`;
const channel = {
  tenant: address('1'),
  provider: address('2'),
  signer: address('3'),
  generation: 1,
};
const domain = escrowDomain({ chainId: 1, escrow: address('4') });
const leaseId = (index: number): Hex => toHex(index, { size: 32 });
const price = 2_100_000n;

function aRow(index: number, gpuMs: bigint, row: Partial<NamedRow> = {}): NamedRow {
  return {
    leaseId: leaseId(index),
    leaseName: `lease-${index}`,
    fromMs: 0n,
    toMs: gpuMs,
    gpuMs,
    amount: amountFor(price, gpuMs),
    credit: 0n,
    segmentsRoot: zeroHash,
    last: false,
    ...row,
  };
}

const nothing: ReadonlySet<Hex> = new Set();

function plan(
  book: StatementBook,
  metered: readonly NamedRow[],
  options: {
    accepted?: ReadonlySet<Hex>;
    unstored?: ReadonlySet<Hex>;
    conceded?: ReadonlyMap<Hex, bigint>;
    dropped?: ReadonlySet<Hex>;
    nowMs?: number;
  } = {},
) {
  const { accepted = nothing, nowMs = 1_000, ...rest } = options;
  return planStatement({ channel, book, metered, accepted, nowMs, ...rest });
}

/** The book after a statement was stored. */
function after(planned: NonNullable<ReturnType<typeof plan>>): StatementBook {
  const { statement, rows, folded } = planned;
  return {
    last: { seq: statement.seq, hash: hashUsageStatement(domain, statement) },
    rows,
    folded,
  };
}

describe('planning a statement', () => {
  test('the first one lists every lease, and names no predecessor', () => {
    const planned = plan(emptyBook, [aRow(1, 3_600_000n), aRow(2, 7_200_000n)])!;
    expect(planned.statement).toMatchObject({
      seq: 1_000n,
      rowCount: 2,
      cumulative: 6_300_000n,
      foldedAmount: 0n,
      prev: zeroHash,
      rowsRoot: usageRowsRoot(planned.rows),
    });
  });

  test('nothing new gives no statement', () => {
    const book = after(plan(emptyBook, [aRow(1, 5_000n)])!);
    expect(plan(book, [aRow(1, 5_000n)])).toBeUndefined();
    expect(plan(emptyBook, [])).toBeUndefined();
  });

  test('numbers rise when the clock stands or is set back', () => {
    const first = plan(emptyBook, [aRow(1, 5_000n)], { nowMs: 9_000 })!;
    const second = plan(after(first), [aRow(1, 6_000n)], { nowMs: 9_000 })!;
    const third = plan(after(second), [aRow(1, 7_000n)], { nowMs: 10 })!;
    expect([first, second, third].map(({ statement }) => statement.seq)).toEqual([
      9_000n,
      9_001n,
      9_002n,
    ]);
    expect(third.statement.prev).toBe(after(second).last!.hash);
  });

  test('what was signed never falls, also when the end turns out earlier', () => {
    const book = after(plan(emptyBook, [aRow(1, 7_200_000n)])!);
    expect(plan(book, [aRow(1, 3_600_000n)])).toBeUndefined();
    const final = plan(book, [aRow(1, 3_600_000n, { last: true })])!;
    expect(final.rows).toEqual([aRow(1, 7_200_000n, { last: true })]);
    expect(final.statement.cumulative).toBe(4_200_000n);
  });

  test('a final row stays as it is until it is accepted, then folds', () => {
    const book = after(plan(emptyBook, [aRow(1, 3_600_000n, { last: true }), aRow(2, 1_000n)])!);
    const kept = plan(book, [aRow(1, 9_000_000n), aRow(2, 2_000n)])!;
    expect(kept.rows[0]).toEqual(aRow(1, 3_600_000n, { last: true }));
    const accepted = new Set([leaseId(1), leaseId(2)]);
    const folded = plan(after(kept), [aRow(2, 3_000n)], { accepted })!;
    expect(folded.rows.map((row) => row.leaseId)).toEqual([leaseId(2)]);
    expect(folded.folded).toEqual({
      amount: 2_100_000n,
      head: keccak256(concat([zeroHash, hashUsageRow(aRow(1, 3_600_000n, { last: true }))])),
    });
    expect(folded.statement.cumulative).toBe(2_100_000n + amountFor(price, 3_000n));
  });

  test('an accepted row stays listed until it is stored that it need not be', () => {
    const book = after(plan(emptyBook, [aRow(1, 3_000n, { last: true }), aRow(2, 1_000n)])!);
    const accepted = new Set([leaseId(1)]);
    const kept = plan(book, [aRow(2, 2_000n)], { accepted, unstored: accepted })!;
    expect(kept.rows.map((row) => row.leaseId)).toEqual([leaseId(1), leaseId(2)]);
    expect(kept.folded).toEqual(emptyBook.folded);
    expect(plan(after(kept), [aRow(2, 3_000n)], { accepted })!.rows).toHaveLength(1);
  });

  test('an accepted lease is not listed again, even if it is still metered', () => {
    const accepted = new Set([leaseId(1)]);
    expect(plan(emptyBook, [aRow(1, 3_600_000n, { last: true })], { accepted })).toBeUndefined();
  });

  test('a lease whose record is gone stays listed', () => {
    const book = after(plan(emptyBook, [aRow(1, 5_000n), aRow(2, 5_000n)])!);
    const planned = plan(book, [aRow(2, 6_000n)])!;
    expect(planned.rows.map(({ gpuMs }) => gpuMs)).toEqual([5_000n, 6_000n]);
  });

  test('what the payer gave up is credited, and what was measured stays on the row', () => {
    const agreed = amountFor(price, 1_000_000n);
    const book = after(plan(emptyBook, [aRow(1, 3_000_000n, { last: true }), aRow(2, 1_000n)])!);
    const conceded = new Map([[leaseId(1), agreed]]);
    const planned = plan(book, [aRow(2, 1_000n)], { conceded })!;
    expect(planned.rows[0]).toMatchObject({
      gpuMs: 3_000_000n,
      amount: amountFor(price, 3_000_000n),
      credit: amountFor(price, 3_000_000n) - agreed,
    });
    expect(planned.statement.cumulative).toBe(agreed + amountFor(price, 1_000n));
    // Once is enough, and what folds is what was agreed to.
    expect(plan(after(planned), [aRow(2, 1_000n)], { conceded })).toBeUndefined();
    const accepted = new Set([leaseId(1)]);
    const folded = plan(after(planned), [aRow(2, 2_000n)], { accepted, conceded })!;
    expect(folded.folded.amount).toBe(agreed);
  });

  test('a lease that still runs concedes nothing yet', () => {
    const book = after(plan(emptyBook, [aRow(1, 3_000n)])!);
    expect(plan(book, [], { conceded: new Map([[leaseId(1), 0n]]) })).toBeUndefined();
  });

  test('what the payer does not know is not listed again', () => {
    const book = after(plan(emptyBook, [aRow(1, 3_000n, { last: true }), aRow(2, 1_000n)])!);
    const dropped = new Set([leaseId(1)]);
    const planned = plan(book, [aRow(1, 3_000n, { last: true })], { dropped })!;
    expect(planned.rows.map((row) => row.leaseId)).toEqual([leaseId(2)]);
    expect(planned.statement.cumulative).toBe(amountFor(price, 1_000n));
    expect(planned.folded).toEqual(emptyBook.folded);
    expect(plan(after(planned), [aRow(1, 3_000n, { last: true })], { dropped })).toBeUndefined();
  });

  test('more leases than rows wait until others are accepted', () => {
    const many = Array.from({ length: maxRows + 10 }, (_, index) =>
      aRow(index, 1_000n, { last: true }),
    );
    const first = plan(emptyBook, many)!;
    expect(first.rows).toHaveLength(maxRows);
    const accepted = new Set(first.rows.slice(0, 100).map((row) => row.leaseId));
    const second = plan(after(first), many, { accepted })!;
    expect(second.rows).toHaveLength(maxRows - 100 + 10);
    expect(second.statement.cumulative).toBe(BigInt(maxRows + 10) * amountFor(price, 1_000n));
  });
});

describe('a row', () => {
  const lease = {
    leaseUid: 'uid',
    leaseName: 'lease',
    leaseId: leaseId(1),
    gpuCount: 2,
    pricePerGpuHour: price,
    maxAmount: 1_000n,
    acceptedMs: 50n,
  };
  const aRun = (source: string, startMs: number, endMs: number, gpus: number): ContainerRun => {
    const devices = Array.from({ length: gpus }, (_, ordinal) => `?${ordinal}`);
    return aContainerRun({ source, segments: [{ startMs, endMs, devices }] });
  };

  test('before anything ran it is empty and begins with the acceptance', () => {
    expect(usageRow(lease, [], true)).toMatchObject({
      fromMs: 50n,
      toMs: 50n,
      gpuMs: 0n,
      amount: 0n,
      segmentsRoot: zeroHash,
      last: true,
    });
  });

  test('it never costs more than the terms allow', () => {
    expect(usageRow(lease, [aRun('p/c/0', 0, 3_600_000, 1)], false).amount).toBe(1_000n);
  });

  test('an old pod that ends while its replacement runs is not billed beside it', () => {
    const runs = [aRun('old/c/0', 0, 20_000, 2), aRun('new/c/0', 10_000, 30_000, 2)];
    expect(usageRow(lease, runs, false)).toMatchObject({
      gpuMs: 60_000n,
      fromMs: 0n,
      toMs: 30_000n,
    });
  });

  test('the amount is the floor of price × time for any times', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 80n }),
        fc.integer({ min: 0, max: 10_000_000 }),
        (pricePerGpuHour, ms) => {
          const row = usageRow(
            { ...lease, pricePerGpuHour, maxAmount: 2n ** 96n },
            [aRun('p/c/0', 0, ms, 2)],
            false,
          );
          expect(row.amount * 3_600_000n).toBeLessThanOrEqual(pricePerGpuHour * BigInt(ms) * 2n);
          expect((row.amount + 1n) * 3_600_000n).toBeGreaterThan(pricePerGpuHour * BigInt(ms) * 2n);
        },
      ),
    );
  });
});

describe('any history of metering, acceptance and restarts', () => {
  const step = fc.record({
    nowMs: fc.integer({ min: 0, max: 5_000 }),
    metered: fc.array(
      fc.record({
        lease: fc.integer({ min: 0, max: 5 }),
        gpuMs: fc.bigInt({ min: 0n, max: 10_000_000n }),
        last: fc.boolean(),
      }),
      { maxLength: 6 },
    ),
    accepts: fc.boolean(),
  });

  test('gives one chain in which nothing falls and each lease counts once', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let book = emptyBook;
        let cumulative = 0n;
        const accepted = new Set<Hex>();
        const signed = new Map<Hex, bigint>();
        for (const { nowMs, metered, accepts } of steps) {
          const rows = new Map(
            metered.map(({ lease, gpuMs, last }) => [lease, aRow(lease, gpuMs, { last })]),
          );
          const planned = plan(book, [...rows.values()], { accepted, nowMs });
          if (planned === undefined) continue;
          const { statement } = planned;
          expect(statement.prev).toBe(book.last?.hash ?? zeroHash);
          expect(statement.seq).toBeGreaterThan(book.last?.seq ?? -1n);
          expect(statement.cumulative).toBeGreaterThanOrEqual(cumulative);
          for (const row of planned.rows) {
            expect(row.amount).toBeGreaterThanOrEqual(signed.get(row.leaseId) ?? 0n);
            signed.set(row.leaseId, row.amount);
          }
          expect(statement.cumulative).toBe([...signed.values()].reduce((a, b) => a + b, 0n));
          cumulative = statement.cumulative;
          book = after(planned);
          if (accepts) for (const row of planned.rows) if (row.last) accepted.add(row.leaseId);
        }
      }),
    );
  });
});
