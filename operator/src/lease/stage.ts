import type { GPULease } from '@gridlease/crds/gpulease';
import { isOpenEnded } from '@gridlease/crds/openEnded';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { Controller } from '@gridlease/kube/controller';
import { objectKey } from '@gridlease/kube/object';
import { leaseNews } from './decide.ts';
import { indexNames, jobKeyOf, type LeaseDeps } from './deps.ts';
import { leaseMetrics } from './metrics.ts';
import { reconcileLeases } from './reconcile.ts';
import { recordLeaseEnd } from './traces.ts';

/** The figures of running jobs may be this old; a channel changes with every statement. */
const figuresEveryMs = 15_000;

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
  const figuresAtMs = new Map<string, number>();
  controller.watch(channels, (channel, old) => {
    const key = objectKey(channel);
    const nowMs = deps.clock.monotonicMs();
    const isDue = nowMs - (figuresAtMs.get(key) ?? Number.NEGATIVE_INFINITY) >= figuresEveryMs;
    if (isDue) figuresAtMs.set(key, nowMs);
    const names = isDue ? namesIn(channel, old) : changedNames(channel, old);
    return names.flatMap((name) => {
      const lease = leases.get(`${channel.metadata.namespace}/${name}`);
      return lease === undefined ? [] : [jobKeyOf(lease)];
    });
  });
  controller.watch(providers, (provider, old) =>
    old !== undefined && old.spec.suspended === provider.spec.suspended
      ? []
      : leases.list(`gridlease-provider-${objectKey(provider)}`).map(jobKeyOf),
  );
  controller.watch(accounts, (account) =>
    account.spec.caps?.total === undefined
      ? []
      : jobs
          .byIndex(indexNames.account, objectKey(account))
          .filter(({ spec }) => isOpenEnded(spec))
          .map(objectKey),
  );
  controller.watch(chains, () => []);
  leases.onChange((lease, old, { type }) => {
    if (type !== 'updated' || old === undefined) return;
    announce(lease, old, deps);
    recordLeaseEnd(lease, old, deps.clock.now());
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
  const news = leaseNews(lease, old, job);
  if (news !== undefined) recorder.event(job, { ...news, action: 'Lease' });
}

/** Leases in the channel's rows and finals, before and after the change. */
function namesIn(channel: PaymentChannel, old: PaymentChannel | undefined): readonly string[] {
  const names = new Set<string>();
  for (const one of [channel, old]) {
    for (const { leaseName } of one?.status?.rows ?? []) names.add(leaseName);
    for (const { leaseName } of one?.spec.finals ?? []) names.add(leaseName);
  }
  return [...names];
}

/** Those of them that were stated for the last time, paid, or taken off: what a job may wait for. */
function changedNames(channel: PaymentChannel, old: PaymentChannel | undefined): readonly string[] {
  const endsOf = (one: PaymentChannel | undefined) =>
    new Set([
      ...(one?.status?.rows ?? [])
        .filter(({ last }) => last)
        .map(({ leaseName }) => `row/${leaseName}`),
      ...(one?.spec.finals ?? []).map(({ leaseName }) => `final/${leaseName}`),
      ...(one?.spec.reply?.refusals ?? []).map(({ leaseId }) => `refused/${leaseId}`),
    ]);
  const [now, before] = [endsOf(channel), endsOf(old)];
  if ([...now].some((end) => end.startsWith('refused/') && !before.has(end))) {
    return namesIn(channel, old);
  }
  const changed = [
    ...[...now].filter((end) => !before.has(end)),
    ...[...before].filter((end) => !now.has(end)),
  ];
  return [...new Set(changed.map((end) => end.slice(end.indexOf('/') + 1)))];
}
