import { signGrant } from '../cluster/agentProgram.ts';
import type { Federation } from '../cluster/federation.ts';
import { hubUid } from '../cluster/hub.ts';
import { waitFor } from '../cluster/waitFor.ts';

type Secret = { readonly data?: Readonly<Record<string, string>> };

/** What the hub's admin hands to a provider, by key of its Secret; until there is a way to join, by hand. */
export const hubCredentials = async (
  { hub }: Pick<Federation, 'hub'>,
  providerName: string,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, string>>> => {
  const namespace = `gridlease-provider-${providerName}`;
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts/agent`;
  // The operator makes it once the admin has accepted the provider.
  await waitFor(() => hub.client.find(accounts), {
    what: `the account of ${providerName}`,
    timeoutMilliseconds: 120_000,
    signal,
  });
  await hub.client.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/service-account-token',
    metadata: {
      namespace,
      name: 'agent-token',
      annotations: { 'kubernetes.io/service-account.name': 'agent' },
    } as { readonly name: string; readonly namespace: string },
  });
  let data: Secret['data'];
  const hasToken = async () => {
    data = (await hub.client.get<Secret>(`/api/v1/namespaces/${namespace}/secrets/agent-token`))
      .data;
    return data?.['token'] !== undefined;
  };
  await waitFor(hasToken, {
    what: `a token for ${providerName}`,
    timeoutMilliseconds: 120_000,
    signal,
  });
  const text = (key: string) => Buffer.from(data?.[key] ?? '', 'base64').toString();
  return { token: text('token'), 'ca.crt': text('ca.crt'), 'hub-uid': await hubUid(hub.client) };
};

/** What the provider has itself: its agent's keys, and its owner's permission for one of them. */
export const ownCredentials = async (
  { chain, money, accounts }: Pick<Federation, 'chain' | 'money' | 'accounts'>,
  index: number,
): Promise<Readonly<Record<string, string>>> => {
  const own = accounts.provider(index);
  return {
    'agent.key': own.agent.privateKey,
    'gas.key': own.gas.privateKey,
    'grant.json': JSON.stringify(await signGrant({ chain, money, accounts: own })),
  };
};
