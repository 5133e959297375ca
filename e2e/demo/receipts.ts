import type { Receipt } from './checker/check.ts';
import { getJson, type Kubectl } from './kubectl.ts';

type Condition = {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
};
export type Lease = {
  readonly metadata: { readonly name: string; readonly uid: string; readonly namespace: string };
  readonly spec: {
    readonly jobRef: { readonly name: string; readonly uid: string };
    readonly providerName: string;
    readonly product: string;
    readonly pricePerGPUHour: string;
  };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly settlement?: {
      readonly amount: string;
      readonly gpuMilliseconds: string;
      readonly cumulative: string;
      readonly transactionHash?: string;
    };
  };
};
export type Channel = {
  readonly spec: { readonly providerName: string };
  readonly status?: { readonly conditions?: readonly Condition[] };
};
export type Job = {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly batch?: { readonly completions?: number } };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly provider?: string;
    readonly tasks?: string;
    readonly amount?: string;
  };
};

/** A settled lease, as its object tells it to the person who pays. Amounts in smallest units. */
export type SettledLease = Receipt & {
  readonly pricePerGPUHour: string;
  readonly cumulative: bigint;
  readonly transactionHash: string | undefined;
};

export const condition = (
  object: { readonly status?: { readonly conditions?: readonly Condition[] } },
  type: string,
): Condition | undefined => object.status?.conditions?.find((entry) => entry.type === type);

/** A lease that was accepted has run; one that was refused or withdrawn owes nothing. */
export const wasAccepted = (lease: Lease): boolean =>
  condition(lease, 'Accepted')?.status === 'True';

export const isSettled = (lease: Lease): boolean => condition(lease, 'Settled')?.status === 'True';

export const readJobs = async (kubectl: Kubectl, namespace: string): Promise<readonly Job[]> =>
  (await getJson<{ items: Job[] }>(kubectl, 'gpujobs', '-n', namespace)).items;

/** What keeps the leases from being settled, in the words of the objects; empty while nothing is wrong. */
export const disputesOf = (
  leases: readonly Lease[],
  channels: readonly Channel[],
): readonly string[] => [
  ...leases.flatMap((lease) => {
    const disputed = condition(lease, 'MeterDisputed');
    return disputed?.status === 'True'
      ? [
          `${disputed.message.includes('WrongAmount') ? 'price' : 'ms'}: lease ${lease.metadata.name} is disputed by the hub: ${disputed.message}`,
        ]
      : [];
  }),
  ...channels.flatMap((channel) => {
    const ready = condition(channel, 'Ready');
    return ready?.status === 'False'
      ? [
          `voucher: channel to ${channel.spec.providerName} is not ready: ${ready.reason}: ${ready.message}`,
        ]
      : [];
  }),
];

export const readChannels = async (kubectl: Kubectl): Promise<readonly Channel[]> =>
  (await getJson<{ items: Channel[] }>(kubectl, 'paymentchannels', '-A')).items;

export const readLeases = async (kubectl: Kubectl): Promise<readonly Lease[]> =>
  (await getJson<{ items: Lease[] }>(kubectl, 'gpuleases', '-A')).items;

/** The receipts of all accepted leases. One that is not settled has an amount of what it claims so far. */
export function receiptsOf(leases: readonly Lease[]): readonly SettledLease[] {
  return leases.filter(wasAccepted).map((lease) => ({
    leaseUid: lease.metadata.uid,
    leaseName: lease.metadata.name,
    jobName: lease.spec.jobRef.name,
    provider: lease.spec.providerName,
    product: lease.spec.product,
    pricePerGPUHour: lease.spec.pricePerGPUHour,
    gpuMs: BigInt(lease.status?.settlement?.gpuMilliseconds ?? '0'),
    amount: BigInt(lease.status?.settlement?.amount ?? '0'),
    cumulative: BigInt(lease.status?.settlement?.cumulative ?? '0'),
    transactionHash: lease.status?.settlement?.transactionHash,
  }));
}

/** "1.5" with 6 decimals → 1500000n. Its own few lines: the checker borrows nothing from the payer. */
export function smallestUnits(text: string, decimals: number): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(decimals, '0').slice(0, decimals));
}
