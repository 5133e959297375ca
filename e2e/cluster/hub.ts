import { OPERATOR_NAMESPACE } from '@gridlease/crds/labels';
import type { ApiClient } from './apiClient.ts';
import type { ProviderSpec } from './defaultProviders.ts';
import { applyManifests, loadManifests } from './manifests.ts';
import { type Money, TOKEN } from './money.ts';
import { MANIFESTS } from './paths.ts';

export const TENANT = { namespace: 'team-a', paymentAccount: 'team-a' } as const;
const CHAIN_NAME = 'local';
export const FINALITY = 'Finalized';

const GROUP_VERSION = 'gridlease.dev/v1alpha1';

const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

/** Definitions, policies and the programs' rights, as they are committed. */
export const installHub = async (client: ApiClient, signal?: AbortSignal): Promise<void> => {
  await client.apply(namespace(OPERATOR_NAMESPACE));
  await client.apply(namespace(TENANT.namespace));
  await applyManifests(client, loadManifests(...MANIFESTS.hub), signal);
};

/** What identifies this hub in everything signed: the UID of its kube-system namespace. */
export const hubUid = async (client: ApiClient): Promise<string> => {
  const { metadata } = await client.get('/api/v1/namespaces/kube-system');
  return metadata.uid ?? '';
};

/** What a platform team's admin does: names the chain, the tenant's account, and whom to deal with. */
export const createHubObjects = async (
  client: ApiClient,
  options: {
    readonly chain: { readonly rpcURL: string; readonly chainId: number };
    readonly money: Money;
    /** Private key that anchors placements. */
    readonly anchorKey: string;
    readonly tenantAddress: string;
    readonly providers: readonly { readonly spec: ProviderSpec; readonly address: string }[];
  },
): Promise<void> => {
  const rpcSecret = { namespace: OPERATOR_NAMESPACE, name: `chain-${CHAIN_NAME}` };
  await client.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: rpcSecret,
    stringData: { url: options.chain.rpcURL },
  });
  const anchorSecret = { namespace: OPERATOR_NAMESPACE, name: `anchor-${CHAIN_NAME}` };
  await client.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: anchorSecret,
    stringData: { privateKey: options.anchorKey },
  });
  await client.apply({
    apiVersion: GROUP_VERSION,
    kind: 'SettlementChain',
    metadata: { name: CHAIN_NAME },
    spec: {
      chainId: options.chain.chainId,
      rpcSecretRef: { ...rpcSecret, key: 'url' },
      escrow: options.money.escrow,
      token: { address: options.money.token, ...TOKEN },
      finality: FINALITY,
      anchor: {
        address: options.money.anchor,
        keySecretRef: { name: anchorSecret.name, key: 'privateKey' },
      },
    },
  });
  await Promise.all([
    client.apply({
      apiVersion: GROUP_VERSION,
      kind: 'PaymentAccount',
      metadata: { namespace: TENANT.namespace, name: TENANT.paymentAccount },
      spec: { address: options.tenantAddress, chainName: CHAIN_NAME },
    }),
    ...options.providers.map(({ spec, address }) =>
      client.apply({
        apiVersion: GROUP_VERSION,
        kind: 'GPUProvider',
        metadata: { name: spec.name },
        spec: {
          address,
          hubAccepted: true,
          region: spec.region,
          jurisdiction: spec.jurisdiction,
        },
      }),
    ),
  ]);
};
