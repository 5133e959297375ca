import type { ApiClient } from './apiClient.ts';
import { TENANT } from './hub.ts';
import { waitFor } from './waitFor.ts';

type WithConditions = {
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
  };
};

const TIMEOUT_MILLISECONDS = 60_000;

/** Waits for Ready=True; when that doesn't come, the error says what the condition said last. */
const waitReady = (client: ApiClient, what: string, path: string, signal?: AbortSignal) =>
  waitFor(
    async () => {
      const object = await client.get<WithConditions>(path);
      const ready = object.status?.conditions?.find((condition) => condition.type === 'Ready');
      if (ready?.status === 'True') return true;
      throw new Error(
        ready === undefined
          ? `${what} has no Ready condition yet`
          : `${what} is not Ready: ${ready.reason}: ${ready.message}`,
      );
    },
    {
      what: `${what} Ready`,
      timeoutMilliseconds: TIMEOUT_MILLISECONDS,
      intervalMilliseconds: 200,
      signal,
    },
  );

/** A federation is in service when the hub can place work with every provider and the tenant's account can pay. */
export const waitUntilInService = async (
  hub: ApiClient,
  providers: readonly { readonly name: string }[],
  signal?: AbortSignal,
): Promise<void> => {
  const root = '/apis/gridlease.dev/v1alpha1';
  await Promise.all([
    ...providers.map(({ name }) =>
      waitReady(hub, `GPUProvider ${name}`, `${root}/gpuproviders/${name}`, signal),
    ),
    waitReady(
      hub,
      `PaymentAccount ${TENANT.paymentAccount}`,
      `${root}/namespaces/${TENANT.namespace}/paymentaccounts/${TENANT.paymentAccount}`,
      signal,
    ),
  ]);
};
