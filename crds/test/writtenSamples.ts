import type { GPUJobSpecInput } from '../src/gpujob.ts';
import type { GPUProviderSpecInput } from '../src/gpuprovider.ts';
import type { PaymentAccountSpecInput } from '../src/paymentaccount.ts';
import type { SettlementChainSpecInput } from '../src/settlementchain.ts';
import { address, image } from './basics.ts';

/** Valid specs of the kinds that people write, with every field in them. */

export const job: GPUJobSpecInput = {
  batch: { completions: 12, parallelism: 4, retryLimit: 3 },
  workload: {
    image,
    command: ['python', 'train.py'],
    args: ['--fast'],
    env: [
      { name: 'LR', value: '1e-4' },
      { name: 'HF_TOKEN', secretKeyRef: { name: 'hf', key: 'token' } },
    ],
    workingDir: '/work',
    imagePullSecretName: 'ghcr',
    runAsUser: 1000,
    resources: { cpu: '8', memory: '64Gi', ephemeralStorage: '200Gi', sharedMemory: '16Gi' },
    egress: 'Public',
    allow: [{ cidr: '203.0.113.0/24', port: 443 }],
  },
  gpu: { count: 1, products: ['H100', 'RTX 4090'], memoryMiB: 80_000, locality: 'Any' },
  placement: {
    regions: ['eu-central'],
    jurisdictions: ['DE', 'FR'],
    providers: { allow: ['alpha'], deny: ['bravo'] },
    minTrustTier: 0,
    maxProviderSharePercent: 100,
    minIsolation: 'runc',
  },
  budget: { accountName: 'team-a', maxPricePerGPUHour: '2.50', maxTotal: '100' },
  runtime: { maxDurationSeconds: 3600, startDeadlineSeconds: 900, ttlSecondsAfterFinished: 60 },
  failover: { onDisconnect: 'Fence', checkpointURI: 's3://bucket/checkpoints', graceSeconds: 60 },
  outputs: [{ path: '/out', uri: 's3://bucket/out', secretName: 's3' }],
  suspend: false,
};

/** The other form of a GPUJob. */
export const serviceJob: GPUJobSpecInput = {
  service: {
    replicas: 1,
    ports: [{ name: 'http', port: 8000, probe: { path: '/health' } }],
  },
  workload: { image },
  gpu: { count: 1 },
  budget: { accountName: 'team-a' },
};

export const account: PaymentAccountSpecInput = {
  address: address('a'),
  chainName: 'local',
  caps: { perHour: '10', perDay: '100.5', total: '1000' },
  allowedProviders: ['alpha'],
  warmChannels: [{ providerName: 'alpha', amount: '1.000001' }],
};

export const provider: GPUProviderSpecInput = {
  address: address('b'),
  hubAccepted: true,
  suspended: false,
  unschedulable: false,
  abandoned: { reason: 'the data centre burnt down' },
  region: 'eu-central',
  jurisdiction: 'DE',
};

export const chain: SettlementChainSpecInput = {
  chainId: 31_337,
  rpcSecretRef: { namespace: 'gridlease-system', name: 'rpc', key: 'url' },
  escrow: address('c'),
  token: { address: address('d'), symbol: 'tUSD', decimals: 6 },
  finality: 'Finalized',
  anchor: { address: address('e'), keySecretRef: { name: 'anchor', key: 'privateKey' } },
};
