import { describe, expect, test } from '@jest/globals';
import { zeroHash } from 'viem';
import { agent, aRow, aStatement, bytes32, provider, startMs } from '../testing/money.ts';
import { type BillingDecision, decideReply, type Reply } from './decide.ts';
import type { AcceptedStatement, RowFacts, StatementFacts } from './facts.ts';
import { emptyFold, fold } from './fold.ts';
import { rowPolicies } from './rowPolicies.ts';
import { statementPolicies } from './statementPolicies.ts';

const answered: AcceptedStatement = {
  generation: 1,
  seq: 5n,
  foldedAmount: 0n,
  foldedHead: zeroHash,
  rows: [{ leaseId: bytes32(1), gpuMs: 5_000n, amount: 5_000n, last: false }],
};

function reply(decision: BillingDecision): Reply {
  if (decision.kind !== 'reply') throw new Error(`expected a reply, got ${decision.kind}`);
  return decision;
}

describe('a whole statement is refused when', () => {
  const next = { seq: 6n, prev: bytes32(99) };
  const cases: readonly [string, string, StatementFacts][] = [
    [
      'its hash is not that of its fields',
      'StatementHashMismatch',
      aStatement({ statedHash: bytes32(7) }),
    ],
    ['another key signed it', 'StatementSignatureInvalid', aStatement({ signer: provider })],
    ['its signature is malformed', 'StatementSignatureInvalid', aStatement({ signer: undefined })],
    [
      'the provider did not grant the agent',
      'AgentNotGranted',
      aStatement({ grantRefusal: { reason: 'AgentNotGranted', message: 'no grant' } }),
    ],
    [
      'the answered sequence number comes again with other content',
      'SequenceReused',
      aStatement({ accepted: answered, statement: { seq: 5n, prev: bytes32(99) } }),
    ],
    [
      'the sequence number falls',
      'SequenceFell',
      aStatement({ accepted: answered, statement: { seq: 4n, prev: bytes32(99) } }),
    ],
    [
      'the chain starts again',
      'StatementChainRestarted',
      aStatement({ accepted: answered, statement: { seq: 6n, prev: zeroHash } }),
    ],
    ['it counts other rows', 'RowCountWrong', aStatement({ statement: { rowCount: 2 } })],
    ['it signs other rows', 'RowsRootWrong', aStatement({ statement: { rowsRoot: bytes32(8) } })],
    ['a lease is listed twice', 'DuplicateRow', aStatement({ rows: [aRow(), aRow()] })],
    [
      'an unfinished row has vanished',
      'RowMissing',
      aStatement({ accepted: answered, statement: next, rows: [aRow({ id: 2 })] }),
    ],
    [
      'it folds money that no last row gave',
      'FoldedAmountWrong',
      aStatement({ accepted: answered, statement: { ...next, foldedAmount: 1n } }),
    ],
    [
      'its chain of folded rows is another',
      'FoldedHeadWrong',
      aStatement({ accepted: answered, statement: { ...next, foldedHead: bytes32(3) } }),
    ],
    ['its sum is wrong', 'CumulativeWrong', aStatement({ statement: { cumulative: 1n } })],
  ];
  test.each(cases)('%s (%s)', (_, reason, facts) => {
    expect(decideReply(facts)).toMatchObject({ kind: 'refuse', reason });
  });

  test('every policy accepts a first statement and a next one', () => {
    const first = aStatement();
    const second = aStatement({ accepted: answered, statement: next });
    for (const policy of statementPolicies) {
      expect([policy(first), policy(second)]).toEqual([undefined, undefined]);
    }
  });
});

describe('one row is refused alone when', () => {
  const withAcceptance = (change: object): RowFacts => {
    const { lease } = aRow();
    return aRow({ lease: { acceptance: { ...lease!.acceptance!, ...change } } });
  };
  const cases: readonly [string, string, RowFacts, Partial<StatementFacts>?][] = [
    ['the hub has no such lease', 'LeaseUnknown', aRow({ lease: 'unknown' })],
    ['the lease has another id', 'LeaseUnknown', aRow({ lease: { leaseId: bytes32(77) } })],
    ['the lease is of another channel', 'LeaseUnknown', aRow({ terms: { provider: agent } })],
    ['the lease is of another generation', 'LeaseUnknown', aRow({ terms: { generation: 2 } })],
    ['the lease was not accepted', 'LeaseNotAccepted', aRow({ lease: { acceptance: undefined } })],
    [
      'the acceptance is for another lease',
      'LeaseNotAccepted',
      withAcceptance({ leaseId: bytes32(9) }),
    ],
    [
      'the acceptance is for another object',
      'LeaseNotAccepted',
      withAcceptance({ leaseUid: bytes32(9) }),
    ],
    [
      'the acceptance is signed by another',
      'LeaseNotAccepted',
      withAcceptance({ signer: provider }),
    ],
    [
      'the last row has changed',
      'EndedAlready',
      aRow({ last: true }),
      {
        accepted: {
          ...answered,
          rows: [{ ...answered.rows[0]!, last: true, rowHash: bytes32(5) }],
        },
      },
    ],
    ['the lease has ended and was folded', 'EndedAlready', aRow({ lease: { ended: true } })],
    ['it ends before it begins', 'WrongSpan', aRow({ toMs: startMs - 1n, gpuMs: 0n })],
    ['it begins before the acceptance', 'WrongSpan', aRow({ fromMs: startMs - 2_001n })],
    [
      'it begins before the lease existed',
      'WrongSpan',
      aRow({ lease: { createdMs: startMs + 6_001n } }),
    ],
    ['it ends in the future', 'WrongSpan', aRow({ toMs: startMs + 65_001n })],
    [
      'the lease was withdrawn before it was accepted',
      'LeaseNotAccepted',
      aRow({ lease: { withdrawn: true } }),
    ],
    [
      'it goes on after the lease was stopped and must have ended',
      'WrongSpan',
      aRow({ lease: { stoppedMs: startMs + 9_999n - 720_000n } }),
    ],
    [
      'it counts less than before',
      'AmountFell',
      aRow({ seconds: 4 }),
      { accepted: { ...answered, seq: 0n } },
    ],
    [
      'it counts more than the wall clock',
      'MoreThanWallClock',
      aRow({ seconds: 10, toMs: startMs + 9_999n }),
    ],
    ['the amount is one unit too much', 'WrongAmount', aRow({ amount: 10_001n })],
    ['the amount is one unit too little', 'WrongAmount', aRow({ amount: 9_999n })],
    ['the lease may not cost so much', 'ExceedsMaxAmount', aRow({ terms: { maxAmount: 9_999n } })],
    [
      'it goes on after its provider reported its end',
      'WrongSpan',
      aRow({ lease: { endedMs: startMs + 3_999n } }),
    ],
    [
      'the lease was lost and nothing was accepted before',
      'LeaseLost',
      aRow({ seconds: 1, lease: { lost: true } }),
    ],
    [
      'the lease was lost and it asks for more than was accepted before',
      'LeaseLost',
      aRow({ last: true, lease: { lost: true, ended: true } }),
      { accepted: answered },
    ],
    ['it credits more than it asks', 'WrongAmount', aRow({ credit: 10_001n })],
  ];
  // A loop: test.each would take an absent fourth value for a `done` callback.
  for (const [title, reason, bad, more] of cases) {
    test(`${title} (${reason})`, () => {
      const accepted = more?.accepted;
      const facts = aStatement({
        rows: [bad, aRow({ id: 50, seconds: 7 })],
        ...(accepted === undefined ? {} : { accepted, statement: { seq: 6n, prev: bytes32(9) } }),
      });
      const decision = reply(decideReply(facts));
      expect(decision.refusals).toMatchObject([{ leaseId: bad.row.leaseId, reason }]);
      const before = accepted?.rows[0]?.amount ?? 0n;
      expect(decision.cumulative).toBe(7_000n + before);
    });
  }

  test('not when the lease has reached its maximum and asks for just that', () => {
    const rows = [aRow({ amount: 9_000n, terms: { maxAmount: 9_000n } })];
    expect(reply(decideReply(aStatement({ rows }))).refusals).toEqual([]);
    const less = [aRow({ amount: 8_999n, terms: { maxAmount: 9_000n } })];
    expect(reply(decideReply(aStatement({ rows: less }))).refusals).toMatchObject([
      { reason: 'WrongAmount' },
    ]);
  });

  test('not when it asks of a lost lease for what was accepted before, or credits the rest', () => {
    const statement = { seq: 6n, prev: bytes32(9) };
    for (const row of [{ seconds: 5 }, { seconds: 10, credit: 5_000n }]) {
      const rows = [aRow({ ...row, last: true, lease: { lost: true, ended: true } })];
      const decision = reply(decideReply(aStatement({ rows, accepted: answered, statement })));
      expect(decision).toMatchObject({ refusals: [], cumulative: 5_000n });
      // It has been on its way to the chain since it was lost, and is so once only.
      expect(decision.finals).toEqual([]);
      expect(decision.accepted.rows).toMatchObject([{ amount: 5_000n, last: true }]);
    }
  });

  test('not when a moment that was accepted turns out to lie after the end', () => {
    const rows = [aRow({ seconds: 5, toMs: startMs + 30_000n, lease: { endedMs: startMs } })];
    const statement = { seq: 6n, prev: bytes32(9) };
    const decision = reply(decideReply(aStatement({ rows, accepted: answered, statement })));
    expect(decision.refusals).toEqual([]);
  });

  test('not when the agent may go on without its hub', () => {
    const rows = [aRow({ lease: { stoppedMs: 0n }, terms: { fenceSeconds: 0 } })];
    expect(reply(decideReply(aStatement({ rows }))).refusals).toEqual([]);
  });

  test('every policy accepts a row at its limits', () => {
    const row = aRow({
      fromMs: startMs - 2_000n,
      toMs: startMs + 65_000n,
      gpuMs: 67_000n,
      amount: 67_000n,
      credit: 67_000n,
      terms: { maxAmount: 67_000n },
      lease: {
        createdMs: startMs + 4_000n,
        stoppedMs: startMs + 65_000n - 720_000n,
        endedMs: startMs + 65_000n - 6_000n,
        // All of it is credited: of a lost lease nothing is asked for.
        lost: true,
      },
    });
    const facts = aStatement({ rows: [row] });
    const known = { facts, row: row.row, hash: row.hash, lease: row.lease!, accepted: undefined };
    expect(rowPolicies.map((policy) => policy(known))).toEqual(rowPolicies.map(() => undefined));
  });
});

describe('a reply', () => {
  test('is not given twice to the same statement', () => {
    const facts = aStatement();
    expect(decideReply({ ...facts, repliedHash: facts.hash })).toEqual({ kind: 'answered' });
  });

  test('is the same for the same facts', () => {
    expect(decideReply(aStatement())).toEqual(decideReply(aStatement()));
  });

  test('waits for the heartbeat that a row reaches beyond', () => {
    const late = { lastHeartbeatMs: startMs + 10_000n - 40_001n };
    expect(decideReply(aStatement(late))).toMatchObject({
      kind: 'wait',
      reason: 'MoreThanObserved',
    });
    expect(decideReply(aStatement({ lastHeartbeatMs: undefined }))).toMatchObject({ kind: 'wait' });
    const intime = { lastHeartbeatMs: startMs + 10_000n - 40_000n };
    expect(decideReply(aStatement(intime))).toMatchObject({ kind: 'reply' });
  });

  test('waits when no more ended leases can be listed', () => {
    const rows = [aRow({ last: true })];
    const full = aStatement({ rows, finalsCount: 256 });
    expect(decideReply(full)).toMatchObject({ kind: 'wait', reason: 'TooManyUnsettled' });
    expect(decideReply({ ...full, finalsCount: 255 })).toMatchObject({ kind: 'reply' });
  });

  test('lists a lease once when its last row is accepted, with the voucher that pays it', () => {
    const rows = [aRow({ last: true }), aRow({ id: 2 })];
    const first = reply(decideReply(aStatement({ rows })));
    expect(first.finals).toEqual([
      {
        leaseId: bytes32(1),
        leaseName: 'lease-1',
        gpuMs: 10_000n,
        amount: 10_000n,
        cumulative: 20_000n,
      },
    ]);
    const again = aStatement({
      rows,
      accepted: first.accepted,
      statement: { seq: 2n, prev: bytes32(1) },
    });
    expect(reply(decideReply(again)).finals).toEqual([]);
  });

  test('follows a folded row: its money stays in the sum when it is no longer listed', () => {
    const ended = aRow({ last: true });
    const running = aRow({ id: 2 });
    const first = reply(decideReply(aStatement({ rows: [ended, running] })));
    const folded = fold(emptyFold, [{ amount: 10_000n, rowHash: ended.hash }]);
    const second = aStatement({
      rows: [aRow({ id: 2, seconds: 20 })],
      accepted: first.accepted,
      voucherCumulative: first.cumulative,
      statement: {
        seq: 2n,
        prev: bytes32(1),
        foldedAmount: folded.amount,
        foldedHead: folded.head,
        cumulative: 30_000n,
      },
    });
    expect(reply(decideReply(second)).cumulative).toBe(30_000n);
  });

  test('never falls when a row that was paid is refused later, or credits what was paid', () => {
    const accepted = { ...answered, seq: 0n };
    const voucherCumulative = 5_000n;
    const refused = aStatement({
      rows: [aRow({ amount: 99_999n })],
      accepted,
      voucherCumulative,
      statement: { prev: bytes32(1) },
    });
    expect(reply(decideReply(refused)).cumulative).toBe(5_000n);
    const credited = aStatement({
      rows: [aRow({ credit: 9_000n })],
      accepted,
      voucherCumulative,
      statement: { prev: bytes32(1) },
    });
    expect(reply(decideReply(credited)).cumulative).toBe(5_000n);
  });
});
