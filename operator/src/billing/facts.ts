import type { LeaseTerms } from '@gridlease/contracts/leaseTerms';
import type { ChannelRef } from '@gridlease/contracts/typedData';
import type { UsageRow } from '@gridlease/contracts/usageRow';
import type { UsageStatement } from '@gridlease/contracts/usageStatement';
import type { Address, Hex } from 'viem';

/** Why something is not paid: a word from a closed list and a sentence with figures. */
export type Refusal = { readonly reason: string; readonly message: string };

/** One row as it was accepted last; the part of the past that the next statement is held against. */
export type AcceptedRow = {
  readonly leaseId: Hex;
  readonly gpuMs: bigint;
  /** Amount less credit, token smallest units. */
  readonly amount: bigint;
  readonly last: boolean;
  /** Struct hash of the row, kept when it was the last one: folding hashes over it. */
  readonly rowHash?: Hex;
};

/** The statement that was answered last in a generation. */
export type AcceptedStatement = {
  readonly generation: number;
  readonly seq: bigint;
  readonly foldedAmount: bigint;
  readonly foldedHead: Hex;
  readonly rows: readonly AcceptedRow[];
};

/** The agent's yes to a lease, with what recovering its signature gave. */
export type AcceptanceFacts = {
  readonly leaseId: Hex;
  readonly leaseUid: Hex;
  /** What `leaseUid` must be: the hash of the GPULease's UID. */
  readonly expectedUid: Hex;
  readonly acceptedMs: bigint;
  readonly agent: Address;
  /** The recovered signer; undefined when the signature is malformed. */
  readonly signer: Address | undefined;
};

/** What the hub itself knows about the lease of a row. */
export type LeaseFacts = {
  /** Digest of the terms on the object, computed here. */
  readonly leaseId: Hex;
  readonly name: string;
  /** Unix milliseconds on the API server's clock. */
  readonly createdMs: bigint;
  readonly terms: Pick<
    LeaseTerms,
    | 'tenant'
    | 'provider'
    | 'signer'
    | 'generation'
    | 'gpuCount'
    | 'pricePerGpuHour'
    | 'maxAmount'
    | 'fenceSeconds'
  >;
  readonly acceptance: AcceptanceFacts | undefined;
  /** Whether the hub took it back before it was accepted. */
  readonly withdrawn: boolean;
  /** When the hub ended it, unix milliseconds; undefined while it is wanted. */
  readonly stoppedMs: bigint | undefined;
  /** When the provider reported it as ended, unix milliseconds; undefined while it hasn't. */
  readonly endedMs: bigint | undefined;
  /** Whether the hub has given it up: what was accepted before is all that is paid. */
  readonly lost: boolean;
  /** Whether its last row was accepted, in whatever statement: it is on its way to the chain, or settled. */
  readonly ended: boolean;
};

export type RowFacts = {
  readonly row: UsageRow;
  readonly hash: Hex;
  readonly leaseName: string;
  /** Undefined when the hub has no such lease in the provider's namespace. */
  readonly lease: LeaseFacts | undefined;
};

/** Everything that decides about one statement; times in unix milliseconds. */
export type StatementFacts = {
  readonly channel: ChannelRef;
  readonly statement: UsageStatement;
  /** The hash that the object claims, and the digest computed here. */
  readonly statedHash: Hex;
  readonly hash: Hex;
  readonly agent: Address;
  /** The recovered signer; undefined when the signature is malformed. */
  readonly signer: Address | undefined;
  /** Why the agent may not sign for the provider; undefined when it may. */
  readonly grantRefusal: Refusal | undefined;
  /** `usageRowsRoot` of the rows on the object, computed here. */
  readonly rowsRoot: Hex;
  readonly rows: readonly RowFacts[];
  /** Undefined when nothing was answered in this generation. */
  readonly accepted: AcceptedStatement | undefined;
  /** Statement hash of the stored reply in this generation. */
  readonly repliedHash: Hex | undefined;
  /** Cumulative of the stored voucher in this generation; 0n when there is none. */
  readonly voucherCumulative: bigint;
  /** When this hub first saw the statement, on its own clock. */
  readonly receivedMs: bigint;
  /** When this hub last saw the agent's heartbeat change, on its own clock. */
  readonly lastHeartbeatMs: bigint | undefined;
  /** How far the provider's clock may be ahead. */
  readonly skewMs: bigint;
  /** How far rows may reach beyond the last heartbeat. */
  readonly heartbeatToleranceMs: bigint;
  /** How many ended leases the channel object still lists, and how many it can. */
  readonly finalsCount: number;
  readonly maxFinals: number;
};
