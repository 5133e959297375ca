import { join } from 'node:path';
import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import { systemClock, systemTimers } from '@gridlease/kube/clock';
import { silentLogger } from '@gridlease/kube/log';
import { createRegistry } from '@gridlease/kube/metrics';
import type { LocalAccount } from 'viem';
import { jobProgress } from '../jobProgress.ts';
import { jobStatusWriter } from '../jobStatus.ts';
import { holdJob } from '../lease/finalizer.ts';
import { createLeaseStage } from '../lease/stage.ts';
import { followWaiting } from '../lease/succeeded.ts';
import { bundleStore } from '../match/bundles.ts';
import { createMatchStage } from '../match/stage.ts';
import { checkOffer } from '../offerCheck.ts';
import { createQueueStage } from '../queue/reconcile.ts';
import { clientsOf, informersOf, type TestHub } from './testHub.ts';

/** An Event that a stage has told. */
export type Told = { readonly reason: string; readonly note: string };

export type RunningStages = {
  readonly informers: ReturnType<typeof informersOf>;
  stop(): Promise<void>;
};

/** queue, match and lease as the operator wires them, less the money stages. */
export async function startStages(
  hub: TestHub,
  { signer, events }: { readonly signer: LocalAccount; readonly events: Told[] },
): Promise<RunningStages> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const informers = informersOf(hub);
  const clients = clientsOf(hub);
  const log = silentLogger;
  const registry = createRegistry({ processMetrics: false });
  const jobStatus = jobStatusWriter({
    client: clients.jobs,
    informer: informers.jobs,
    clock: systemClock,
    timers: systemTimers,
    log,
    signal,
    follow: (before, after) => followWaiting(before, after, new Date()),
  });
  const recorder = {
    event: (_about: unknown, event: Told) => {
      events.push(event);
    },
  };
  const shared = {
    clients,
    informers: { ...informers, jobs: jobStatus.jobs },
    writeJobStatus: jobStatus.write,
    recorder,
    hub: hub.hub,
    clock: systemClock,
    log,
    registry,
  };
  const progressOf = (
    job: GPUJob,
    leases: readonly GPULease[],
    intents: Parameters<typeof jobProgress>[0]['intents'],
  ) => jobProgress({ job, leases, intents });
  const stages = [
    createQueueStage(shared),
    createMatchStage({
      ...shared,
      checkOffer: (offer, { provider, ...context }) =>
        checkOffer(offer, { ...context, provider: provider.spec.address, hub: hub.hub }),
      signerFor: async () => signer,
      generationOf: async () => 1,
      holdJob: (job, stop) =>
        holdJob({ client: clients.jobs, informer: informers.jobs }, job, stop),
      progressOf,
      bundles: bundleStore(join(hub.stateDir, 'placements')),
      policy: {
        hub: hub.hub,
        hubEpoch: 1n,
        intervalSeconds: 5,
        graceSeconds: 60,
        prepaySeconds: 0,
        idleSeconds: 300,
        fenceSeconds: 60,
        acceptSeconds: 30,
      },
      timers: systemTimers,
    }),
    createLeaseStage({
      ...shared,
      progressOf,
      acceptSeconds: 30,
      fundDeadlineSeconds: 120,
      retentionSeconds: 3_600,
      finalRowSeconds: 600,
    }),
  ];
  for (const informer of Object.values(informers)) informer.start(signal);
  for (const stage of stages) stage.start(signal);
  await Promise.all(Object.values(informers).map((informer) => informer.synced(signal)));
  return {
    informers,
    stop: async () => {
      stopping.abort(new Error('the test stops the stages'));
      await Promise.all(stages.map(({ stopped }) => stopped));
      await Promise.all(Object.values(informers).map(({ stopped }) => stopped));
    },
  };
}
