import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { accountMoney } from './accountMoney.ts';
import { indexNames, type MatchDeps } from './deps.ts';
import type { PlacementFacts } from './facts.ts';
import { accountFacts, jobFacts, type Progress } from './gather.ts';
import { historyOf } from './history.ts';
import { cliqueOf, recordsOf, recordsWithoutLease } from './intents.ts';
import { costReader } from './leaseCost.ts';
import type { MatchState } from './state.ts';

/** Who pays for a job, and on which chain. */
export type Source = { readonly account: PaymentAccount; readonly chain: SettlementChain };

/** Undefined while one of them is missing. */
export function accountOf(job: GPUJob, { informers }: MatchDeps): Source | undefined {
  const name = job.spec.budget.accountName;
  const account = informers.accounts.get(`${job.metadata.namespace}/${name}`);
  const chain = informers.chains.get(account?.spec.chainName ?? '');
  return account === undefined || chain === undefined ? undefined : { account, chain };
}

/** All that a placement is decided from, out of the caches. */
export function gatherFacts(
  job: GPUJob,
  leases: readonly GPULease[],
  progress: Progress,
  { account, chain }: Source,
  deps: MatchDeps,
  state: MatchState,
  nowMs: number,
): PlacementFacts {
  const { decimals } = chain.spec.token;
  const { channels, leases: allLeases } = deps.informers;
  const accountUid = account.metadata.uid!;
  const ofAccount = channels.byIndex(indexNames.accountUid, accountUid);
  const { refusals, spent, committed } = historyOf(
    leases,
    // A lease that somebody deleted is no fault of its provider.
    recordsWithoutLease(job, deps).filter(({ spec }) => spec.epoch > (job.status?.epoch ?? 0)),
    costReader(ofAccount),
  );
  const money = accountMoney({
    holdings: state.ledger.ofAccount(accountUid),
    channels: ofAccount,
    leases:
      account.spec.caps?.perHour === undefined && account.spec.caps?.perDay === undefined
        ? []
        : allLeases.byIndex(indexNames.accountUid, accountUid),
    nowMs,
  });
  const cliqueInUse = cliqueOf(leases, recordsOf(job, deps));
  return {
    protocolVersion: 1,
    nowMs,
    job: jobFacts({
      ...{ job, progress, refusals, cliqueInUse, spent, committed, decimals },
      intervalSeconds: deps.policy.intervalSeconds,
    }),
    account: accountFacts(account, chain, money),
    candidates: state.market.candidates(chain),
  };
}
