import type { GPUJob } from '@gridlease/crds/gpujob';
import { providerNamespace } from '@gridlease/crds/labels';
import { isOpenEnded } from '@gridlease/crds/openEnded';
import type { PlacementRecord } from '@gridlease/crds/placementrecord';
import { ApiError } from '@gridlease/kube/apiError';
import { GridleaseError } from '@gridlease/kube/errors';
import { objectKey } from '@gridlease/kube/object';
import type { Placement } from './decide.ts';
import type { MatchDeps } from './deps.ts';
import type { PlacementFacts } from './facts.ts';
import type { Holding, Ledger } from './ledger.ts';
import type { PricedShare } from './money.ts';
import { placementRecordOf, recordName } from './record.ts';

const fieldManager = 'gridlease-match';

/** A placement with its names: GPUs and money are held from the moment it exists. */
export type Intent = {
  readonly share: PricedShare;
  readonly shard: number;
  readonly epoch: number;
  /** Of the lease to be. */
  readonly leaseKey: string;
};

/**
 * Names the leases and holds what they take, without waiting for anything: from here on no other
 * decision sees these GPUs or this money as free.
 */
export function holdPlacement(
  job: GPUJob,
  placement: Placement,
  options: { readonly nextEpoch: number; readonly accountUid: string; readonly ledger: Ledger },
): readonly Intent[] {
  return placement.shares.map((share, shard) => {
    const epoch = options.nextEpoch + shard;
    const name = recordName(job.metadata.name, job.metadata.uid!, epoch);
    const leaseKey = `${providerNamespace(share.candidate.provider)}/${name}`;
    options.ledger.hold(leaseKey, holdingOf(job, share, options.accountUid));
    return { share, shard, epoch, leaseKey };
  });
}

function holdingOf(job: GPUJob, share: PricedShare, accountUid: string): Holding {
  const gpus = share.parallelism * job.spec.gpu.count;
  return {
    accountUid,
    provider: share.candidate.provider,
    product: share.candidate.product,
    gpus,
    hourly: share.candidate.price * BigInt(gpus),
    maxAmount: share.maxAmount,
    hasEnd: !isOpenEnded(job.spec),
    billed: 0n,
  };
}

type CommitInput = {
  readonly job: GPUJob;
  readonly facts: PlacementFacts;
  readonly placement: Placement;
  readonly intents: readonly Intent[];
  readonly chainName: string;
  readonly failures: ReadonlyMap<number, number>;
  readonly signal: AbortSignal;
};

/**
 * Writes the records, the durable form of the decision. When one can't be written, what it held is
 * given back; when the answer was lost, it stays held until the record was looked for.
 */
export async function commit(
  input: CommitInput,
  deps: MatchDeps,
): Promise<readonly PlacementRecord[]> {
  const { facts, signal } = input;
  const inputsDigest = await deps.bundles.put(facts);
  const signer = await deps.signerFor(facts.account.uid);
  const records: PlacementRecord[] = [];
  for (const { share, shard, epoch } of input.intents) {
    const generation = await deps.generationOf({
      accountUid: facts.account.uid,
      chainName: input.chainName,
      tenant: facts.account.address,
      provider: share.candidate.providerAddress,
      providerName: share.candidate.provider,
      signer: signer.address,
    });
    const attempts = share.indexes.map((index) => input.failures.get(index) ?? 0);
    const attempt = Math.max(0, ...attempts);
    const { job, placement } = input;
    const fields = { job, facts, placement, share, shard, epoch, attempt, generation };
    records.push(await createRecord(placementRecordOf({ ...fields, inputsDigest }), deps, signal));
  }
  return records;
}

async function createRecord(
  record: PlacementRecord,
  deps: MatchDeps,
  signal: AbortSignal,
): Promise<PlacementRecord> {
  const { records: client } = deps.clients;
  const { records: informer } = deps.informers;
  try {
    const created = await client.create(record, { fieldManager, signal });
    informer.observe(created);
    return created;
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isAlreadyExists) throw error;
    // An earlier decision whose answer was lost: it counts, this one doesn't.
    informer.observe(await client.get(record.metadata, { signal }));
    throw new GridleaseError(`PlacementRecord ${objectKey(record)} was decided before`, {
      retry: { afterSeconds: 0.05 },
    });
  }
}

/** The records of intents whose write was never answered, looked up at the API server itself. */
export async function findLostRecords(
  job: GPUJob,
  intents: readonly Intent[],
  deps: MatchDeps,
  signal: AbortSignal,
): Promise<void> {
  for (const { epoch } of intents) {
    const { namespace, name, uid } = job.metadata;
    const ref = { namespace: namespace!, name: recordName(name, uid!, epoch) };
    const found = await deps.clients.records.find(ref, { signal });
    if (found !== undefined) deps.informers.records.observe(found);
  }
}
