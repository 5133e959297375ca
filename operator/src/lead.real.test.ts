import { join } from 'node:path';
import type { GPUJob } from '@gridlease/crds/gpujob';
import { API_VERSION } from '@gridlease/crds/labels';
import * as kinds from '@gridlease/crds/resources';
import { systemClock, systemTimers } from '@gridlease/kube/clock';
import { eventRecorder } from '@gridlease/kube/events';
import { joinedMetrics } from '@gridlease/kube/joinedMetrics';
import { silentLogger } from '@gridlease/kube/log';
import { childRegistry, createRegistry, runtimeMetrics } from '@gridlease/kube/metrics';
import { resourceClient } from '@gridlease/kube/resources';
import { createTerm } from '@gridlease/kube/term';
import { eventually } from '@gridlease/kube/testing/testNamespace';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { batchFiles } from './anchor/batchFiles.ts';
import { operatorInformers } from './clients.ts';
import { parseOperatorConfig } from './config.ts';
import { createHeartbeats } from './heartbeats.ts';
import { lead, type Replica } from './lead.ts';
import { bundleStore } from './match/bundles.ts';
import { image } from './testing/builders.ts';
import { openTestHub, type TestHub } from './testing/testHub.ts';

let hub: TestHub;
const stopping = new AbortController();

beforeAll(async () => {
  hub = await openTestHub();
  // Something to do for each term.
  await resourceClient<GPUJob>(hub.admin, kinds.gpuJobs).create({
    apiVersion: API_VERSION,
    kind: 'GPUJob',
    metadata: { name: 'waiting', namespace: hub.namespace },
    spec: {
      batch: {},
      workload: { image },
      gpu: { count: 1 },
      budget: { accountName: 'none' },
      runtime: { maxDurationSeconds: 60 },
    } as unknown as GPUJob['spec'],
  });
}, 60_000);

afterAll(async () => {
  stopping.abort();
  await hub?.close();
});

/** A replica whose informers are counted: how many listen to them now. */
function aReplica(): { readonly replica: Replica; readonly listening: () => number } {
  const informers = operatorInformers(hub.operator, 'gridlease-system', silentLogger);
  let listening = 0;
  for (const informer of Object.values(informers)) {
    const plain = informer.onChange.bind(informer) as (handler: never) => () => void;
    const counted = (handler: never): (() => void) => {
      const stop = plain(handler);
      listening++;
      return () => {
        listening--;
        stop();
      };
    };
    Object.assign(informer, { onChange: counted });
  }
  const replica = {
    config: parseOperatorConfig({ stateDir: hub.stateDir }, 'test'),
    hub: hub.operator,
    hubUid: '11111111-1111-1111-1111-111111111111',
    informers,
    heartbeats: createHeartbeats({ informer: informers.heartbeats, clock: systemClock }),
    recorder: eventRecorder({
      cluster: hub.operator,
      reportingController: 'gridlease.dev/operator',
      reportingInstance: 'test',
    }),
    bundles: bundleStore(join(hub.stateDir, 'placements')),
    anchors: batchFiles(join(hub.stateDir, 'anchors')),
    clock: systemClock,
    log: silentLogger,
  };
  for (const informer of Object.values(informers)) informer.start(stopping.signal);
  return { replica, listening: () => listening };
}

test('a term leaves nothing behind: neither listeners nor collectors, and sends nothing more', async () => {
  const { replica, listening } = aReplica();
  await using _recorder = replica.recorder;
  const base = createRegistry({ processMetrics: false });
  const before = { listening: listening(), collectors: runtimeMetrics(base).collectors.size };
  const page = joinedMetrics(base, () => [registry]);
  let registry = childRegistry(base);
  for (let round = 0; round < 3; round++) {
    registry = childRegistry(base);
    using term = createTerm({
      untilMs: Number.MAX_SAFE_INTEGER,
      signal: stopping.signal,
      clock: systemClock,
      timers: systemTimers,
    });
    const leading = lead(replica, term, registry);
    const { reconcileTotal } = runtimeMetrics(base);
    await eventually('something was reconciled', async () =>
      (await reconcileTotal.get()).values.some(({ value }) => value > 0),
    );
    expect(listening()).toBeGreaterThan(before.listening + 20);
    const names = (await page.metrics()).split('\n').filter((line) => line.startsWith('# TYPE'));
    expect(names).toHaveLength(new Set(names).size);
    term.end('the test ends it');
    await leading;
    expect({ listening: listening(), collectors: runtimeMetrics(base).collectors.size }).toEqual(
      before,
    );
    const { length } = hub.operator.writes;
    await replica.recorder.flush();
    runtimeMetrics(base).reconcileTotal.reset();
    expect(hub.operator.writes.slice(length).filter((write) => !write.includes('events'))).toEqual(
      [],
    );
  }
}, 60_000);
