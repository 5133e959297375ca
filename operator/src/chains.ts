import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { ApiError } from '@gridlease/kube/apiError';
import type { KubeObject } from '@gridlease/kube/object';
import type { ResourceClient } from '@gridlease/kube/resources';
import { type ChainClient, connectChain } from './chain.ts';
import type { ChainVerdict } from './chainVerify.ts';

/** A Secret as far as this needs it; values are base64. */
export type Secret = KubeObject & { readonly data?: Readonly<Record<string, string>> };

/** One verified client per SettlementChain. */
export type Chains = {
  /** Undefined until chain id, contract and token were found to be as stated. */
  chainFor(name: string): ChainClient | undefined;
  /** Reads the Secret again and verifies; only the settlement stage calls it. */
  reconcile(chain: SettlementChain, signal?: AbortSignal): Promise<ChainVerdict>;
  forget(name: string): void;
  close(): void;
};

type Entry = {
  readonly identity: string;
  readonly client: ChainClient;
  verified: boolean;
};

/**
 * Keeps the clients. A chain that was verified and is silent keeps its client, since silence proves
 * nothing; one that answers with another chain id, contract or token loses it at once.
 */
export function createChains(options: {
  readonly secrets: ResourceClient<Secret>;
  /** Told of each request to the chain of that name; for metrics. */
  readonly observe?: (chain: string, method: string, seconds: number) => void;
}): Chains {
  const { observe } = options;
  const entries = new Map<string, Entry>();

  function drop(name: string): void {
    entries.get(name)?.client.close();
    entries.delete(name);
  }

  return {
    chainFor: (name) => {
      const entry = entries.get(name);
      return entry?.verified === true ? entry.client : undefined;
    },
    reconcile: async (chain, signal) => {
      const { name } = chain.metadata;
      const { rpcSecretRef: ref, chainId, escrow, token, finality } = chain.spec;
      const secret = await readSecret(options.secrets, ref, signal);
      if (secret.value === undefined) {
        drop(name);
        return {
          ready: false,
          status: 'False',
          reason: 'SecretNotFound',
          message: `Secret ${ref.namespace}/${ref.name} ${secret.problem}: create it in the operator's namespace, with the address of an RPC of chain ${chainId} under ${ref.key}`,
        };
      }
      const rpcURL = Buffer.from(secret.value, 'base64').toString().trim();
      const identity = JSON.stringify([rpcURL, chainId, escrow, token, finality]);
      let entry = entries.get(name);
      if (entry?.identity !== identity) {
        drop(name);
        const client = connectChain({
          rpcURL,
          chainId,
          escrow,
          token,
          finality,
          ...(observe && {
            observe: (method: string, seconds: number) => observe(name, method, seconds),
          }),
        });
        entry = { identity, client, verified: false };
        entries.set(name, entry);
      }
      const verdict = await entry.client.verify(signal);
      if (verdict.ready) entry.verified = true;
      else if (verdict.status === 'False') entry.verified = false;
      return verdict;
    },
    forget: drop,
    close: () => {
      for (const name of [...entries.keys()]) drop(name);
    },
  };
}

type SecretValue =
  | { readonly value: string }
  | { readonly value?: undefined; readonly problem: string };

async function readSecret(
  secrets: ResourceClient<Secret>,
  ref: SettlementChain['spec']['rpcSecretRef'],
  signal: AbortSignal | undefined,
): Promise<SecretValue> {
  try {
    const secret = await secrets.find(ref, signal === undefined ? {} : { signal });
    const value = secret?.data?.[ref.key];
    if (value !== undefined) return { value };
    return { problem: secret === undefined ? 'does not exist' : `has no key ${ref.key}` };
  } catch (error) {
    // The operator's Role covers its own namespace alone, on purpose.
    if (error instanceof ApiError && error.isForbidden) {
      return { problem: 'may not be read by the operator' };
    }
    throw error;
  }
}
