import type { ChannelRecord } from '@gridlease/crds/channelrecord';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import * as resources from '@gridlease/crds/resources';
import { connectCluster } from '@gridlease/kube/cluster';
import { Informer } from '@gridlease/kube/informer';

/** Watches everything that both sides sign and let anybody see. */
export type SignedHistory = AsyncDisposable & {
  /** How many statements and vouchers were seen, so that none is no proof. */
  readonly statements: number;
  readonly vouchers: number;
  /** One sentence for each number that was signed twice and each amount that fell. */
  problems(): readonly string[];
};

/** Follows the channels at the hub and their records at the provider, state by state. */
export async function watchSigned(
  hubKubeconfig: string,
  providerKubeconfig: string,
): Promise<SignedHistory> {
  const stop = new AbortController();
  const userAgent = 'signed-history';
  const hub = connectCluster({ name: 'hub', kubeconfigPath: hubKubeconfig, userAgent });
  const own = connectCluster({ name: 'own', kubeconfigPath: providerKubeconfig, userAgent });
  const statements = new Map<string, string>();
  const vouchers = new Map<string, bigint>();
  const found = new Set<string>();

  const noteStatement = (key: string, hash: string): void => {
    const known = statements.get(key);
    if (known !== undefined && known !== hash) found.add(`statement ${key} was signed twice`);
    statements.set(key, hash);
  };
  const noteVoucher = (key: string, cumulative: bigint): void => {
    const before = vouchers.get(key) ?? 0n;
    if (cumulative < before) found.add(`voucher ${key} fell from ${before} to ${cumulative}`);
    vouchers.set(key, cumulative);
  };
  const channels = new Informer<PaymentChannel>({
    cluster: hub,
    definition: resources.paymentChannels,
  });
  channels.onChange(({ metadata, spec, status }) => {
    const at = `${metadata.name}/${spec.generation}`;
    if (status?.statement) noteStatement(`${at}/${status.statement.seq}`, status.statement.hash);
    if (spec.voucher) noteVoucher(`hub ${at}`, BigInt(spec.voucher.cumulative));
  });
  const records = new Informer<ChannelRecord>({
    cluster: own,
    definition: resources.channelRecords,
  });
  records.onChange(({ metadata, spec: { channel, statement, voucher } }) => {
    const at = `${metadata.name}/${channel.generation}`;
    if (statement) noteStatement(`${at}/${statement.seq}`, statement.hash);
    if (voucher?.generation === channel.generation) {
      noteVoucher(`provider ${at}`, BigInt(voucher.cumulative));
    }
  });
  for (const informer of [channels, records]) informer.start(stop.signal);
  await Promise.all([channels.synced(), records.synced()]);
  return {
    get statements() {
      return statements.size;
    },
    get vouchers() {
      return vouchers.size;
    },
    problems: () => [...found],
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all([channels.stopped, records.stopped]);
      await Promise.all([hub.close(), own.close()]);
    },
  };
}
