import type { ApiClient } from './apiClient.ts';
import { waitFor } from './waitFor.ts';

type TokenRequest = { readonly status: { readonly token: string } };

/**
 * Waits until a service account exists and asks for a token bound to it. `expirationSeconds` is from 600 to what the
 * API server allows (30 days here).
 */
export const mintToken = async (
  client: ApiClient,
  account: { readonly namespace: string; readonly name: string },
  expirationSeconds: number,
  options: {
    readonly timeoutMilliseconds?: number;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<string> => {
  const path = `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}`;
  await waitFor(() => client.find(path), {
    what: `the service account ${account.namespace}/${account.name}`,
    ...options,
  });
  const answer = await client.request<TokenRequest>('POST', `${path}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds },
  });
  return answer.status.token;
};
