import { channelKey } from '@gridlease/contracts/channel';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { objectKey } from '@gridlease/kube/object';
import type { Address } from 'viem';
import {
  type ChannelState,
  contradiction,
  driftOf,
  inTokens,
  isUsed,
  sumOfDrift,
} from './channelTruth.ts';

type Key = { readonly tenant: Address; readonly provider: Address; readonly signer: Address };

/** What looking at the channels asks of a chain; rejects when there is no answer. */
export type LookClient = {
  blockNumber(at: 'latest' | 'final', signal?: AbortSignal): Promise<bigint>;
  channels(
    keys: readonly Key[],
    at: 'latest' | 'final' | bigint,
    signal?: AbortSignal,
  ): Promise<readonly ChannelState[]>;
};

/** The objects of one chain. */
export type ChainObjects = {
  readonly chain: SettlementChain;
  readonly channels: readonly PaymentChannel[];
  readonly accounts: readonly PaymentAccount[];
  readonly providers: readonly GPUProvider[];
};

/** What one look at a chain's final block found. */
export type ChannelsSeen = {
  /** Keys of PaymentChannels that contradict the chain. */
  readonly contradicting: ReadonlySet<string>;
  /** Ids of channels in use that no PaymentChannel stands for; undefined when they were not looked at. */
  readonly strangers: ReadonlySet<string> | undefined;
  /** By provider, in token units. */
  readonly drift: ReadonlyMap<string, number>;
};

/** More in one call is more than some RPCs answer. */
const keysPerCall = 500;

/** Of this hub's accounts, keys and providers: the channels that there is no object for. */
function unknownKeys(objects: ChainObjects): readonly Key[] {
  const known = new Set(objects.channels.map(({ spec }) => channelKey(spec)));
  return objects.accounts.flatMap(({ spec: { address: tenant }, status }) => {
    const signer = status?.delegateAddress;
    if (signer === undefined) return [];
    return objects.providers.flatMap(({ spec: { address: provider } }) => {
      if (provider === undefined) return [];
      const key = { tenant, provider, signer };
      return known.has(channelKey(key)) ? [] : [key];
    });
  });
}

/** Reads all channels in one final block, so that nothing of it is ever taken back. */
export async function lookAtChannels(
  objects: ChainObjects,
  client: LookClient,
  options: { readonly strangers: boolean; readonly signal: AbortSignal },
): Promise<ChannelsSeen> {
  const { chain, channels } = objects;
  const { signal } = options;
  const block = await client.blockNumber('final', signal);
  const read = async (keys: readonly Key[]): Promise<readonly ChannelState[]> => {
    const states: ChannelState[] = [];
    for (let from = 0; from < keys.length; from += keysPerCall) {
      states.push(...(await client.channels(keys.slice(from, from + keysPerCall), block, signal)));
    }
    return states;
  };
  const states = await read(channels.map(({ spec }) => spec));
  const contradicting = new Set<string>();
  const owed = new Map<string, bigint[]>();
  for (const [index, channel] of channels.entries()) {
    const state = states[index]!;
    const { providerName } = channel.spec;
    const drifts = owed.get(providerName) ?? [];
    drifts.push(driftOf(channel, state));
    owed.set(providerName, drifts);
    if (contradiction(channel, state) !== undefined) contradicting.add(objectKey(channel));
  }
  const unknown = options.strangers ? unknownKeys(objects) : [];
  const found = await read(unknown);
  const used = unknown.filter((_, index) => isUsed(found[index]!));
  const { decimals } = chain.spec.token;
  return {
    contradicting,
    strangers: options.strangers ? new Set(used.map(channelKey)) : undefined,
    drift: new Map(
      [...owed].map(([name, drifts]) => [name, inTokens(sumOfDrift(drifts), decimals)]),
    ),
  };
}
