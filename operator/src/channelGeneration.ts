import { type ChannelKey, channelObjectName } from '@gridlease/contracts/channel';
import { providerNamespace } from '@gridlease/crds/labels';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { GridleaseError } from '@gridlease/kube/errors';

type Sources = {
  readonly channels: { get(key: string): PaymentChannel | undefined };
  readonly chains: {
    chainFor(
      name: string,
    ):
      | { channel(key: ChannelKey, at: 'latest'): Promise<{ readonly generation: number }> }
      | undefined;
  };
};

/**
 * The generation that a new lease's terms must name: from the PaymentChannel where there is one,
 * otherwise from the chain itself. Rejects while the chain can't be asked: a guess would be signed.
 */
export function generationReader({ channels, chains }: Sources) {
  return async (
    channel: ChannelKey & {
      readonly accountUid: string;
      readonly chainName: string;
      readonly providerName: string;
    },
  ): Promise<number> => {
    const { accountUid, provider, signer, tenant } = channel;
    const name = channelObjectName(accountUid, provider, signer);
    const known = channels.get(`${providerNamespace(channel.providerName)}/${name}`);
    if (known !== undefined) return known.spec.generation;
    const chain = chains.chainFor(channel.chainName);
    if (chain === undefined) {
      throw new GridleaseError(`Chain ${channel.chainName} has not been verified yet`, {
        retry: { afterSeconds: 1 },
      });
    }
    const { generation } = await chain.channel({ tenant, provider, signer }, 'latest');
    return generation;
  };
}
