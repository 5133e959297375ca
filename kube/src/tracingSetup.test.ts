import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { receivedSpans, startTraceReceiver } from '@gridlease/e2e/cluster/traceReceiver';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { silentLogger } from './log.ts';
import { heldHeapBytes } from './testing/heldMemory.ts';
import { randomSpanId, randomTraceId } from './traceContext.ts';
import { isTracing, ownContext, recordSpan, withSpan } from './tracing.ts';
import { flushMs, startTracing, tracingSettings } from './tracingSetup.ts';

const root = join(import.meta.dirname, '../..');
const service = { serviceName: 'test', serviceVersion: '1', log: silentLogger };
const never = () => new AbortController().signal;

describe('what is configured', () => {
  const url = 'http://c:4318/v1/traces';
  test.each([
    ['nothing', undefined, {}, undefined],
    ['no endpoint', { samplingRatio: 1 }, {}, undefined],
    ['an empty endpoint', { endpoint: '' }, {}, undefined],
    ['an endpoint', { endpoint: 'http://c:4318' }, {}, { url, ratio: 1 }],
    ['an endpoint with a slash', { endpoint: 'http://c:4318/' }, {}, { url, ratio: 1 }],
    ['a ratio', { endpoint: 'http://c:4318', samplingRatio: 0.1 }, {}, { url, ratio: 0.1 }],
    ['a ratio of nothing', { endpoint: 'http://c:4318', samplingRatio: 0 }, {}, undefined],
    // The exporter itself reads what the standard variables say.
    [
      'the standard variable',
      undefined,
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' },
      { url: undefined, ratio: 1 },
    ],
    [
      'the one for traces',
      undefined,
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c/x' },
      { url: undefined, ratio: 1 },
    ],
    [
      'a sampler',
      { endpoint: 'http://c:4318' },
      { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' },
      { url, ratio: 0.5 },
    ],
    ['no traces', { endpoint: 'http://c:4318' }, { OTEL_TRACES_EXPORTER: 'none' }, undefined],
    ['no SDK', { endpoint: 'http://c:4318' }, { OTEL_SDK_DISABLED: 'TRUE' }, undefined],
    [
      'a sampler that keeps none',
      { endpoint: 'http://c:4318' },
      { OTEL_TRACES_SAMPLER: 'always_off' },
      undefined,
    ],
  ])('is read: %s', (_, config, env, expected) => {
    expect(tracingSettings(config, env)).toEqual(expected);
  });
});

describe('spans', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'gridlease-tracing-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test('reach the collector with their ids, and the last ones when the program ends', async () => {
    await using receiver = await startTraceReceiver(dir);
    const config = { endpoint: receiver.url };
    const resource = { 'service.instance.id': 'pod-1' };
    const tracing = await startTracing({ ...service, config, resource, signal: never(), env: {} });
    const context = ownContext(randomTraceId(), randomSpanId());
    const link = ownContext(randomTraceId(), randomSpanId());
    const start = { name: 'accept', context, parentSpanId: randomSpanId(), links: [link] };
    const attributes = { accepted: true, leases: 3, absent: undefined };
    await withSpan(
      () => ({ ...start, attributes }),
      async () => undefined,
    );
    recordSpan(() => ({
      name: 'root',
      context: link,
      startMs: 1_000.5,
      endMs: 2_000,
      error: 'no',
    }));
    await tracing[Symbol.asyncDispose]();
    expect(isTracing()).toBe(false);
    const [made, whole] = receivedSpans(dir) ?? [];
    expect(made).toMatchObject({
      ...{ name: 'accept', service: 'test', traceId: context.traceId, spanId: context.spanId },
      ...{ parentSpanId: start.parentSpanId, failed: false },
      links: [{ traceId: link.traceId, spanId: link.spanId }],
    });
    expect(made?.attributes).toMatchObject({
      ...{ accepted: true, leases: 3, 'service.instance.id': 'pod-1', 'service.version': '1' },
    });
    expect(made?.attributes).not.toHaveProperty('absent');
    expect(whole).toMatchObject({ name: 'root', startMs: 1_000, endMs: 2_000, failed: true });
    expect(whole?.parentSpanId).toBeUndefined();
  });
});

describe('a collector that can’t be reached', () => {
  let silent: Server;
  const held = new Set<import('node:net').Socket>();
  beforeAll(async () => {
    // Takes connections and never answers: worse than one that refuses them.
    silent = createServer((socket) => void held.add(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    for (const socket of held) socket.destroy();
    silent.close();
  });
  const portOf = () => (silent.address() as import('node:net').AddressInfo).port;

  test.each([
    ['that refuses', () => 'http://127.0.0.1:9'],
    ['that is silent', () => `http://127.0.0.1:${portOf()}`],
  ])('delays and fails nothing, and holds up no end: one %s', async (_, endpoint) => {
    const config = { endpoint: endpoint() };
    const tracing = await startTracing({ ...service, config, signal: never(), env: {} });
    const context = ownContext(randomTraceId(), randomSpanId());
    let longestMs = 0;
    const before = heldHeapBytes();
    for (let i = 0; i < 20_000; i++) {
      const startedMs = performance.now();
      const done = await withSpan(
        () => ({ name: 'accept', context }),
        async () => i,
      );
      expect(done).toBe(i);
      longestMs = Math.max(longestMs, performance.now() - startedMs);
    }
    // What may wait takes 4 MB; without a bound on it 20,000 spans would take 16 MB.
    expect(heldHeapBytes() - before).toBeLessThan(8_000_000);
    // The exporter itself gives up after ten seconds.
    expect(longestMs).toBeLessThan(4_000);
    const endingMs = performance.now();
    await tracing[Symbol.asyncDispose]();
    expect(performance.now() - endingMs).toBeLessThan(5_000);
  });
});

test.each([
  [0, 1_500],
  [2_000, 1_500],
  [3_800, 500],
  [4_290, 100],
  [60_000, 100],
])('%d ms after it was asked to stop a program has %d ms for its last spans', (since, left) => {
  expect(flushMs(since)).toBe(left);
});

describe('the OpenTelemetry SDK', () => {
  /** Modules that a program loads, as far as it gets with this configuration. */
  const loadedBy = async (program: string, env: Record<string, string>) => {
    const hooks = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
      process.on('exit', () => process.stdout.write(loaded.join('\\n')));`;
    const text = `data:text/javascript,${encodeURIComponent(hooks)}`;
    const run = promisify(execFile)(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        '--import',
        text,
        '--input-type=module-typescript',
        '-e',
        program,
      ],
      {
        cwd: join(root, 'kube'),
        env: { PATH: process.env['PATH'], ...env },
        maxBuffer: 10_000_000,
      },
    );
    return (await run).stdout.split('\n');
  };
  const start = `
    import { startTracing } from '@gridlease/kube/tracingSetup';
    import { createLogger } from '@gridlease/kube/log';
    import '@gridlease/kube/controller';
    import '@gridlease/kube/cluster';
    const options = { config: undefined, serviceName: 'a', serviceVersion: '1', log: createLogger({ name: 'a' }) };
    await startTracing({ ...options, signal: new AbortController().signal });
    process.exit(0);`;

  test('is not loaded where nothing is configured', async () => {
    const loaded = await loadedBy(start, {});
    expect(loaded.some((url) => url.endsWith('kube/src/tracingSetup.ts'))).toBe(true);
    // prom-client loads the API, which does nothing by itself.
    const ours = loaded.filter((url) => /opentelemetry/i.test(url) && !url.includes('/api/'));
    expect(ours).toEqual([]);
  });

  test('is loaded where it is', async () => {
    const loaded = await loadedBy(start, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
    expect(loaded.some((url) => url.includes('@opentelemetry/sdk-trace'))).toBe(true);
  });
});
