import { LABEL_ACCOUNT_UID, LABEL_PROVIDER } from '@gridlease/crds/labels';
import { type PaymentChannel, paymentChannel } from '@gridlease/crds/paymentchannel';
import { apiVersionOf } from '@gridlease/kube/object';
import { type Address, isAddressEqual } from 'viem';

/** Who pays whom through a channel, and where. */
export type ChannelIdentity = {
  readonly name: string;
  readonly namespace: string;
  readonly accountRef: PaymentChannel['spec']['accountRef'];
  readonly providerName: string;
  readonly tenant: Address;
  readonly provider: Address;
  readonly signer: Address;
  readonly generation: number;
  readonly chainId: number;
  readonly escrow: Address;
};

/** A channel object before anything was stated or promised. */
export function newChannel(identity: ChannelIdentity): PaymentChannel {
  const { name, namespace, ...parties } = identity;
  return {
    apiVersion: apiVersionOf(paymentChannel.resource),
    kind: paymentChannel.resource.kind,
    metadata: {
      name,
      namespace,
      labels: {
        [LABEL_PROVIDER]: identity.providerName,
        [LABEL_ACCOUNT_UID]: identity.accountRef.uid,
      },
    },
    spec: { ...parties, finals: [] },
  };
}

/** Whether an existing object stands for the same channel; its generation may have moved on. */
export function isSameChannel(existing: PaymentChannel, wanted: PaymentChannel): boolean {
  const [a, b] = [existing.spec, wanted.spec];
  return (
    a.accountRef.uid === b.accountRef.uid &&
    a.chainId === b.chainId &&
    isAddressEqual(a.escrow, b.escrow) &&
    isAddressEqual(a.tenant, b.tenant) &&
    isAddressEqual(a.provider, b.provider) &&
    isAddressEqual(a.signer, b.signer)
  );
}
