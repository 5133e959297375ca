import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aRow, aStatement, bytes32 } from '../testing/money.ts';
import { decideReply, type Reply } from './decide.ts';
import type { AcceptedStatement, RowFacts } from './facts.ts';
import { emptyFold, type Folded, fold } from './fold.ts';

/** An agent that runs leases, tells lies about some of them, and folds what was accepted. */
type Step = {
  readonly lease: number;
  readonly seconds: number;
  readonly ends: boolean;
  readonly lie: 'none' | 'amount' | 'time' | 'less' | 'unknown';
  /** The statement is lost before the operator sees it. */
  readonly lost: boolean;
};

const step: fc.Arbitrary<Step> = fc.record({
  lease: fc.integer({ min: 1, max: 4 }),
  seconds: fc.integer({ min: 0, max: 20 }),
  ends: fc.boolean(),
  lie: fc.constantFrom('none', 'none', 'none', 'amount', 'time', 'less', 'unknown'),
  lost: fc.boolean(),
});

const maxAmount = 100_000n;

class Agent {
  readonly rows = new Map<
    number,
    { readonly seconds: number; readonly last: boolean; readonly lie: Step['lie'] }
  >();
  /** Folded and agreed on: listing one of these again is an attempt to be paid twice. */
  readonly ended = new Set<number>();
  folding: readonly number[] = [];
  folded: Folded = emptyFold;
  seq = 0n;

  /** What it states next; a lie lasts one statement. */
  state(change: Step): RowFacts[] {
    this.seq += 1n;
    const before = this.rows.get(change.lease);
    for (const [id, row] of this.rows) this.rows.set(id, { ...row, lie: 'none' });
    if (before?.last !== true && !this.folding.includes(change.lease)) {
      const seconds = Math.min(100, (before?.seconds ?? 0) + change.seconds);
      this.rows.set(change.lease, { seconds, last: change.ends, lie: change.lie });
    }
    return [...this.rows].map(([id, row]) => this.#row(id, row));
  }

  #row(
    id: number,
    { seconds, last, lie }: { seconds: number; last: boolean; lie: Step['lie'] },
  ): RowFacts {
    const lease = { ended: this.ended.has(id) };
    const honest = { id, seconds, last, lease, terms: { maxAmount } };
    const amount = BigInt(seconds) * 1_000n;
    if (lie === 'amount') return aRow({ ...honest, amount: amount + 1n });
    if (lie === 'time') return aRow({ ...honest, toMs: aRow(honest).row.fromMs - 1n });
    if (lie === 'less' && seconds > 0) return aRow({ ...honest, seconds: seconds - 1 });
    if (lie === 'unknown') return aRow({ ...honest, lease: 'unknown' as const });
    return aRow(honest);
  }

  /** Folds the last rows that a reply to them has accepted. */
  hear(rows: readonly RowFacts[], reply: Reply): void {
    const refused = new Set(reply.refusals.map(({ leaseId }) => leaseId));
    const final = rows.filter(({ row }) => row.last && !refused.has(row.leaseId));
    this.folded = fold(
      this.folded,
      final.map(({ row, hash }) => ({ amount: row.amount, rowHash: hash })),
    );
    for (const lease of this.folding) this.ended.add(lease);
    this.folding = final.map(({ row }) => Number(row.leaseId));
    for (const lease of this.folding) this.rows.delete(lease);
  }
}

test('whatever an agent states, the voucher never falls, never exceeds what leases may cost, and equals what was accepted', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const agent = new Agent();
      let accepted: AcceptedStatement | undefined;
      let voucher = 0n;
      const finals = new Map<string, bigint>();
      const paid = new Map<string, bigint>();
      for (const change of steps) {
        const rows = agent.state(change);
        if (change.lost) continue;
        const facts = aStatement({
          rows,
          accepted,
          voucherCumulative: voucher,
          receivedMs: 1_700_000_200_000n,
          lastHeartbeatMs: 1_700_000_200_000n,
          statement: {
            seq: agent.seq,
            prev: agent.seq === 1n ? bytes32(0) : bytes32(Number(agent.seq)),
            foldedAmount: agent.folded.amount,
            foldedHead: agent.folded.head,
          },
        });
        const decision = decideReply(facts);
        if (decision.kind !== 'reply')
          throw new Error(`${decision.kind}: ${JSON.stringify(decision)}`);
        expect(decision.cumulative).toBeGreaterThanOrEqual(voucher);
        expect(decideReply(facts)).toEqual(decision);

        voucher = decision.cumulative;
        accepted = decision.accepted;
        for (const { leaseId, amount } of accepted.rows) paid.set(leaseId, amount);
        for (const final of decision.finals) {
          expect(finals.has(final.leaseId)).toBe(false);
          expect(final.cumulative).toBe(voucher);
          finals.set(final.leaseId, final.amount);
        }
        const total = [...paid.values()].reduce((a, b) => a + b, 0n);
        expect(voucher).toBe(total);
        expect([...paid.values()].every((amount) => amount <= maxAmount)).toBe(true);
        agent.hear(rows, decision);
      }
      for (const [leaseId, amount] of finals) expect(paid.get(leaseId)).toBe(amount);
    }),
    { numRuns: 300 },
  );
});

test('a replayed, older or forked statement never moves the voucher', () => {
  const numbers = fc.tuple(fc.bigInt({ min: 1n, max: 9n }), fc.bigInt({ min: 1n, max: 9n }));
  fc.assert(
    fc.property(numbers, fc.integer({ min: 0, max: 30 }), ([seq, next], seconds) => {
      const first = decideReply(aStatement({ statement: { seq } })) as Reply;
      const facts = aStatement({
        rows: [aRow({ seconds })],
        accepted: first.accepted,
        voucherCumulative: first.cumulative,
        statement: { seq: next, prev: bytes32(1) },
      });
      const decision = decideReply(facts);
      expect(decision.kind).toBe(next > seq ? 'reply' : 'refuse');
      if (decision.kind === 'reply')
        expect(decision.cumulative).toBeGreaterThanOrEqual(first.cumulative);
    }),
  );
});
