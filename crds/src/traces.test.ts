import { formatTraceparent, randomSpanId, randomTraceId } from '@gridlease/kube/traceContext';
import { type FinishedSpan, installTracer } from '@gridlease/kube/tracing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  ANNOTATION_TRACEPARENT,
  jobSpan,
  keptLinks,
  leaseParentOf,
  leaseSpan,
  linkOfJob,
  matchSpan,
  matchSpanOf,
  replySpan,
  runSpan,
  statementSpan,
  transactionSpan,
  voucherSpan,
  withTraceparent,
} from './traces.ts';
import { recordTransaction } from './transactionTraces.ts';

type Hex = `0x${string}`;
type Lease = Parameters<typeof leaseParentOf>[0];
const hub: Hex = `0x${'ab'.repeat(32)}`;
const hash: Hex = `0x${'cd'.repeat(32)}`;

const aLease = (epoch: number, shard = 0, annotation?: string): Lease => ({
  metadata:
    annotation === undefined ? {} : { annotations: { [ANNOTATION_TRACEPARENT]: annotation } },
  spec: {
    epoch,
    jobRef: { namespace: 'team', name: 'train', uid: 'uid-1' },
    terms: { hub, shard } as Lease['spec']['terms'],
  },
});

let spans: FinishedSpan[] = [];
let uninstall: () => void;
const keep = (ratio: number) => {
  uninstall = installTracer({ ratio, finished: (span) => void spans.push(span) });
};
beforeEach(() => {
  spans = [];
  keep(1);
});
afterEach(() => uninstall());

describe('the ids of a job', () => {
  test('are the same for everybody who sees the job or one of its leases', () => {
    const { traceId } = jobSpan(hub, 'uid-1');
    expect(jobSpan(hub.toUpperCase().replace('0X', '0x') as Hex, 'uid-1').traceId).toBe(traceId);
    const all = [leaseSpan(aLease(3)), runSpan(aLease(3)), matchSpanOf(aLease(3))];
    for (const context of all) expect(context.traceId).toBe(traceId);
    expect(new Set(all.map(({ spanId }) => spanId)).size).toBe(3);
  });

  test('are others for another job, another hub and another attempt', () => {
    expect(jobSpan(hub, 'uid-2').traceId).not.toBe(jobSpan(hub, 'uid-1').traceId);
    expect(jobSpan(hash, 'uid-1').traceId).not.toBe(jobSpan(hub, 'uid-1').traceId);
    expect(leaseSpan(aLease(4)).spanId).not.toBe(leaseSpan(aLease(3)).spanId);
  });

  test('lead all shards of one decision to that decision', () => {
    const decision = matchSpan(hub, 'uid-1', 5);
    expect(matchSpanOf(aLease(5, 0))).toEqual(decision);
    expect(matchSpanOf(aLease(7, 2))).toEqual(decision);
  });
});

describe('what others wrote into an annotation', () => {
  const own = () => leaseSpan(aLease(3));
  const spanId = randomSpanId();

  test('of a lease names a span in the lease’s own trace', () => {
    const said = formatTraceparent({ ...own(), spanId });
    expect(leaseParentOf(aLease(3, 0, said))).toEqual({ ...own(), spanId });
  });

  test.each([
    ['another trace', () => formatTraceparent({ traceId: randomTraceId(), spanId, sampled: true })],
    ['nonsense', () => 'x'.repeat(100_000)],
    ['nothing', () => undefined],
  ])('of a lease is not believed: %s', (_, said) => {
    expect(leaseParentOf(aLease(3, 0, said()))).toEqual(own());
  });

  test('can’t have a trace kept that is not among those kept, nor one dropped that is', () => {
    uninstall();
    keep(0);
    const forced = formatTraceparent({ ...own(), spanId, sampled: true });
    expect(leaseParentOf(aLease(3, 0, forced)).sampled).toBe(false);
    uninstall();
    keep(1);
    const dropped = formatTraceparent({ ...own(), spanId, sampled: false });
    expect(leaseParentOf(aLease(3, 0, dropped)).sampled).toBe(true);
  });

  test('of a job is a link, and changes nothing about its trace', () => {
    const said = { traceId: randomTraceId(), spanId, sampled: true };
    const annotations = { [ANNOTATION_TRACEPARENT]: formatTraceparent(said) };
    expect(linkOfJob({ metadata: { annotations } })).toEqual([said]);
    expect(
      linkOfJob({ metadata: { annotations: { [ANNOTATION_TRACEPARENT]: '00-1-2-3' } } }),
    ).toEqual([]);
    expect(linkOfJob({ metadata: {} })).toEqual([]);
  });
});

describe('what is for many leases', () => {
  const kept = { traceId: randomTraceId(), spanId: randomSpanId(), sampled: true };
  const dropped = { ...kept, spanId: randomSpanId(), sampled: false };

  test.each([
    ['one of them is kept', [dropped, kept], true],
    ['none of them is kept', [dropped], false],
    ['there are none', [], false],
  ])('is kept when %s', (_, leases, sampled) => {
    for (const spanOf of [statementSpan, replySpan, voucherSpan, transactionSpan]) {
      expect(spanOf(hash, leases).sampled).toBe(sampled);
    }
  });

  test('shares one trace from the statement to the voucher; its transaction has its own', () => {
    const exchange = [statementSpan, replySpan, voucherSpan].map((spanOf) => spanOf(hash, [kept]));
    expect(new Set(exchange.map(({ traceId }) => traceId)).size).toBe(1);
    expect(new Set(exchange.map(({ spanId }) => spanId)).size).toBe(3);
    expect(transactionSpan(hash, [kept]).traceId).not.toBe(exchange[0]?.traceId);
  });

  test('links to each lease once, and to none that is not kept', () => {
    expect(keptLinks([kept, dropped, kept])).toEqual([kept]);
  });
});

test('an object says which span it was made in, beside what it says already', () => {
  const object = { kind: 'Job', metadata: { name: 'a', annotations: { other: 'stays' } } };
  const context = jobSpan(hub, 'uid-1');
  const annotations = { other: 'stays', [ANNOTATION_TRACEPARENT]: formatTraceparent(context) };
  expect(withTraceparent(object, () => context).metadata).toEqual({ name: 'a', annotations });
  uninstall();
  expect(withTraceparent(object, () => context)).toBe(object);
});

describe('a transaction', () => {
  const cause = { traceId: randomTraceId(), spanId: randomSpanId(), sampled: true };
  const signed = { hash: `0x${'01'.repeat(32)}` as Hex, signedTime: '2026-01-01T00:00:00Z' };
  const receipt = { transactionHash: hash, blockNumber: '9', gasUsed: '21000', success: true };
  const now = new Date('2026-01-01T00:00:05Z');
  const change = (before: string, state: string, more: object = {}) =>
    recordTransaction(
      {
        before,
        state,
        record: {
          traceparent: formatTraceparent(cause),
          spec: { chainId: 1, signer: '0x00', nonce: '3', operation: 'SettleVouchers', signed },
          status: { state, ...(state === 'Sent' ? {} : { receipt }) },
          ...more,
        },
      },
      now,
    );
  const names = () => spans.map(({ name, error }) => [name, error]);

  test.each([
    ['Sent', 'Sent', []],
    ['Built', 'Sent', []],
    ['Sent', 'Mined', [['transaction mined', undefined]]],
    ['Mined', 'Safe', []],
    ['Safe', 'Final', [['transaction', undefined]]],
    [
      'Sent',
      'Final',
      [
        ['transaction mined', undefined],
        ['transaction', undefined],
      ],
    ],
    ['Sent', 'Dropped', [['transaction', 'Dropped']]],
    ['Mined', 'Sent', []],
  ])('that goes from %s to %s is told as %j', (before, state, told) => {
    change(before, state);
    expect(names()).toEqual(told);
  });

  test('has the ids that its mined hash gives, and a link to what it was sent for', () => {
    change('Sent', 'Final');
    const [mined, whole] = spans;
    expect(whole?.context).toEqual(transactionSpan(hash, [cause]));
    expect(whole?.links).toEqual([cause]);
    expect(mined?.parentSpanId).toBe(whole?.context.spanId);
    expect(whole).toMatchObject({ startMs: Date.parse(signed.signedTime), endMs: now.getTime() });
  });

  test('that was reverted says so', () => {
    change('Sent', 'Final', {
      status: { state: 'Final', receipt: { ...receipt, success: false } },
    });
    expect(names()).toEqual([
      ['transaction mined', 'reverted'],
      ['transaction', 'reverted'],
    ]);
  });

  test('that was not sent for anything traced leaves no span', () => {
    change('Sent', 'Final', { traceparent: undefined });
    change('Sent', 'Final', { traceparent: formatTraceparent({ ...cause, sampled: false }) });
    expect(spans).toEqual([]);
  });
});
