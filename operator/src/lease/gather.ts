import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import { isOpenEnded } from '@gridlease/crds/openEnded';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { LeaseInput } from './decide.ts';
import { indexNames, type LeaseDeps } from './deps.ts';
import { capIsReached } from './openBudget.ts';

/** What the stage decides from about one job and its leases, out of the caches. */
export function gatherLeases(
  job: GPUJob | undefined,
  leases: readonly GPULease[],
  key: string,
  deps: LeaseDeps,
): LeaseInput {
  const { informers } = deps;
  const nowMs = deps.clock.now().getTime();
  const records = informers.records
    .byIndex(indexNames.job, key)
    .filter(({ spec }) => spec.jobRef.uid === job?.metadata.uid);
  const known = new Set(leases.map(({ metadata }) => metadata.name));
  const intents = records.filter(
    ({ metadata, spec }) =>
      !known.has(metadata.name) &&
      spec.epoch > (job?.status?.epoch ?? 0) &&
      Date.parse(spec.decidedTime) + deps.acceptSeconds * 1_000 > nowMs,
  );
  const account = accountOf(job, deps);
  const decimals = decimalsOf(account, deps);
  const channelOf = ({ metadata, spec }: GPULease) =>
    informers.channels.get(`${metadata.namespace}/${spec.channelName}`);
  return {
    job,
    leases,
    progress: job === undefined ? undefined : deps.progressOf(job, leases, intents),
    hasOpenIntents: intents.length > 0,
    providerOf: ({ spec }) => informers.providers.get(spec.providerName),
    channelOf,
    attemptOf: ({ metadata }) =>
      records.find((record) => record.metadata.name === metadata.name)?.spec.attempt ?? 0,
    capIsReached: isCapReached(job, account, { channelOf, decimals }, deps),
    decimals,
    nowMs,
    fundDeadlineSeconds: deps.fundDeadlineSeconds,
    retentionSeconds: deps.retentionSeconds,
    finalRowSeconds: deps.finalRowSeconds,
  };
}

function accountOf(job: GPUJob | undefined, { informers }: LeaseDeps): PaymentAccount | undefined {
  if (job === undefined) return undefined;
  return informers.accounts.get(`${job.metadata.namespace}/${job.spec.budget.accountName}`);
}

function decimalsOf(account: PaymentAccount | undefined, { informers }: LeaseDeps): number {
  const chain = informers.chains.get(account?.spec.chainName ?? '');
  // Without leases there is no amount; every token here has at least 6.
  return chain?.spec.token.decimals ?? 6;
}

function isCapReached(
  job: GPUJob | undefined,
  account: PaymentAccount | undefined,
  around: Pick<LeaseInput, 'channelOf' | 'decimals'>,
  { informers }: LeaseDeps,
): boolean {
  if (job === undefined || !isOpenEnded(job.spec)) return false;
  if (account?.spec.caps?.total === undefined) return false;
  // Of the whole account, not of this job alone.
  const leases = informers.leases.byIndex(indexNames.accountUid, account.metadata.uid!);
  return capIsReached({ ...around, job, account, leases });
}
