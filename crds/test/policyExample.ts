import { hash, signature } from './basics.ts';
import { transactionName } from './recordSamples.ts';

/** Who asks: `admin` is a cluster admin, `stranger` the agent of another provider. */
export type Caller = 'admin' | 'operator' | 'agent' | 'stranger';

/**
 * For each check of each policy: changes that are refused and changes that are accepted. The keys are the
 * names of the checks; a check without an entry fails the test.
 */
export type PolicyExample = {
  /** Which of `existing` is changed. */
  readonly object: string;
  readonly path: string;
  readonly refused: readonly unknown[];
  readonly refusedAs?: readonly Caller[];
  readonly accepted?: readonly unknown[];
  readonly acceptedAs?: Caller;
  readonly says: readonly string[];
  readonly code?: 403 | 422;
};

type Existing = {
  readonly kind: string;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly service?: true;
  /** Instead of the key. */
  readonly name?: string;
};

/** What recovery writes on a lease whose provider is gone. */
export const lost = (reason: 'ProviderLost' | 'Abandoned') => ({
  time: '2026-01-01T00:00:00Z',
  reason,
  message: 'silent for 100 s',
});

/** Objects that exist before each change; `spec` and `status` replace fields of the sample. */
export const existing: Readonly<Record<string, Existing>> = {
  job: { kind: 'GPUJob' },
  service: { kind: 'GPUJob', service: true },
  account: { kind: 'PaymentAccount' },
  provider: { kind: 'GPUProvider' },
  chain: { kind: 'SettlementChain' },
  offer: { kind: 'GPUOffer' },
  lease: { kind: 'GPULease' },
  stopped: {
    kind: 'GPULease',
    spec: { desiredState: 'Stopped', stopTime: '2026-01-01T00:00:00Z' },
  },
  ended: {
    kind: 'GPULease',
    status: {
      endTime: '2026-01-01T00:00:00Z',
      conditions: [
        {
          type: 'Succeeded',
          status: 'True',
          reason: 'Completed',
          message: 'done',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
    },
  },
  lost: {
    kind: 'GPULease',
    spec: {
      desiredState: 'Stopped',
      stopTime: '2026-01-01T00:00:00Z',
      lost: lost('ProviderLost'),
    },
  },
  workload: { kind: 'LeaseWorkload' },
  record: { kind: 'PlacementRecord' },
  transaction: { kind: 'ChainTransaction', name: transactionName },
  anchored: { kind: 'PlacementRecord', spec: { anchor: hash('1') } },
  channel: {
    kind: 'PaymentChannel',
    spec: {
      generation: 2,
      voucher: { generation: 2, cumulative: '2000', signature: signature('9') },
    },
  },
};
