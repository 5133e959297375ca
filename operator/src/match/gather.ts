import { parseTokenAmount } from '@gridlease/contracts/amount';
import type { GPUInventory } from '@gridlease/crds/gpuinventory';
import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import { formatIndexes } from '@gridlease/crds/indexes';
import { maxDurationSecondsOf, parallelismOf, tasksOf } from '@gridlease/crds/jobDefaults';
import { stopMarginSeconds } from '@gridlease/crds/openEnded';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { getCondition } from '@gridlease/kube/conditions';
import type { AccountMoney } from './accountMoney.ts';
import { dayMs, hourMs, windowCosts } from './capWindows.ts';
import type { AccountFacts, CandidateFacts, JobFacts, RefusalFacts } from './facts.ts';

/** What match needs of a job's progress; computed outside, from the job's leases. */
export type Progress = {
  readonly waiting: readonly number[];
  readonly failures: ReadonlyMap<number, number>;
  readonly aliveTasks: Readonly<Record<string, number>>;
  readonly takenTasks: Readonly<Record<string, number>>;
  readonly retryAtMs?: number;
  readonly notBeforeMs?: ReadonlyMap<number, number>;
};

type JobInput = {
  readonly job: GPUJob;
  readonly progress: Progress;
  readonly refusals: readonly RefusalFacts[];
  /** Clique of the job's active leases. */
  readonly cliqueInUse?: string | undefined;
  /** Billed in finished leases and the most that active ones may cost, smallest units. */
  readonly spent: bigint;
  readonly committed: bigint;
  readonly decimals: number;
  /** Between two statements. */
  readonly intervalSeconds: number;
};

/** The job as a decision sees it. Throws TokenAmountError when a budget isn't exact in the token. */
export function jobFacts(input: JobInput): JobFacts {
  const { job, progress, decimals } = input;
  const { gpu, placement, budget, runtime } = job.spec;
  const units = (text: string) => parseTokenAmount(text, decimals).toString();
  return {
    uid: job.metadata.uid!,
    namespace: job.metadata.namespace!,
    name: job.metadata.name,
    gpuCount: gpu.count,
    products: gpu.products ?? [],
    memoryMiB: gpu.memoryMiB ?? 0,
    locality: gpu.locality,
    regions: placement.regions ?? [],
    jurisdictions: placement.jurisdictions ?? [],
    allowedProviders: placement.providers?.allow ?? [],
    deniedProviders: placement.providers?.deny ?? [],
    minTrustTier: placement.minTrustTier,
    maxProviderSharePercent: placement.maxProviderSharePercent,
    minIsolation: placement.minIsolation,
    ...(budget.maxPricePerGPUHour === undefined
      ? {}
      : { maxPricePerGpuHour: units(budget.maxPricePerGPUHour) }),
    ...(budget.maxTotal === undefined ? {} : { maxTotal: units(budget.maxTotal) }),
    maxDurationSeconds: maxDurationSecondsOf(job.spec) ?? 0,
    startDeadlineSeconds: runtime.startDeadlineSeconds,
    ...(job.spec.service === undefined
      ? {}
      : { service: { stopMarginSeconds: stopMarginSeconds(job.spec, input.intervalSeconds) } }),
    completions: tasksOf(job.spec),
    parallelism: parallelismOf(job.spec),
    waitingIndexes: formatIndexes(progress.waiting),
    aliveTasks: progress.aliveTasks,
    takenTasks: progress.takenTasks,
    ...(input.cliqueInUse === undefined ? {} : { cliqueInUse: input.cliqueInUse }),
    spent: input.spent.toString(),
    committed: input.committed.toString(),
    refusals: input.refusals,
  };
}

/** The account and its escrow as a decision sees them; `money` is what the hub knows beyond the status. */
export function accountFacts(
  account: PaymentAccount,
  chain: SettlementChain,
  money: AccountMoney,
): AccountFacts {
  const { decimals, symbol } = chain.spec.token;
  const units = (text: string | undefined) => parseTokenAmount(text ?? '0', decimals);
  const { status } = account;
  const ready = getCondition(status?.conditions, 'Ready');
  const left = units(status?.delegateLimit) - units(status?.delegateSpent);
  const caps = Object.entries(account.spec.caps ?? {}).map(([name, cap]) => [
    name,
    units(cap).toString(),
  ]);
  return {
    name: account.metadata.name,
    uid: account.metadata.uid!,
    address: account.spec.address,
    chainId: chain.spec.chainId.toString(),
    escrow: chain.spec.escrow,
    symbol,
    decimals,
    ...(ready === undefined || ready.status === 'True'
      ? {}
      : { notReadyReason: ready.reason, notReadyMessage: ready.message }),
    delegate: status?.delegateAddress ?? '0x',
    free: units(status?.free).toString(),
    reserved: units(status?.reserved).toString(),
    promised: money.promised.toString(),
    delegateLeft: (left < 0n ? 0n : left).toString(),
    hours: windows(account.spec.caps?.perHour, money, hourMs),
    days: windows(account.spec.caps?.perDay, money, dayMs),
    total: (units(status?.spent) + money.rest).toString(),
    caps: Object.fromEntries(caps),
    allowedProviders: account.spec.allowedProviders ?? [],
  };
}

function windows(cap: string | undefined, { spending }: AccountMoney, ms: number): string[] {
  return cap === undefined ? [] : windowCosts(spending, ms).map(String);
}

/** What was found about an offer's signatures. */
export type OfferVerdict =
  | { readonly valid: true; readonly chainName: string }
  | { readonly valid: false; readonly reason: string; readonly message: string };

type CandidateInput = {
  readonly provider: GPUProvider;
  readonly offer: GPUOffer;
  readonly verdict: OfferVerdict;
  readonly inventory: GPUInventory | undefined;
  readonly heldGpus: number;
  /** The chain that the account pays on. */
  readonly chain: SettlementChain;
};

/** One offer and the place it is for, as a decision sees them. */
export function candidateFacts(input: CandidateInput): CandidateFacts {
  const { provider, offer, inventory, chain } = input;
  const { spec } = offer;
  const notReady = whyNotReady(provider);
  const problem = offerProblem(input);
  const grantEndMs = Number(spec.grant.notAfter) * 1_000;
  return {
    provider: provider.metadata.name,
    providerAddress: provider.spec.address,
    namespace: offer.metadata.namespace!,
    ...(notReady === undefined ? {} : { notReady }),
    suspended: provider.spec.suspended || provider.spec.abandoned !== undefined,
    unschedulable: provider.spec.unschedulable,
    region: provider.spec.region,
    jurisdiction: provider.spec.jurisdiction,
    trustTier: provider.status?.trustTier ?? 0,
    offerName: offer.metadata.name,
    offerHash: spec.offerHash,
    ...(problem === undefined ? {} : { offerProblem: problem }),
    product: spec.product,
    pricePerGpuHour: parseTokenAmount(spec.pricePerGPUHour, chain.spec.token.decimals).toString(),
    minGpus: spec.minGPUs,
    maxGpus: spec.maxGPUs,
    maxDurationSeconds: spec.maxDurationSeconds,
    validUntilMs: Math.min(Date.parse(spec.validUntilTime), grantEndMs),
    isolationClasses: inventory?.spec.isolationClasses ?? [],
    ...(inventory === undefined ? {} : { inventoryMs: Date.parse(inventory.spec.observedTime) }),
    pools: (inventory?.spec.pools ?? [])
      .filter(({ product }) => product === spec.product)
      .map(({ memoryMiB, clique, healthy, used, leased, nodeFree }) => ({
        memoryMiB,
        ...(clique === undefined ? {} : { clique }),
        healthy,
        used,
        leased,
        nodeFree,
      })),
    heldGpus: input.heldGpus,
  };
}

/** Suspended and unschedulable have filters of their own, with words of their own. */
function whyNotReady({ spec, status }: GPUProvider): string | undefined {
  if (!spec.hubAccepted) return 'not accepted by this cluster (spec.hubAccepted)';
  const ready = getCondition(status?.conditions, 'Ready');
  if (ready === undefined) return 'not looked at yet';
  if (ready.status === 'True' || spec.suspended || spec.unschedulable) return undefined;
  return `${ready.reason}: ${ready.message}`;
}

function offerProblem({ verdict, chain }: CandidateInput): string | undefined {
  if (!verdict.valid) {
    // Time is asked by a filter of its own, whose answer is never older than the decision.
    return verdict.reason === 'OfferExpired' ? undefined : `${verdict.reason}: ${verdict.message}`;
  }
  const { name } = chain.metadata;
  return verdict.chainName === name
    ? undefined
    : `signed for chain ${verdict.chainName}, the account pays on ${name}`;
}
