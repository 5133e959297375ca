import { hasCode } from '@gridlease/contracts/hasCode';
import type { ReasonOf } from '@gridlease/crds/conditionReasons';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { type Hex, isHex, type LocalAccount } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { AnchorClient, AnchorDeps } from './deps.ts';

/** Why nothing can be anchored, and what to do about it. */
export type Obstacle = {
  readonly status: 'False' | 'Unknown';
  readonly reason: Exclude<ReasonOf<'SettlementChain', 'AnchorReady'>, 'Ready'>;
  readonly message: string;
};

type Spec = NonNullable<SettlementChain['spec']['anchor']>;

export const obstacle = (reason: Obstacle['reason'], message: string): Obstacle => ({
  status: reason === 'ChainNotReady' ? 'Unknown' : 'False',
  reason,
  message,
});

/** The key that signs and pays, or why there is none. The key is in no message. */
export async function publisherOf(
  { clients, namespace }: Pick<AnchorDeps, 'clients' | 'namespace'>,
  { keySecretRef: ref }: Spec,
  signal: AbortSignal,
): Promise<LocalAccount | Obstacle> {
  const where = `Secret ${namespace}/${ref.name}`;
  const secret = await clients.secrets.find({ namespace, name: ref.name }, { signal });
  const value = secret?.data?.[ref.key];
  if (value === undefined) {
    const problem = secret === undefined ? 'does not exist' : `has no key ${ref.key}`;
    return obstacle(
      'SecretNotFound',
      `${where} ${problem}: create it with a private key (0x and 64 hexadecimal digits) under ${ref.key}`,
    );
  }
  const key = Buffer.from(value, 'base64').toString('utf8').trim();
  try {
    if (isHex(key)) return privateKeyToAccount(key as Hex);
  } catch {
    // The cause would carry the key.
  }
  return obstacle(
    'KeyInvalid',
    `${where}, key ${ref.key}, holds no private key: write 0x and 64 hexadecimal digits`,
  );
}

/** Whether contract and coin are there; undefined when nothing is in the way. */
export async function obstacleOn(
  client: AnchorClient,
  { address }: Spec,
  publisher: LocalAccount,
  signal: AbortSignal,
): Promise<Obstacle | undefined> {
  const [isThere, coins] = await Promise.all([
    hasCode(client.rpc, address),
    client.coins(publisher.address, signal),
  ]);
  if (!isThere) {
    return obstacle(
      'NoContract',
      `there is no contract at spec.anchor.address ${address} on chain ${client.chainId}: deploy PlacementAnchor, or correct the address`,
    );
  }
  if (coins === 0n) {
    return obstacle(
      'GasTooLow',
      `${publisher.address} has none of the chain's coin: send it some, a batch takes about 35,000 gas`,
    );
  }
  return undefined;
}
