import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type ReceivedSpan, receivedSpans } from '../cluster/traceReceiver.ts';
import { aJob, aWorkload, jobUidOf, type KubernetesObject, type Scene, theScene } from './verbs.ts';

/** Of npm test's federation; one of `npm run up` exports nowhere. */
const dir = process.env['GRIDLEASE_FEDERATION'] ?? '';
const isTraced = receivedSpans(dir) !== undefined;
const tenants = { traceId: 'c0ffee00c0ffee00c0ffee00c0ffee00', spanId: 'c0ffee00c0ffee00' };
const minutes = (count: number) => count * 60_000;

let scene: Scene;
let lease: KubernetesObject;
let spans: readonly ReceivedSpan[] = [];

/** The spans that lead from one job to its settlement; undefined where one has not come yet. */
function wayOf(all: readonly ReceivedSpan[], jobUid: string) {
  const ofJob = all.filter(({ attributes }) => attributes['gridlease.job.uid'] === jobUid);
  const one = (name: string) => ofJob.find((span) => span.name === name && !span.failed);
  const linkedFrom = (from: ReceivedSpan | undefined, name: string, spanId?: string) => {
    const ids = new Set(from?.links.map((link) => link.spanId));
    return all.find(
      (span) =>
        span.name === name && ids.has(span.spanId) && (spanId ?? span.spanId) === span.spanId,
    );
  };
  const parentOf = (child: ReceivedSpan | undefined, name: string) =>
    all.find((span) => span.name === name && span.spanId === child?.parentSpanId);
  const ofLease = one('lease');
  const settled = one('settlement settled');
  // From the money back to the lease, as somebody who looks for a cause would go.
  const transaction = linkedFrom(settled, 'transaction');
  const settle = linkedFrom(transaction, 'redeem settle');
  const voucher = linkedFrom(settle, 'redeem voucher');
  const reply = parentOf(voucher, 'billing reply');
  const statement = parentOf(reply, 'meter statement');
  const stated = linkedFrom(statement, 'lease', ofLease?.spanId);
  return {
    job: one('GPUJob'),
    queue: one('queue admit'),
    match: one('match place'),
    lease: ofLease,
    accept: one('accept'),
    run: one('run'),
    provision: one('run provision'),
    deliver: one('run deliver'),
    statement,
    reply,
    voucher,
    settle,
    transaction,
    settled,
    stated,
  };
}

const isTest = isTraced ? describe : describe.skip;

isTest('one job is one trace, from its creation to its settlement', () => {
  let way: ReturnType<typeof wayOf>;
  let jobUid: string;

  beforeAll(async () => {
    scene = theScene();
    const namespace = await scene.namespace();
    const job = aJob(namespace, 'traced', { workload: aWorkload('sleep 2; echo a-secret-word') });
    const traceparent = `00-${tenants.traceId}-${tenants.spanId}-01`;
    const annotations = { 'gridlease.dev/traceparent': traceparent };
    await scene.apply({ ...job, metadata: { ...job.metadata, annotations } });
    await scene.waitForCondition(
      { kind: 'gpujob', name: 'traced', namespace },
      { type: 'Succeeded', status: 'True' },
      90,
    );
    jobUid = (await scene.get('gpujob', 'traced', namespace)).metadata.uid;
    lease = (await scene.list('gpuleases')).find((one) => jobUidOf(one) === jobUid)!;
    await scene.waitForCondition(
      { kind: 'gpulease', name: lease.metadata.name, namespace: lease.metadata.namespace! },
      { type: 'Settled', status: 'True' },
      120,
    );
    await scene
      .waitUntil(
        'every span of the way is exported',
        async () => {
          spans = receivedSpans(dir) ?? [];
          way = wayOf(spans, jobUid);
          return Object.values(way).every((span) => span !== undefined);
        },
        90,
      )
      .catch((cause: unknown) => {
        const missing = Object.entries(way).flatMap(([name, span]) => (span ? [] : [name]));
        const seen = spans.filter((span) => span.attributes['gridlease.job.uid'] === jobUid);
        throw new Error(
          `missing: ${missing}; of the job came: ${seen.map(({ name }) => name).join(', ')}`,
          { cause },
        );
      });
  }, minutes(6));

  test('the job’s own spans are one tree', () => {
    const { job, queue, match, lease, accept, run, provision, deliver, settled } = way;
    expect(job!.parentSpanId).toBeUndefined();
    const own = [queue, match, lease, accept, run, provision, deliver, settled];
    expect(new Set(own.map((span) => span!.traceId))).toEqual(new Set([job!.traceId]));
    expect(queue!.parentSpanId).toBe(job!.spanId);
    expect(match!.parentSpanId).toBe(job!.spanId);
    expect(lease!.parentSpanId).toBe(match!.spanId);
    for (const span of [accept, run, settled]) expect(span!.parentSpanId).toBe(lease!.spanId);
    for (const span of [provision, deliver]) expect(span!.parentSpanId).toBe(run!.spanId);
  });

  test('what is for many leases is linked, and its trace is nobody’s in particular', () => {
    const { job, statement, reply, voucher, settle, transaction, settled } = way;
    expect(new Set([statement, reply, voucher].map((span) => span!.traceId)).size).toBe(1);
    const traces = [job, statement, settle, transaction].map((span) => span!.traceId);
    expect(new Set(traces).size).toBe(4);
    expect(settled!.links).toEqual([
      { traceId: transaction!.traceId, spanId: transaction!.spanId },
    ]);
    expect(settled!.attributes['gridlease.transaction.hash']).toBe(
      transaction!.attributes['gridlease.transaction.hash'],
    );
  });

  test('each side told its own part', () => {
    const services = Object.fromEntries(
      Object.entries(way).map(([name, span]) => [name, span!.service]),
    );
    const [hub, agent] = ['gridlease-operator', 'gridlease-provider-agent'];
    expect(services).toEqual({
      ...{ job: hub, queue: hub, match: hub, lease: hub, stated: hub, reply: hub, settled: hub },
      ...{ accept: agent, run: agent, provision: agent, deliver: agent, statement: agent },
      ...{ voucher: agent, settle: agent, transaction: agent },
    });
  });

  test('each step begins before the next one ends, and none ends before it begins', () => {
    const work = ['queue', 'match', 'accept', 'deliver', 'statement', 'reply'] as const;
    const money = ['voucher', 'settle', 'transaction', 'settled'] as const;
    const order = [...work, ...money].map((step) => way[step]);
    order.reduce((earlier, later) => {
      // Kubernetes' times are whole seconds.
      expect(later!.endMs).toBeGreaterThanOrEqual(earlier!.startMs - 1_000);
      return later;
    });
    for (const span of Object.values(way))
      expect(span!.endMs).toBeGreaterThanOrEqual(span!.startMs);
  });

  test('calls to API servers and to the chain are within the steps that made them', () => {
    const callsOf = (parent: ReceivedSpan | undefined) =>
      spans
        .filter(({ kind, parentSpanId }) => kind === 3 && parentSpanId === parent!.spanId)
        .map(({ name }) => name);
    expect(callsOf(way.match)).toEqual(
      expect.arrayContaining(['POST placementrecords', 'POST gpuleases']),
    );
    expect(callsOf(way.accept)).toEqual(
      expect.arrayContaining(['POST leaserecords', 'PUT gpuleases/status']),
    );
    expect(callsOf(way.provision)).toContain('POST jobs');
    expect(callsOf(way.reply)).toContain('PUT paymentchannels');
    expect(callsOf(way.settle)).toEqual(
      expect.arrayContaining(['POST chaintransactions', 'chain call']),
    );
  });

  test('a tenant’s own trace is linked, and gets no span of ours', () => {
    expect(way.job!.links).toContainEqual(tenants);
    expect(spans.filter(({ traceId }) => traceId === tenants.traceId)).toEqual([]);
  });

  test('objects carry the context on', async () => {
    const { traceId, spanId } = way.lease!;
    const annotationOf = (object: KubernetesObject) =>
      (object.metadata as { annotations?: Record<string, string> }).annotations?.[
        'gridlease.dev/traceparent'
      ];
    expect(annotationOf(lease)).toBe(`00-${traceId}-${spanId}-01`);
    const provider = scene.provider(String(way.accept!.attributes['gridlease.provider.name']));
    const label = `gridlease.dev/lease-uid=${lease.metadata.uid}`;
    const jobs = JSON.parse(await provider('get', 'jobs', '-A', '-l', label, '-o', 'json'));
    const made = (jobs as { items: KubernetesObject[] }).items.map(annotationOf);
    expect(made).toEqual([`00-${traceId}-${way.run!.spanId}-01`]);
  });

  test('log lines of both programs carry the ids', () => {
    const lines = logLines(dir).filter((line) => line.includes(way.job!.traceId));
    const programs = lines.map((line) => (JSON.parse(line) as { program: string }).program);
    expect(new Set(programs)).toEqual(new Set(['operator', 'provider-agent']));
    expect(lines.every((line) => /"span_id":"[0-9a-f]{16}"/.test(line))).toBe(true);
  });

  test('no span tells what the tenant runs, or a key', () => {
    const text = JSON.stringify(spans);
    expect(text).not.toContain('a-secret-word');
    expect(text).not.toContain(scene.environment.tenant.privateKey.slice(2));
    expect(text).not.toContain(new URL(scene.environment.chain.rpcURL).host);
  });
});

/** The JSON lines of all programs of the federation. */
function logLines(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.log'))
    .flatMap((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8').split('\n'))
    .filter((line) => line.startsWith('{'));
}
