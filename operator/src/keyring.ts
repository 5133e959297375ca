import { ApiError } from '@gridlease/kube/apiError';
import { GridleaseError, TerminalError } from '@gridlease/kube/errors';
import type { Informer } from '@gridlease/kube/informer';
import type { KubeObject } from '@gridlease/kube/object';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { Hex, LocalAccount } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';

/** v1 Secret, as far as a key needs it. */
export type Secret = KubeObject & {
  readonly type?: string;
  readonly immutable?: boolean;
  /** Base64. */
  readonly data?: Readonly<Record<string, string>>;
};

/** Label of the operator's key Secrets; its value is the PaymentAccount's UID. */
const accountLabel = 'gridlease.dev/account-uid';
const dataKey = 'privateKey';

/** The delegate keys of this hub: one per PaymentAccount UID, made on first use, the same for ever. */
export type Keyring = { signerFor(accountUid: string): Promise<LocalAccount> };

type Options = {
  readonly client: ResourceClient<Secret>;
  /** Of the operator's namespace only. */
  readonly informer: Informer<Secret>;
  readonly namespace: string;
};

/**
 * Keys live in immutable Secrets named after the account. A key is used only once its Secret is
 * stored: a signature by a key that a crash forgets would bind a channel that nobody can pay from.
 */
export function createKeyring({ client, informer, namespace }: Options): Keyring {
  const signers = new Map<string, Promise<LocalAccount>>();

  const load = async (accountUid: string): Promise<LocalAccount> => {
    const name = `delegate-${accountUid}`;
    await informer.synced();
    const known = informer.get(`${namespace}/${name}`);
    if (known !== undefined) return accountOf(known, accountUid);
    const secret: Secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        namespace,
        name,
        labels: { [accountLabel]: accountUid, 'gridlease.dev/managed-by': 'gridlease-operator' },
      },
      type: 'gridlease.dev/delegate-key',
      immutable: true,
      data: { [dataKey]: Buffer.from(generatePrivateKey()).toString('base64') },
    };
    try {
      return accountOf(await client.create(secret), accountUid);
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isAlreadyExists) throw error;
      // Another try was first: its key counts, ours was never used.
      return accountOf(await client.get({ namespace, name }), accountUid);
    }
  };

  return {
    signerFor(accountUid) {
      const known = signers.get(accountUid);
      if (known !== undefined) return known;
      const signer = load(accountUid);
      signers.set(accountUid, signer);
      // A failed try must not be remembered as the answer.
      signer.catch(() => signers.delete(accountUid));
      return signer;
    },
  };
}

function accountOf(secret: Secret, accountUid: string): LocalAccount {
  const { name, namespace } = secret.metadata;
  const encoded = secret.data?.[dataKey];
  if (encoded === undefined) {
    throw new TerminalError(
      `Secret ${namespace}/${name} has no key ${dataKey}: restore it from a backup, the channels of the account ${accountUid} are bound to it`,
    );
  }
  try {
    return privateKeyToAccount(Buffer.from(encoded, 'base64').toString('utf8') as Hex);
  } catch {
    // The cause would carry the key.
    throw new GridleaseError(`Secret ${namespace}/${name} holds no private key`, {
      retry: 'never',
    });
  }
}
