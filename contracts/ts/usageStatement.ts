import type { Address, Hex, LocalAccount } from 'viem';
import type { EscrowDomain } from './domain.ts';
import {
  type ChannelRef,
  channelMembers,
  recoverTyped,
  signTyped,
  typedDigest,
} from './typedData.ts';

/** What an agent says it has delivered through one channel: the active rows, and the folded sum of the finished ones. Signed by the agent. */
export type UsageStatement = ChannelRef & {
  /** `max(last + 1, unixMs)`; never used twice in a channel. */
  readonly seq: bigint;
  /** Unix milliseconds on the agent's clock. */
  readonly atMs: bigint;
  readonly rowCount: number;
  /** `usageRowsRoot` of the rows. */
  readonly rowsRoot: Hex;
  /** Token smallest units of the rows that are final and no longer listed. */
  readonly foldedAmount: bigint;
  /** Hash chain over the folded rows. */
  readonly foldedHead: Hex;
  /** Token smallest units since the generation began: folded amount and all rows. */
  readonly cumulative: bigint;
  /** Digest of the previous statement in this channel; the zero hash for the first. */
  readonly prev: Hex;
};

/** EIP-712 members of `UsageStatement`. */
export const usageStatementTypes = {
  UsageStatement: [
    ...channelMembers,
    { name: 'seq', type: 'uint64' },
    { name: 'atMs', type: 'uint64' },
    { name: 'rowCount', type: 'uint32' },
    { name: 'rowsRoot', type: 'bytes32' },
    { name: 'foldedAmount', type: 'uint96' },
    { name: 'foldedHead', type: 'bytes32' },
    { name: 'cumulative', type: 'uint96' },
    { name: 'prev', type: 'bytes32' },
  ],
} as const;

/** The EIP-712 digest. */
export function hashUsageStatement(domain: EscrowDomain, usageStatement: UsageStatement): Hex {
  return typedDigest(domain, usageStatementTypes, 'UsageStatement', usageStatement);
}

/** Signs as the agent; 65 bytes. */
export function signUsageStatement(
  account: LocalAccount,
  domain: EscrowDomain,
  usageStatement: UsageStatement,
): Promise<Hex> {
  return signTyped(account, domain, usageStatementTypes, 'UsageStatement', usageStatement);
}

/** The address that signed; the caller compares it with the one it expects. Rejects when malformed. */
export function recoverUsageStatement(
  domain: EscrowDomain,
  usageStatement: UsageStatement,
  signature: Hex,
): Promise<Address> {
  return recoverTyped(domain, usageStatementTypes, 'UsageStatement', usageStatement, signature);
}
