import type { Hex } from 'viem';
import { type ChannelRef, channelMembers, signedMessage } from './typedData.ts';

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

const message = signedMessage<UsageStatement>('UsageStatement', usageStatementTypes);

/** The EIP-712 digest. */
export const hashUsageStatement = message.hash;

/** Signs as the agent; 65 bytes. */
export const signUsageStatement = message.sign;

/** The address that signed; the caller compares it with the one it expects. Rejects when malformed. */
export const recoverUsageStatement = message.recover;
