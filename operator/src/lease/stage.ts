import type { GPULease } from '@gridlease/crds/gpulease';
import { isOpenEnded } from '@gridlease/crds/openEnded';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { Controller } from '@gridlease/kube/controller';
import { objectKey } from '@gridlease/kube/object';
import { leaseNews } from './decide.ts';
import { leaseMetrics } from './metrics.ts';
import { jobAccountIndex, jobKeyOf, type LeaseDeps, reconcileLeases } from './reconcile.ts';

/** The lease stage: ends what is not wanted, says on the job how it goes, lets it go when all is paid. */
export function createLeaseStage(deps: LeaseDeps): {
  start(signal: AbortSignal): void;
  readonly stopped: Promise<void>;
} {
  const { jobs, leases, records, channels, providers, accounts, chains } = deps.informers;
  const controller = new Controller({
    name: 'lease',
    concurrency: 8,
    reconcile: reconcileLeases(deps, leaseMetrics(deps.registry), new Map()),
    registry: deps.registry,
    log: deps.log,
    clock: deps.clock,
  });
  controller.watch(jobs);
  controller.watch(leases, (lease) => [jobKeyOf(lease)]);
  controller.watch(records, (record) => [jobKeyOf(record)]);
  controller.watch(channels, (channel, old) =>
    jobsOf(channel, old, leases.list(channel.metadata.namespace)),
  );
  controller.watch(providers, (provider, old) =>
    old !== undefined && old.spec.suspended === provider.spec.suspended
      ? []
      : leases.list(`gridlease-provider-${objectKey(provider)}`).map(jobKeyOf),
  );
  controller.watch(accounts, (account) =>
    account.spec.caps?.total === undefined
      ? []
      : jobs
          .byIndex(jobAccountIndex, objectKey(account))
          .filter(({ spec }) => isOpenEnded(spec))
          .map(objectKey),
  );
  controller.watch(chains, () => []);
  leases.onChange((lease, old, { type }) => {
    if (type === 'updated' && old !== undefined) announce(lease, old, deps);
  });
  return {
    start: (signal) => controller.start(signal),
    get stopped() {
      return controller.stopped;
    },
  };
}

function announce(lease: GPULease, old: GPULease, { informers, recorder }: LeaseDeps): void {
  const job = informers.jobs.get(jobKeyOf(lease));
  if (job?.metadata.uid !== lease.spec.jobRef.uid) return;
  const news = leaseNews(lease, old);
  if (news !== undefined) recorder.event(job, { ...news, action: 'Lease' });
}

/** Jobs of the leases in the channel's rows and finals, before and after the change. */
function jobsOf(
  channel: PaymentChannel,
  old: PaymentChannel | undefined,
  leases: readonly GPULease[],
): readonly string[] {
  const names = new Set<string>();
  for (const one of [channel, old]) {
    for (const { leaseName } of one?.status?.rows ?? []) names.add(leaseName);
    for (const { leaseName } of one?.spec.finals ?? []) names.add(leaseName);
  }
  return leases.filter(({ metadata }) => names.has(metadata.name)).map(jobKeyOf);
}
