import { hubId, uidToBytes32 } from '@gridlease/contracts/ids';
import { type GPUInventory, type GPUPool, gpuInventory } from '@gridlease/crds/gpuinventory';
import { type GPUJob, type GPUJobSpecInput, gpuJob } from '@gridlease/crds/gpujob';
import type { GPULease } from '@gridlease/crds/gpulease';
import type { GPUOffer, GPUOfferSpec } from '@gridlease/crds/gpuoffer';
import {
  type GPUProvider,
  type GPUProviderSpecInput,
  gpuProvider,
} from '@gridlease/crds/gpuprovider';
import { API_VERSION, providerNamespace } from '@gridlease/crds/labels';
import {
  type PaymentAccount,
  type PaymentAccountSpecInput,
  paymentAccount,
} from '@gridlease/crds/paymentaccount';
import { type SettlementChain, settlementChain } from '@gridlease/crds/settlementchain';
import type { Condition } from '@gridlease/kube/object';
import { type Hex, keccak256, stringToHex, zeroHash } from 'viem';

/** Builders of the objects that the operator works on: everything in order unless told otherwise. */

export const nowMs = Date.parse('2026-03-01T12:00:00Z');
export const hub = hubId('11111111-1111-1111-1111-111111111111');
export const tenantAddress: Hex = '0x00000000000000000000000000000000000000aa';
export const delegateAddress: Hex = '0x00000000000000000000000000000000000000dd';
export const escrowAddress: Hex = '0x00000000000000000000000000000000000000ee';
export const image = `registry.example/train@sha256:${'0'.repeat(64)}`;

/** An address that is the same for the same name. */
export function addressOf(name: string): Hex {
  return `0x${keccak256(stringToHex(name)).slice(-40)}`;
}

export function aCondition(
  type: string,
  status: Condition['status'],
  reason: string,
  more: Partial<Condition> = {},
): Condition {
  return {
    type,
    status,
    reason,
    message: `${reason}.`,
    lastTransitionTime: '2026-03-01T11:59:00Z',
    ...more,
  };
}

type JobOptions = {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly generation?: number;
  readonly spec?: Partial<GPUJobSpecInput>;
  readonly status?: GPUJob['status'];
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
};

/** One task on one GPU, paid by account team-a, admitted. */
export function aJob(options: JobOptions = {}): GPUJob {
  const { name = 'train', namespace = 'team-a', generation = 1, spec, status } = options;
  const admitted = aCondition('Admitted', 'True', 'Admitted', { observedGeneration: generation });
  const parsed = gpuJob.parse({
    apiVersion: API_VERSION,
    kind: 'GPUJob',
    metadata: {
      name,
      namespace,
      generation,
      uid: options.uid ?? `uid-${namespace}-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2026-03-01T11:00:00Z',
      ...(options.deletionTimestamp === undefined
        ? {}
        : { deletionTimestamp: options.deletionTimestamp }),
      ...(options.finalizers === undefined ? {} : { finalizers: options.finalizers }),
    },
    spec: {
      ...(spec?.service === undefined ? { batch: {} } : {}),
      workload: { image },
      gpu: { count: 1 },
      budget: { accountName: 'team-a' },
      ...spec,
    },
  });
  return { ...parsed, status: { conditions: [admitted], ...status } };
}

/** A service on one GPU a replica, without an end. */
export function aService(
  replicas = 1,
  { spec, ...options }: JobOptions & { readonly ports?: readonly ServicePort[] } = {},
): GPUJob {
  const ports = options.ports ?? [{ name: 'http', port: 8_000, probe: { path: '/health' } }];
  return aJob({ name: 'serve', ...options, spec: { service: { replicas, ports }, ...spec } });
}

type ServicePort = NonNullable<GPUJobSpecInput['service']>['ports'][number];

type AccountOptions = {
  readonly name?: string;
  readonly namespace?: string;
  readonly spec?: Partial<PaymentAccountSpecInput>;
  readonly status?: PaymentAccount['status'];
};

/** 1,000 tUSD free in escrow, all of it within the delegate's limit. */
export function anAccount(options: AccountOptions = {}): PaymentAccount {
  const { name = 'team-a', namespace = 'team-a', spec, status } = options;
  const parsed = paymentAccount.parse({
    apiVersion: API_VERSION,
    kind: 'PaymentAccount',
    metadata: { name, namespace, uid: `uid-account-${namespace}-${name}`, generation: 1 },
    spec: { address: tenantAddress, chainName: 'local', ...spec },
  });
  return {
    ...parsed,
    status: {
      delegateAddress,
      escrowed: '1000',
      free: '1000',
      reserved: '0',
      spent: '0',
      available: '1000',
      delegateLimit: '1000',
      delegateSpent: '0',
      conditions: [aCondition('Ready', 'True', 'Funded')],
      ...status,
    },
  };
}

export function aChain(name = 'local'): SettlementChain {
  return settlementChain.parse({
    apiVersion: API_VERSION,
    kind: 'SettlementChain',
    metadata: { name, uid: `uid-chain-${name}`, generation: 1 },
    spec: {
      chainId: 31_337,
      rpcSecretRef: { namespace: 'gridlease-system', name: 'chain-local', key: 'url' },
      escrow: escrowAddress,
      token: { address: addressOf('token'), symbol: 'tUSD', decimals: 6 },
    },
  });
}

type ProviderOptions = {
  readonly spec?: Partial<GPUProviderSpecInput>;
  readonly status?: GPUProvider['status'];
};

/** Accepted, ready, in eu-central, Germany. */
export function aProvider(name = 'alpha', options: ProviderOptions = {}): GPUProvider {
  const parsed = gpuProvider.parse({
    apiVersion: API_VERSION,
    kind: 'GPUProvider',
    metadata: { name, uid: `uid-provider-${name}`, generation: 1 },
    spec: {
      address: addressOf(name),
      hubAccepted: true,
      region: 'eu-central',
      jurisdiction: 'DE',
      ...options.spec,
    },
  });
  return {
    ...parsed,
    status: { trustTier: 1, conditions: [aCondition('Ready', 'True', 'Ready')], ...options.status },
  };
}

/** H100 at 2.10 tUSD, 1 to 64 GPUs, for any time, valid for a day; its signatures are not real. */
export function anOffer(provider = 'alpha', spec: Partial<GPUOfferSpec> = {}): GPUOffer {
  const agent = addressOf(`agent-${provider}`);
  const product = spec.product ?? 'H100-80GB-HBM3';
  const offerHash = spec.offerHash ?? keccak256(stringToHex(`${provider}/${product}`));
  const owner = addressOf(provider);
  const signature: Hex = `0x${'11'.repeat(65)}`;
  return {
    apiVersion: API_VERSION,
    kind: 'GPUOffer',
    metadata: {
      name: `${product.toLowerCase()}-${offerHash.slice(2, 10)}`,
      namespace: providerNamespace(provider),
      uid: `uid-offer-${provider}-${product}`,
      resourceVersion: '1',
    },
    spec: {
      product,
      pricePerGPUHour: '2.10',
      minGPUs: 1,
      maxGPUs: 64,
      maxDurationSeconds: 0,
      validUntilTime: new Date(nowMs + 86_400_000).toISOString(),
      provider: owner,
      hub,
      policyHash: zeroHash,
      salt: zeroHash,
      offerHash,
      agent,
      signature,
      grant: { provider: owner, agent, notBefore: '0', notAfter: '4000000000', signature },
      ...spec,
    },
  };
}

/** Two nodes with 8 free H100 each. */
export function anInventory(
  provider = 'alpha',
  options: {
    readonly pools?: readonly Partial<GPUPool>[];
    readonly observedTime?: string;
    readonly isolationClasses?: readonly string[];
  } = {},
): GPUInventory {
  const pools = options.pools ?? [{}];
  return gpuInventory.parse({
    apiVersion: API_VERSION,
    kind: 'GPUInventory',
    metadata: { name: provider, namespace: providerNamespace(provider) },
    spec: {
      observedTime: options.observedTime ?? new Date(nowMs - 60_000).toISOString(),
      pools: pools.map(aPool),
      isolationClasses: [...(options.isolationClasses ?? ['runc'])],
      cachedImages: [],
      unlabelledNodes: [],
    },
  });
}

function aPool(pool: Partial<GPUPool>): GPUPool {
  const nodeFree = pool.nodeFree ?? [8, 8];
  const free = nodeFree.reduce((total, gpus) => total + gpus, 0);
  const taken = (pool.used ?? 0) + (pool.leased ?? 0);
  return {
    product: 'H100-80GB-HBM3',
    rawProducts: ['NVIDIA-H100-80GB-HBM3'],
    memoryMiB: 81_559,
    capacity: free + taken,
    healthy: free + taken,
    used: 0,
    leased: 0,
    free,
    nodeFree,
    ...pool,
  };
}

type LeaseOptions = {
  readonly job?: GPUJob;
  readonly provider?: string;
  readonly epoch?: number;
  readonly indexes?: string;
  readonly parallelism?: number;
  readonly product?: string;
  readonly price?: bigint;
  readonly maxAmount?: bigint;
  /** 0: only money ends it. */
  readonly maxSeconds?: number;
  readonly lost?: GPULease['spec']['lost'];
  readonly desiredState?: GPULease['spec']['desiredState'];
  readonly acceptBy?: number;
  readonly status?: GPULease['status'];
  readonly conditions?: readonly Condition[];
};

/** A lease of task 0 at alpha, epoch 1, that nobody has answered yet. */
export function aLease(options: LeaseOptions = {}): GPULease {
  const { job = aJob(), provider = 'alpha', epoch = 1, indexes = '0', parallelism = 1 } = options;
  const price = options.price ?? 2_100_000n;
  const name = `${job.metadata.name}-${epoch}`;
  const accountRef = { namespace: 'team-a', name: 'team-a', uid: 'uid-account-team-a-team-a' };
  return {
    apiVersion: API_VERSION,
    kind: 'GPULease',
    metadata: {
      name,
      namespace: providerNamespace(provider),
      uid: `uid-lease-${name}`,
      resourceVersion: '1',
      creationTimestamp: new Date(nowMs - 10_000).toISOString(),
    },
    spec: {
      jobRef: {
        namespace: job.metadata.namespace!,
        name: job.metadata.name,
        uid: job.metadata.uid!,
      },
      providerName: provider,
      accountRef,
      product: options.product ?? 'H100-80GB-HBM3',
      pricePerGPUHour: '2.1',
      workloadName: 'lw-0000000000000000',
      channelName: 'ch-0',
      tasks: { indexes, parallelism, gpusPerTask: job.spec.gpu.count },
      epoch,
      terms: {
        tenant: tenantAddress,
        provider: addressOf(provider),
        signer: delegateAddress,
        generation: 1,
        hub,
        hubEpoch: '1',
        jobUid: uidToBytes32(job.metadata.uid!),
        shard: 0,
        attempt: epoch,
        offerHash: keccak256(stringToHex('offer')),
        workloadHash: keccak256(stringToHex('workload')),
        gpuCount: parallelism * job.spec.gpu.count,
        spot: false,
        pricePerGpuHour: price.toString(),
        maxAmount: (options.maxAmount ?? 50_400_000n).toString(),
        maxSeconds: options.maxSeconds ?? 87_300,
        intervalSeconds: 60,
        graceSeconds: 60,
        prepaySeconds: 0,
        idleSeconds: 300,
        fenceSeconds: 60,
        retentionBps: 0,
        acceptBy: String(options.acceptBy ?? nowMs / 1_000 + 20),
      },
      termsSignature: `0x${'22'.repeat(65)}`,
      desiredState: options.desiredState ?? 'Running',
      ...(options.lost === undefined ? {} : { lost: options.lost }),
    },
    ...(options.status === undefined && options.conditions === undefined
      ? {}
      : { status: { ...options.status, conditions: options.conditions ?? [] } }),
  };
}

/** What the agent writes when it takes a lease. */
export const anAcceptance: NonNullable<NonNullable<GPULease['status']>['acceptance']> = {
  leaseUid: keccak256(stringToHex('lease')),
  acceptedMs: String(nowMs - 5_000),
  agent: addressOf('agent-alpha'),
  signature: `0x${'33'.repeat(65)}`,
};

/** Conditions of a lease that runs. */
export const runningConditions: readonly Condition[] = [
  aCondition('Accepted', 'True', 'Accepted'),
  aCondition('Funded', 'True', 'Funded'),
  aCondition('Provisioned', 'True', 'Provisioned'),
  aCondition('Delivered', 'True', 'Delivered'),
];

/** One replica of a service: passing its check, unless other conditions are given. */
export function aReplica(index: number, options: LeaseOptions = {}): GPULease {
  const ready = [...runningConditions, aCondition('Ready', 'True', 'Ready')];
  return aLease({
    ...{ job: aService(), epoch: index + 1, indexes: String(index), maxSeconds: 0 },
    ...{ status: { acceptance: anAcceptance, active: 1 }, conditions: ready },
    ...options,
  });
}

/** A lease whose tasks all succeeded, or that failed for this reason. */
export function anEndedLease(
  options: LeaseOptions & { readonly failure?: string; readonly endTime?: string },
): GPULease {
  const { failure, endTime = '2026-03-01T11:58:00Z', status, ...rest } = options;
  const end =
    failure === undefined
      ? aCondition('Succeeded', 'True', 'Completed')
      : aCondition('Succeeded', 'False', failure);
  const lease = aLease({
    ...rest,
    status: {
      acceptance: anAcceptance,
      endTime,
      ...(failure === undefined ? { completedIndexes: options.indexes ?? '0' } : {}),
      ...status,
    },
    conditions: [...runningConditions, end, ...(options.conditions ?? [])],
  });
  const createdMs = Math.min(nowMs, Date.parse(endTime)) - 10_000;
  const creationTimestamp = new Date(createdMs).toISOString();
  return { ...lease, metadata: { ...lease.metadata, creationTimestamp } };
}
