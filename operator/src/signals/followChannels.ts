import { channelKey } from '@gridlease/contracts/channel';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import type { Clock } from '@gridlease/kube/clock';
import { describeError } from '@gridlease/kube/errors';
import type { Informer } from '@gridlease/kube/informer';
import type { Logger } from '@gridlease/kube/log';
import type { Series } from '@gridlease/kube/seriesGauge';
import { type ChannelsSeen, type LookClient, lookAtChannels } from './channelLook.ts';
import { countedDrifts } from './channelTruth.ts';

/** What is found for a moment may be a block that one of two reads was behind. */
const lastsMs = 60_000;
/** Channels that nobody knows are looked for less often: they are accounts × providers. */
const strangersEveryMs = 60_000;

export type ChannelSources = {
  readonly informers: {
    readonly chains: Pick<Informer<SettlementChain>, 'list' | 'get'>;
    readonly channels: Pick<Informer<PaymentChannel>, 'list' | 'get'>;
    readonly accounts: Pick<Informer<PaymentAccount>, 'list'>;
    readonly providers: Pick<Informer<GPUProvider>, 'list' | 'get'>;
  };
  readonly chains: { chainFor(name: string): LookClient | undefined };
  readonly clock: Clock;
  readonly log: Logger;
};

/** Compares PaymentChannels with the chain, chain by chain. What a silent chain said last is kept. */
export function followChannels({ informers, chains, clock, log }: ChannelSources) {
  const seen = new Map<string, ChannelsSeen>();
  const contradictingSince = new Map<string, number>();
  const strangersAtMs = new Map<string, number>();

  async function look(chain: SettlementChain, signal: AbortSignal): Promise<void> {
    const { name } = chain.metadata;
    const client = chains.chainFor(name);
    if (client === undefined) return;
    const nowMs = clock.monotonicMs();
    const strangers = nowMs - (strangersAtMs.get(name) ?? -Infinity) >= strangersEveryMs;
    const objects = {
      chain,
      channels: informers.channels.list().filter((channel) => isOn(channel, chain)),
      accounts: informers.accounts.list().filter(({ spec }) => spec.chainName === name),
      providers: informers.providers.list(),
    };
    try {
      const now = await lookAtChannels(objects, client, { strangers, signal });
      if (strangers) strangersAtMs.set(name, nowMs);
      seen.set(name, { ...now, strangers: now.strangers ?? seen.get(name)?.strangers });
    } catch (error) {
      // Silence proves nothing; the stage that pays says on the chain's own condition what is wrong.
      if (!signal.aborted) log.debug({ chain: name, error: describeError(error) }, 'No look');
    }
  }

  function noteContradictions(): void {
    const all = new Set([...seen.values()].flatMap(({ contradicting }) => [...contradicting]));
    for (const key of contradictingSince.keys()) if (!all.has(key)) contradictingSince.delete(key);
    for (const key of all) {
      if (!contradictingSince.has(key)) contradictingSince.set(key, clock.monotonicMs());
    }
  }

  return {
    async lookAtAll(signal: AbortSignal): Promise<void> {
      const all = informers.chains.list();
      for (const chain of all) await look(chain, signal);
      const names = new Set(all.map(({ metadata }) => metadata.name));
      for (const name of seen.keys()) if (!names.has(name)) seen.delete(name);
      noteContradictions();
    },
    chainOnly(): number {
      const known = new Set(informers.channels.list().map(({ spec }) => channelKey(spec)));
      const used = [...seen.values()].flatMap(({ strangers }) => [...(strangers ?? [])]);
      // One that got its object since the look is known.
      return used.filter((id) => !known.has(id as `0x${string}`)).length;
    },
    clusterOnly(): number {
      const nowMs = clock.monotonicMs();
      return [...contradictingSince].filter(
        ([key, sinceMs]) => nowMs - sinceMs > lastsMs && informers.channels.get(key) !== undefined,
      ).length;
    },
    /**
     * Every provider that exists, at 0 where nothing is open. None of whose channels a chain has not been
     * read: a new leader's 0 would look as if all had been claimed.
     */
    drift(): readonly Series<'provider'>[] {
      const unread = informers.chains.list().filter(({ metadata }) => !seen.has(metadata.name));
      const unknown = new Set(
        unread.length === 0
          ? []
          : informers.channels
              .list()
              .filter((channel) => unread.some((chain) => isOn(channel, chain)))
              .map(({ spec }) => spec.providerName),
      );
      return informers.providers.list().flatMap(({ metadata: { name: provider }, spec }) => {
        if (unknown.has(provider)) return [];
        const drifts = [...seen.values()].map(({ drift }) => drift.get(provider) ?? 0);
        const sum = countedDrifts(drifts).reduce((a, b) => a + b, 0);
        // Of one that is given up nobody expects a claim.
        if (spec.abandoned !== undefined && sum > 0) return [];
        return [[{ provider }, sum] as const];
      });
    },
  };
}

/** Whether a channel is one of this chain's escrow. */
export function isOn({ spec }: PaymentChannel, { spec: chain }: SettlementChain): boolean {
  return spec.chainId === chain.chainId && spec.escrow.toLowerCase() === chain.escrow.toLowerCase();
}
