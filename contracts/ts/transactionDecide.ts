import {
  isEnded,
  type SignedForm,
  type StoredReceipt,
  signedForms,
  type TransactionRecord,
  type TransactionState,
} from './transaction.ts';

/** The chain as one look saw it. Nonces are counts: how many of the signer's are used. */
export type ChainView = {
  readonly nonces: { readonly latest: bigint; readonly pending: bigint; readonly final: bigint };
  readonly safeBlock: bigint;
  readonly finalBlock: bigint;
};

/** What the chain says of one transaction. Read after the nonces: a missing receipt then means something. */
export type Sighting = {
  /** Of any of its signed forms. */
  readonly receipt: StoredReceipt | undefined;
  /** Whether a node has the newest form waiting. */
  readonly isKnown: boolean;
};

export type TransactionPolicy = {
  /** When one that is not mined is signed again for a higher fee, in milliseconds. */
  readonly replaceAfterMs: number;
  /** How long a node may not know what it was just sent, in milliseconds. */
  readonly propagationMs: number;
  /** How often the fee is raised at most. */
  readonly maxReplacements: number;
};

/** What to do about one transaction next. */
export type TransactionStep =
  | { readonly do: 'Wait' }
  /** Store what the chain says. */
  | {
      readonly do: 'Record';
      readonly state: TransactionState;
      readonly message: string;
      readonly receipt?: StoredReceipt;
    }
  /** Send the newest signed form again, byte for byte; with a state, store that too. */
  | { readonly do: 'Resend'; readonly state?: TransactionState; readonly message: string }
  /** Sign the same call for a higher fee, store that, send it. */
  | { readonly do: 'Replace'; readonly message: string }
  /** Sign a call of nothing with the same nonce for a higher fee, store that, send it. */
  | { readonly do: 'Cancel'; readonly message: string };

const wait: TransactionStep = { do: 'Wait' };

/**
 * What to do about a stored transaction. It never leads to a second nonce for the same intent: whatever
 * is unclear is cleared by its receipts and by its nonce, and until then only the same nonce is used.
 */
export function decideTransaction(input: {
  readonly record: TransactionRecord;
  readonly view: ChainView;
  readonly sighting: Sighting;
  readonly policy: TransactionPolicy;
  /** Unix milliseconds. */
  readonly nowMs: number;
  /** Why the contract would refuse the call now; undefined when it would not, or nobody asked. */
  readonly refusal?: string | undefined;
}): TransactionStep {
  const { record, view, sighting, policy } = input;
  if (isEnded(record)) return wait;
  if (sighting.receipt !== undefined) return mined(record, view, sighting.receipt);
  const { status, spec } = record;
  const nonce = BigInt(spec.nonce);
  if (nonce < view.nonces.final) {
    const message = 'another transaction of the key used the nonce';
    return { do: 'Record', state: 'Replaced', message };
  }
  if (nonce < view.nonces.latest) {
    const message = 'another transaction of the key is mined with the nonce; it is not final yet';
    return status.message === message ? wait : { do: 'Record', state: 'Unknown', message };
  }
  const { receipt } = status;
  if (receipt !== undefined) {
    const message = `block ${receipt.blockNumber} was given up by the chain: sent again`;
    return { do: 'Resend', state: 'Sent', message };
  }
  const newest = signedForms(record).at(-1)!;
  const sinceMs = Math.max(Date.parse(newest.signedTime), Date.parse(status.sentTime ?? '') || 0);
  const ageMs = input.nowMs - sinceMs;
  // One that waits for an earlier nonce gains nothing from a higher fee.
  const isNext = nonce === view.nonces.latest;
  const isStuck = isNext && ageMs >= policy.replaceAfterMs;
  if (isStuck) {
    const step = raise(record, newest, policy, input.refusal);
    if (step !== undefined) return step;
  }
  if (!sighting.isKnown) {
    const message = 'no node is known to have it: sent again';
    if (ageMs < policy.propagationMs || status.state === 'Unknown')
      return { do: 'Resend', message };
    return { do: 'Resend', state: 'Unknown', message };
  }
  return status.state === 'Sent'
    ? wait
    : { do: 'Record', state: 'Sent', message: 'waiting for a block' };
}

function mined(
  record: TransactionRecord,
  view: ChainView,
  receipt: StoredReceipt,
): TransactionStep {
  const block = BigInt(receipt.blockNumber);
  const form = signedForms(record).find(({ hash }) => hash === receipt.transactionHash);
  const isCancelled = form?.cancels === true;
  const isFinal = block <= view.finalBlock;
  const state = isFinal
    ? isCancelled
      ? 'Dropped'
      : 'Final'
    : block <= view.safeBlock
      ? 'Safe'
      : 'Mined';
  const what = isCancelled
    ? 'given up: a transaction that does nothing used the nonce'
    : receipt.success
      ? 'mined'
      : 'reverted by the contract';
  const message = `${what} in block ${receipt.blockNumber}${isFinal ? ', which is final' : ''}`;
  const before = record.status.receipt;
  const isSame = record.status.state === state && before?.blockHash === receipt.blockHash;
  return isSame ? wait : { do: 'Record', state, message, receipt };
}

/** What makes a stuck one move; undefined when all was tried and it can only wait. */
function raise(
  record: TransactionRecord,
  newest: SignedForm,
  policy: TransactionPolicy,
  refusal: string | undefined,
): TransactionStep | undefined {
  const raised = record.status.replacements?.length ?? 0;
  if (newest.cancels === true) {
    const message = 'the cancellation is not mined: signed again for a higher fee';
    return raised < 2 * policy.maxReplacements ? { do: 'Replace', message } : undefined;
  }
  if (refusal !== undefined) {
    return { do: 'Cancel', message: `given up, the contract would refuse it now: ${refusal}` };
  }
  if (raised < policy.maxReplacements) {
    return { do: 'Replace', message: 'not mined for long: signed again for a higher fee' };
  }
  const message = `given up after ${raised} higher fees; its nonce is used by a transaction that does nothing`;
  return { do: 'Cancel', message };
}

/** Which nonce a new transaction may have, or why none may be sent now. */
export type NonceVerdict =
  | { readonly do: 'Use'; readonly nonce: bigint; readonly feePercent: number }
  /** No intent holds this nonce, and later ones wait for it. */
  | { readonly do: 'Fill'; readonly nonce: bigint }
  | { readonly do: 'Wait'; readonly message: string };

/**
 * One at a time: a nonce is given out only when every earlier one is mined, so that no transaction ever
 * waits for another, and a gap can only come from outside (a reorganisation, a deleted intent).
 */
export function decideNonce(input: {
  readonly records: readonly TransactionRecord[];
  readonly nonces: { readonly latest: bigint; readonly pending: bigint };
  /** How long a transaction that no intent here explains has been waiting at the chain, in milliseconds. */
  readonly foreignMs: number;
  readonly policy: Pick<TransactionPolicy, 'replaceAfterMs'>;
}): NonceVerdict {
  const { records, nonces } = input;
  const open = records.filter(({ spec }) => BigInt(spec.nonce) >= nonces.latest);
  const first = open[0];
  if (first !== undefined && BigInt(first.spec.nonce) === nonces.latest) {
    return { do: 'Wait', message: `under way: ${first.spec.description}` };
  }
  const isPatient = input.foreignMs < input.policy.replaceAfterMs;
  if (nonces.pending > nonces.latest && isPatient) {
    return {
      do: 'Wait',
      message: 'a transaction of this key that is not known here is not mined yet',
    };
  }
  if (first !== undefined) return { do: 'Fill', nonce: nonces.latest };
  const feePercent = nonces.pending > nonces.latest ? 150 : 100;
  return { do: 'Use', nonce: nonces.latest, feePercent };
}

/**
 * Ended transactions that need not be kept: older than `keepMs`, or more than the `keepNewest` newest.
 * `isNeeded` saves those that something is still derived from.
 */
export function expiredTransactions(
  records: readonly TransactionRecord[],
  options: {
    readonly nowMs: number;
    readonly keepMs: number;
    readonly keepNewest: number;
    readonly isNeeded?:
      | ((record: TransactionRecord, all: readonly TransactionRecord[]) => boolean)
      | undefined;
  },
): readonly TransactionRecord[] {
  const ended = records.filter(isEnded);
  const newest = new Set(ended.slice(-options.keepNewest));
  return ended.filter((record) => {
    const ageMs = options.nowMs - Date.parse(record.status.finishedTime ?? '');
    const isKept = newest.has(record) && !(ageMs > options.keepMs);
    return !isKept && options.isNeeded?.(record, records) !== true;
  });
}
