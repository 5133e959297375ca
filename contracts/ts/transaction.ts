import type { Address, Hex } from 'viem';

/** What a ChainTransaction may be for; see the kind's own description. */
export type TransactionOperation =
  | 'FundChannel'
  | 'SettleVouchers'
  | 'WithdrawCredit'
  | 'AnchorPlacements'
  | 'ReleaseNonce';

/**
 * Where a transaction stands. The last three are ends: nothing follows them, and its nonce is used for
 * good. Before them a reorganisation may always lead back to Sent.
 */
export type TransactionState =
  | 'Built'
  | 'Sent'
  | 'Unknown'
  | 'Mined'
  | 'Safe'
  | 'Final'
  | 'Replaced'
  | 'Dropped';

/** One signed form of a transaction; amounts are decimal wei, times RFC 3339. */
export type SignedForm = {
  readonly hash: Hex;
  readonly raw: Hex;
  readonly maxFeePerGas: string;
  readonly maxPriorityFeePerGas: string;
  readonly signedTime: string;
  /** It calls nothing: the intent was given up, and only its nonce is still to be used. */
  readonly cancels?: boolean | undefined;
};

/** What a transaction is about, in the order of its rows. */
export type TransactionRef = {
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly generation?: number | undefined;
  readonly cumulative?: string | undefined;
};

/** The intent: never changes. Decimal strings where a number may exceed 2^53. */
export type TransactionSpec = {
  readonly chainId: number;
  readonly signer: Address;
  readonly nonce: string;
  readonly operation: TransactionOperation;
  readonly description: string;
  readonly to: Address;
  readonly value: string;
  readonly gas: string;
  readonly signed: SignedForm;
  readonly refs?: readonly TransactionRef[] | undefined;
  readonly digests?: readonly Hex[] | undefined;
};

/** The block that a signed form is in. */
export type StoredReceipt = {
  readonly transactionHash: Hex;
  readonly blockNumber: string;
  readonly blockHash: Hex;
  readonly gasUsed: string;
  /** Wei for one unit of it. */
  readonly effectiveGasPrice?: string | undefined;
  readonly success: boolean;
};

/** What became of it. */
export type TransactionStatus = {
  readonly state: TransactionState;
  /** The same in a sentence, for people. */
  readonly message: string;
  /** Later signed forms of the same nonce, oldest first. */
  readonly replacements?: readonly SignedForm[] | undefined;
  /** When it was last sent again because the chain had lost it. */
  readonly sentTime?: string | undefined;
  readonly receipt?: StoredReceipt | undefined;
  /** Rows that the contract did not pay. */
  readonly skipped?: readonly { readonly name: string; readonly reason: string }[] | undefined;
  readonly finishedTime?: string | undefined;
};

/** A stored transaction. `version` tells this state of it from an earlier or a later one. */
export type TransactionRecord = {
  readonly name: string;
  readonly version: string;
  readonly spec: TransactionSpec;
  readonly status: TransactionStatus;
  /** W3C trace context of the work it was sent in, where that is traced. */
  readonly traceparent?: string | undefined;
};

/** Where transactions are stored durably. Every function may reject; nothing is sent that was not stored. */
export type TransactionStore = {
  /** All of one signer on one chain, by nonce. */
  list(
    chainId: number,
    signer: Address,
    signal?: AbortSignal,
  ): Promise<readonly TransactionRecord[]>;
  /** Resolves with undefined when the nonce has an intent already: `list` shows it from then on. */
  create(spec: TransactionSpec, signal?: AbortSignal): Promise<TransactionRecord | undefined>;
  /** Resolves with undefined when the stored state is another than `record`'s: nothing was written then. */
  update(
    record: TransactionRecord,
    status: TransactionStatus,
    signal?: AbortSignal,
  ): Promise<TransactionRecord | undefined>;
  /** Deletes this very transaction; one that is gone already is no error. */
  delete(record: TransactionRecord, signal?: AbortSignal): Promise<void>;
};

/** The name of the one intent that a nonce can have: creating it is the lock on the nonce. */
export function transactionName(
  spec: Pick<TransactionSpec, 'chainId' | 'signer' | 'nonce'>,
): string {
  return `tx-${spec.chainId}-${spec.signer.slice(2).toLowerCase()}-${spec.nonce}`;
}

/** Every signed form, the newest last. */
export function signedForms({ spec, status }: TransactionRecord): readonly SignedForm[] {
  return [spec.signed, ...(status.replacements ?? [])];
}

/** Whether its end is final. */
export function isEnded({ status }: Pick<TransactionRecord, 'status'>): boolean {
  return status.state === 'Final' || status.state === 'Replaced' || status.state === 'Dropped';
}

/** Whether it is in a block, and did what it was meant to. A reorganisation may still undo it before Final. */
export function hasWorked(record: TransactionRecord): boolean {
  const { state, receipt } = record.status;
  if (state !== 'Mined' && state !== 'Safe' && state !== 'Final') return false;
  const form = signedForms(record).find(({ hash }) => hash === receipt?.transactionHash);
  return receipt?.success === true && form?.cancels !== true;
}
