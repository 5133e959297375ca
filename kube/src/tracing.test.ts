import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TerminalError } from './errors.ts';
import { randomSpanId, randomTraceId, type TraceContext } from './traceContext.ts';
import {
  activeContext,
  activeTraceparent,
  type FinishedSpan,
  installTracer,
  inTrace,
  ownContext,
  recordSpan,
  withClientSpan,
  withSpan,
} from './tracing.ts';

let spans: FinishedSpan[] = [];
let uninstall: () => void = () => undefined;
const trace = (ratio = 1): TraceContext => {
  uninstall = installTracer({ ratio, finished: (span) => void spans.push(span) });
  return ownContext(randomTraceId(), randomSpanId());
};
const aCall = () => ({ name: 'GET pods', attributes: { 'http.request.method': 'GET' } });

beforeEach(() => {
  spans = [];
});
afterEach(() => uninstall());

describe('without a tracer', () => {
  test('work is done, and nothing is asked about it', async () => {
    const never = () => {
      throw new Error('asked');
    };
    expect(await withSpan(never, async () => withClientSpan(never, async () => 7))).toBe(7);
    expect(inTrace(never, () => activeContext())).toBeUndefined();
    recordSpan(never);
    expect(activeTraceparent()).toBeUndefined();
    expect(ownContext(randomTraceId(), randomSpanId()).sampled).toBe(false);
  });
});

describe('a span', () => {
  test('holds the calls made in it, and only those', async () => {
    const context = trace();
    const call = () => withClientSpan(aCall, async (span) => span.set({ code: 200 }));
    await call();
    await withSpan(
      () => ({ name: 'accept', context }),
      async (span) => {
        await call();
        span.set({ accepted: true });
      },
    );
    await call();
    const [made, whole] = spans;
    expect(spans).toHaveLength(2);
    expect(made).toMatchObject({ name: 'GET pods', kind: 'client', parentSpanId: context.spanId });
    expect(made?.attributes).toEqual({ 'http.request.method': 'GET', code: 200 });
    expect(whole).toMatchObject({ name: 'accept', context, attributes: { accepted: true } });
  });

  test('gives its ids to what is logged and created in it, also after a wait', async () => {
    const context = trace();
    await withSpan(
      () => ({ name: 'accept', context }),
      async () => {
        await new Promise((resolve) => setImmediate(resolve));
        expect(activeContext()).toEqual(context);
        expect(activeTraceparent()).toBe(`00-${context.traceId}-${context.spanId}-01`);
      },
    );
    expect(activeContext()).toBeUndefined();
  });

  test('of a try that failed leaves the derived id to the try that works', async () => {
    const context = trace();
    const failing = withSpan(
      () => ({ name: 'match', context, isDerived: true }),
      () => Promise.reject(new TerminalError('the lease could not be written')),
    );
    await expect(failing).rejects.toThrow('could not be written');
    await withSpan(
      () => ({ name: 'match', context, isDerived: true }),
      async () => undefined,
    );
    expect(spans.map(({ error }) => error)).toEqual(['the lease could not be written', undefined]);
    expect(spans[0]?.context.spanId).not.toBe(context.spanId);
    expect(spans[1]?.context.spanId).toBe(context.spanId);
  });

  test('repeats no words of others, which may hold an address with a key in it', async () => {
    const context = trace();
    const failing = withSpan(
      () => ({ name: 'match', context }),
      () => Promise.reject(new TypeError('fetch https://rpc.example/v2/KEY failed')),
    );
    await expect(failing).rejects.toThrow('KEY');
    expect(spans[0]).toMatchObject({ error: 'TypeError', context });
  });

  test('that came to nothing leaves none', async () => {
    const context = trace();
    await withSpan(
      () => ({ name: 'accept', context }),
      async (span) => span.discard(),
    );
    expect(spans).toEqual([]);
  });

  test('makes no more than 64 spans of calls, and 128 links', async () => {
    const context = trace();
    const links = Array.from({ length: 300 }, () => ownContext(randomTraceId(), randomSpanId()));
    await withSpan(
      () => ({ name: 'provision', context, links }),
      async () => {
        for (let call = 0; call < 100; call++) await withClientSpan(aCall, async () => undefined);
      },
    );
    expect(spans.filter(({ kind }) => kind === 'client')).toHaveLength(64);
    expect(spans.at(-1)?.links).toHaveLength(128);
    expect(spans.at(-1)?.attributes).toEqual({ 'gridlease.links.left_out': 172 });
  });

  test.each([
    ['not on the object', Number.NaN],
    ['ahead of this clock', Date.now() + 3_600_000],
  ])('whose beginning is %s begins when it ends', (_, startMs) => {
    const context = trace();
    recordSpan(() => ({ name: 'queue', context, startMs, endMs: 1_000 }));
    expect(spans[0]).toMatchObject({ startMs: 1_000, endMs: 1_000 });
  });
});

describe('a trace that is not kept', () => {
  test('makes no spans, and its lines are found all the same', async () => {
    const context = trace(0);
    await withSpan(
      () => ({ name: 'accept', context }),
      () =>
        withClientSpan(aCall, async () => {
          expect(activeContext()?.traceId).toBe(context.traceId);
        }),
    );
    recordSpan(() => ({ name: 'queue', context }));
    expect(context.sampled).toBe(false);
    expect(spans).toEqual([]);
  });
});

test('a reconcile that only looks makes no spans of its calls', async () => {
  const context = trace();
  await inTrace(
    () => context,
    () => withClientSpan(aCall, async () => expect(activeContext()).toEqual(context)),
  );
  expect(spans).toEqual([]);
});
