import type { GPUJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import { providerNamespace } from '@gridlease/crds/labels';
import type { LeaseWorkload } from '@gridlease/crds/leaseworkload';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { PlacementRecord } from '@gridlease/crds/placementrecord';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { leaseSpan, withTraceparent } from '@gridlease/crds/traces';
import { createOnce } from '@gridlease/kube/apply';
import { GridleaseError } from '@gridlease/kube/errors';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { LocalAccount } from 'viem';
import { gpuLeaseOf, isInline, leaseWorkloadOf, type TermsPolicy } from './lease.ts';
import type { Cache } from './market.ts';

const fieldManager = 'gridlease-match';

export type CarryOutDeps = {
  readonly clients: {
    readonly workloads: ResourceClient<LeaseWorkload>;
    readonly leases: ResourceClient<GPULease>;
  };
  readonly informers: {
    readonly accounts: Cache<PaymentAccount>;
    readonly providers: Cache<GPUProvider>;
    readonly chains: Cache<SettlementChain>;
  };
  readonly signerFor: (accountUid: string) => Promise<LocalAccount>;
  readonly policy: TermsPolicy;
};

/**
 * Turns a record into its workload and its lease. Every name is derived from the record, so that a
 * run after a crash creates what is missing and nothing twice. Resolves with the lease.
 */
export async function carryOut(
  record: PlacementRecord,
  job: GPUJob,
  deps: CarryOutDeps,
  signal: AbortSignal,
): Promise<GPULease> {
  const { accountRef, winner } = record.spec;
  const { accounts, providers, chains } = deps.informers;
  const account = accounts.get(`${accountRef.namespace}/${accountRef.name}`);
  const provider = providers.get(winner.providerName);
  const chain = chains.get(account?.spec.chainName ?? '');
  if (account?.metadata.uid !== accountRef.uid || provider === undefined || chain === undefined) {
    throw new GridleaseError(
      `PlacementRecord ${record.metadata.name} names an account, provider or chain that is gone; it ends by itself`,
    );
  }
  const source = { record, job, account, provider, chain };
  const options = { fieldManager, signal };
  const workload = leaseWorkloadOf(source);
  if (!isInline(workload)) {
    await createOnce(deps.clients.workloads, workload, {
      ...options,
      accept: (existing) => existing.spec.hash === workload.spec.hash,
    });
  }
  const signer = await deps.signerFor(accountRef.uid);
  const lease = await gpuLeaseOf(source, workload, signer, deps.policy);
  const traced = withTraceparent(lease, () => leaseSpan(lease));
  return createOnce(deps.clients.leases, traced, {
    ...options,
    accept: ({ spec }) =>
      spec.jobRef.uid === record.spec.jobRef.uid && spec.epoch === record.spec.epoch,
  });
}

/** Where the lease of a record is, or will be: `namespace/name`. */
export function leaseKeyOf({ metadata, spec }: PlacementRecord): string {
  return `${providerNamespace(spec.winner.providerName)}/${metadata.name}`;
}
