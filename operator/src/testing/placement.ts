import type { GPUPool } from '@gridlease/crds/gpuinventory';
import type { GPUJob, GPUJobSpecInput } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUOfferSpec } from '@gridlease/crds/gpuoffer';
import type { GPUProvider, GPUProviderSpecInput } from '@gridlease/crds/gpuprovider';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import { jobProgress } from '../jobProgress.ts';
import { accountMoney } from '../match/accountMoney.ts';
import type { PlacementFacts } from '../match/facts.ts';
import { accountFacts, candidateFacts, jobFacts, type OfferVerdict } from '../match/gather.ts';
import { historyOf } from '../match/history.ts';
import { followLease } from '../match/holdings.ts';
import { billedOf } from '../match/leaseCost.ts';
import { Ledger } from '../match/ledger.ts';
import { aChain, aJob, anAccount, anInventory, anOffer, aProvider, nowMs } from './builders.ts';

/** One provider with one offer and what it has; H100, 2 × 8 free, 2.10 tUSD, unless told otherwise. */
export type Place = {
  readonly name: string;
  readonly price?: string;
  readonly offer?: Partial<GPUOfferSpec>;
  readonly provider?: Partial<GPUProviderSpecInput>;
  readonly status?: GPUProvider['status'];
  readonly pools?: readonly Partial<GPUPool>[];
  readonly isolationClasses?: readonly string[];
  /** Default: a minute ago. `null`: none was written. */
  readonly observedTime?: string | null;
  readonly verdict?: OfferVerdict;
};

export type Situation = {
  readonly job?: GPUJob;
  /** Short for a job with this in its spec. */
  readonly spec?: Partial<GPUJobSpecInput>;
  readonly account?: PaymentAccount;
  readonly places?: readonly Place[];
  /** Leases of this and of other jobs. */
  readonly leases?: readonly GPULease[];
  readonly nowMs?: number;
};

/** The facts of a situation, made from objects the way the stage makes them. */
export function factsOf(situation: Situation): PlacementFacts {
  const { account = anAccount(), places = [{ name: 'alpha' }], leases = [] } = situation;
  const job = situation.job ?? aJob(situation.spec === undefined ? {} : { spec: situation.spec });
  const at = situation.nowMs ?? nowMs;
  const chain = aChain();
  const ledger = new Ledger();
  for (const lease of leases) followLease(ledger, lease, false);
  const own = leases.filter(({ spec }) => spec.jobRef.uid === job.metadata.uid);
  const { refusals, spent, committed } = historyOf(own, [], billedOf);
  const holdings = ledger.ofAccount(account.metadata.uid!);
  return {
    protocolVersion: 1,
    nowMs: at,
    job: jobFacts({
      job,
      progress: jobProgress({ job, leases: own, intents: [] }),
      refusals,
      spent,
      committed,
      decimals: 6,
      intervalSeconds: 60,
    }),
    account: accountFacts(
      account,
      chain,
      accountMoney({ holdings, channels: [], leases, nowMs: at }),
    ),
    candidates: places.map((place) => candidateAt(place, ledger)),
  };
}

function candidateAt(place: Place, ledger: Ledger) {
  const { name, verdict = { valid: true, chainName: 'local' } } = place;
  const product = place.offer?.product ?? 'H100-80GB-HBM3';
  const offer = anOffer(name, { product, pricePerGPUHour: place.price ?? '2.10', ...place.offer });
  const inventory =
    place.observedTime === null
      ? undefined
      : anInventory(name, {
          pools: (place.pools ?? [{}]).map((pool) => ({ product, ...pool })),
          ...(place.isolationClasses === undefined
            ? {}
            : { isolationClasses: place.isolationClasses }),
          ...(place.observedTime === undefined ? {} : { observedTime: place.observedTime }),
        });
  return candidateFacts({
    provider: aProvider(name, {
      ...(place.provider === undefined ? {} : { spec: place.provider }),
      ...(place.status === undefined ? {} : { status: place.status }),
    }),
    offer,
    verdict,
    inventory,
    heldGpus: ledger.gpusAt(name, product),
    chain: aChain(),
  });
}
