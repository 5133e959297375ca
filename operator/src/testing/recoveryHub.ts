import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import { providerNamespace } from '@gridlease/crds/labels';
import * as kinds from '@gridlease/crds/resources';
import * as builtins from '@gridlease/kube/builtins';
import { toMicroTime } from '@gridlease/kube/conditions';
import { Informer } from '@gridlease/kube/informer';
import { silentLogger } from '@gridlease/kube/log';
import { manualClock } from '@gridlease/kube/manualClock';
import { type ResourceClient, resourceClient } from '@gridlease/kube/resources';
import { until } from '@gridlease/kube/testing/until';
import { Registry } from 'prom-client';
import { createHeartbeats, type HeartbeatLease } from '../heartbeats.ts';
import { createRecoveryStage } from '../recovery/stage.ts';
import type { Told } from './jobStages.ts';
import { clientsOf, type informersOf, type TestHub } from './testHub.ts';

/** What a test may do just before a lost lease is written. */
export type BeforeLoss = ((lease: GPULease) => Promise<void>) | undefined;

/** The recovery stage on a real API server and a clock that the test moves; the test is every agent. */
export async function startRecovery(
  hub: TestHub,
  informers: Pick<ReturnType<typeof informersOf>, 'jobs' | 'leases' | 'providers'>,
  events: Told[],
) {
  const stopping = new AbortController();
  const { signal } = stopping;
  const startMs = Date.now();
  const manual = manualClock();
  const clock = { ...manual, now: () => new Date(startMs + manual.monotonicMs()) };
  const registry = new Registry();
  const informer = new Informer<HeartbeatLease>({
    cluster: hub.admin,
    definition: builtins.leases,
    labelSelector: `gridlease.dev/test=${hub.id}`,
  });
  const watch: { deafTo: string | undefined } = { deafTo: undefined };
  const heartbeats = createHeartbeats({
    informer: {
      onChange: (handler) =>
        informer.onChange((...change) => {
          if (change[0].metadata.namespace !== watch.deafTo) handler(...change);
        }),
    },
    clock,
  });
  const clients = clientsOf(hub);
  const before: { loss: BeforeLoss } = { loss: undefined };
  const leases: ResourceClient<GPULease> = {
    ...clients.leases,
    replace: async (lease, options) => {
      await before.loss?.(lease);
      return clients.leases.replace(lease, options);
    },
  };
  const stage = createRecoveryStage({
    clients: { ...clients, leases },
    informers,
    heartbeats,
    limits: {
      unreachableMs: 40_000,
      afterFenceMs: 40_000,
      usualFenceMs: 60_000,
      heardWithinMs: 900_000,
    },
    recorder: { event: (_about, event) => void events.push(event) },
    clock,
    timers: clock,
    log: silentLogger,
    registry,
  });
  informer.start(signal);
  await informer.synced(signal, 20_000);
  stage.start(signal);
  const admin = {
    jobs: resourceClient<GPUJob>(hub.admin, kinds.gpuJobs),
    leases: resourceClient<GPULease>(hub.admin, kinds.gpuLeases),
    providers: resourceClient<GPUProvider>(hub.admin, kinds.gpuProviders),
  };

  /** The sum of a metric's series, or of those with this label. */
  const metric = async (name: string, [label, value] = ['', '']): Promise<number> => {
    const found = await registry.getSingleMetric(name)?.get();
    return (found?.values ?? [])
      .filter(
        ({ labels }) =>
          label === '' || Object.entries(labels).some(([key, is]) => key === label && is === value),
      )
      .reduce((sum, series) => sum + series.value, 0);
  };
  const isIdle = async (): Promise<boolean> => {
    for (let look = 0; look < 2; look += 1) {
      // A key that a worker has just taken is counted nowhere for a moment.
      await new Promise((resolve) => setImmediate(resolve));
      const ready = await metric('workqueue_depth');
      if (ready + (await metric('controller_runtime_active_workers')) > 0) return false;
    }
    return true;
  };
  const rest = () => until('the recovery stage rests', isIdle);
  /** Renews as the agent would. */
  const renew = async (providerName: string): Promise<string> => {
    const client = resourceClient<HeartbeatLease>(hub.agent(providerName), builtins.leases);
    const ref = { namespace: providerNamespace(providerName), name: 'agent' };
    const existing = await client.find(ref);
    const spec = { holderIdentity: 'agent', renewTime: toMicroTime(new Date()) };
    if (existing !== undefined) await client.replace({ ...existing, spec });
    else {
      const type = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
      await client.create({ ...type, metadata: { ...ref, labels: hub.labels }, spec });
    }
    return spec.renewTime;
  };

  return {
    admin,
    clock,
    before,
    /** Deaf to a namespace it tells of no renewal there. */
    watch,
    metric,
    renew,
    /** Renews, and waits until the hub has heard it. */
    async beat(...providerNames: readonly string[]): Promise<void> {
      for (const name of providerNames) {
        const renewed = await renew(name);
        const key = `${providerNamespace(name)}/agent`;
        await until(`${name} is heard`, () => informer.get(key)?.spec?.renewTime === renewed);
      }
    },
    /** Lets time pass, the last two seconds one by one, and waits until the stage has nothing to do. */
    async pass(seconds: number): Promise<void> {
      const first = Math.max(1, seconds - 2);
      for (const step of [first, ...Array<number>(seconds - first).fill(1)]) {
        clock.advance(step * 1_000);
        await rest();
      }
    },
    rest,
    async stop(): Promise<void> {
      stopping.abort(new Error('the test stops recovery'));
      await Promise.all([stage.stopped, informer.stopped]);
    },
  };
}
