import {
  type Address,
  formatEther,
  type Hex,
  type LocalAccount,
  type PublicClient,
  type TransactionReceipt,
} from 'viem';
import {
  isEnded,
  type SignedForm,
  type TransactionOperation,
  type TransactionRecord,
  type TransactionRef,
  type TransactionStatus,
  type TransactionStore,
} from './transaction.ts';
import {
  type AskChain,
  emptyCall,
  type Finality,
  signForm,
  transactionChain,
  type UnsignedTransaction,
} from './transactionChain.ts';
import type { TransactionChange } from './transactionChange.ts';
import { decideNonce, expiredTransactions, type TransactionPolicy } from './transactionDecide.ts';
import { transactionSteps } from './transactionSteps.ts';

export type TransactionRequest = {
  readonly operation: TransactionOperation;
  /** In a sentence, without a full stop. */
  readonly description: string;
  readonly to: Address;
  readonly data: Hex;
  readonly refs?: readonly TransactionRef[];
  readonly digests?: readonly Hex[];
};

export type SendOutcome =
  | { readonly state: 'Sent'; readonly hash: Hex }
  /** Another transaction of this key is under way: nothing was sent. */
  | { readonly state: 'Busy'; readonly message: string }
  /** In wei: nothing was sent. */
  | { readonly state: 'GasTooLow'; readonly balance: bigint; readonly needed: bigint };

export type Resolved = {
  /** All that is stored of this key, by nonce. */
  readonly records: readonly TransactionRecord[];
  /** What is under way, when something is: nothing else would be sent now. */
  readonly busy: string | undefined;
  readonly changes: readonly TransactionChange[];
};

/** One key's transactions on one chain, one at a time. */
export type TransactionSender = {
  readonly address: Address;
  /**
   * Looks what became of everything that is not final: stores it, sends again what the chain has lost,
   * pays more for what is stuck. Asks the chain nothing when all is final.
   */
  resolve(signal?: AbortSignal): Promise<Resolved>;
  /** Simulates, stores the intent, then sends. Call `resolve` first: with one under way it answers Busy. */
  send(request: TransactionRequest, signal?: AbortSignal): Promise<SendOutcome>;
};

export type TransactionSenderOptions = {
  readonly rpc: PublicClient;
  readonly chainId: number;
  readonly finality: Finality;
  readonly account: LocalAccount;
  readonly store: TransactionStore;
  readonly ask: AskChain;
  readonly clock: { now(): Date; monotonicMs(): number };
  /** Which rows of a settlement the contract did not pay, from its receipt. */
  readonly skippedIn?: (
    record: TransactionRecord,
    receipt: TransactionReceipt,
  ) => TransactionStatus['skipped'];
  /** Keeps an ended transaction beyond its time. Default: none. */
  readonly isNeeded?: (record: TransactionRecord, all: readonly TransactionRecord[]) => boolean;
  /** Most gas that one transaction may use. Default: 15,000,000. */
  readonly maxGas?: bigint;
  /** Most that a unit of gas may cost, in wei. Default: 500 gwei. */
  readonly maxFeePerGas?: bigint;
  /** Default: 60,000. */
  readonly replaceAfterMs?: number;
  /** Default: 5,000. */
  readonly propagationMs?: number;
  /** Default: 6, which doubles the fee. */
  readonly maxReplacements?: number;
  /** How long ended ones are kept, in milliseconds. Default: an hour. */
  readonly keepMs?: number;
  /** How many ended ones are kept at most. Default: 50. */
  readonly keepNewest?: number;
};

/**
 * Sends transactions so that each intent happens once, whatever ends or is cut off in between: the
 * signed bytes are stored under their nonce's name before anybody else hears of them, and sent again
 * byte for byte until the nonce is used. Two senders of one key can't use one nonce: the second finds
 * its name taken, and takes what is stored there for what is under way.
 */
export function createTransactionSender(options: TransactionSenderOptions): TransactionSender {
  const { account, chainId, store, clock, rpc, ask, finality } = options;
  const { address } = account;
  const chain = transactionChain({ rpc, ask, address, finality });
  const policy: TransactionPolicy = {
    replaceAfterMs: options.replaceAfterMs ?? 60_000,
    propagationMs: options.propagationMs ?? 5_000,
    maxReplacements: options.maxReplacements ?? 6,
  };
  const cap = options.maxFeePerGas ?? 500_000_000_000n;
  const maxGas = options.maxGas ?? 15_000_000n;
  let foreignSinceMs: number | undefined;
  const steps = transactionSteps({ ...options, chain, policy, cap });
  const list = (signal?: AbortSignal) => store.list(chainId, address, signal);

  async function resolve(signal?: AbortSignal): Promise<Resolved> {
    const before = await list(signal);
    const open = before.filter((record) => !isEnded(record));
    const changes: TransactionChange[] = [];
    let latest = 0n;
    if (open.length > 0) {
      const view = await chain.view(signal);
      latest = view.nonces.latest;
      for (const record of open) {
        const step = await steps.look(record, view, signal);
        const after = await steps.take(record, step, signal);
        if (after === undefined) continue;
        const { state } = after.status;
        changes.push({ record: after, before: record.status.state, state, did: step.do });
      }
    }
    const records = changes.length === 0 ? before : await list(signal);
    await prune(records, signal);
    const waiting = records.find(
      (record) => !isEnded(record) && BigInt(record.spec.nonce) >= latest,
    );
    return { records, changes, busy: waiting?.spec.description };
  }

  async function prune(records: readonly TransactionRecord[], signal?: AbortSignal): Promise<void> {
    const expired = expiredTransactions(records, {
      nowMs: clock.now().getTime(),
      keepMs: options.keepMs ?? 3_600_000,
      keepNewest: options.keepNewest ?? 50,
      isNeeded: options.isNeeded,
    });
    for (const record of expired) await store.delete(record, signal);
  }

  /** Stores the intent, then sends it. Undefined when the nonce has another intent. */
  async function commit(
    call: UnsignedTransaction,
    form: SignedForm,
    request: Pick<TransactionRequest, 'operation' | 'description' | 'refs' | 'digests'>,
    signal?: AbortSignal,
  ): Promise<TransactionRecord | undefined> {
    const { operation, description, refs, digests } = request;
    const record = await store.create(
      {
        chainId,
        signer: address,
        nonce: call.nonce.toString(),
        operation,
        description,
        to: call.to,
        value: call.value.toString(),
        gas: call.gas.toString(),
        signed: form,
        ...(refs === undefined ? {} : { refs }),
        ...(digests === undefined ? {} : { digests }),
      },
      signal,
    );
    if (record === undefined) return undefined;
    const problem = await chain.broadcast(form, signal);
    if (problem === undefined) return record;
    const status = { state: 'Unknown', message: `sent without an answer: ${problem}` } as const;
    return (await store.update(record, status, signal)) ?? record;
  }

  async function fill(nonce: bigint, signal?: AbortSignal): Promise<void> {
    const call = emptyCall(chainId, nonce, address);
    const fees = await steps.feesFor(100, undefined, signal);
    if (fees === undefined) return;
    const description = `using up nonce ${nonce}, which no intent holds and later ones wait for`;
    const form = await signForm(account, call, fees, clock.now());
    await commit(call, form, { operation: 'ReleaseNonce', description }, signal);
  }

  async function send(request: TransactionRequest, signal?: AbortSignal): Promise<SendOutcome> {
    const nonces = await chain.nonces(signal);
    const records = await list(signal);
    if (nonces.pending === nonces.latest) foreignSinceMs = undefined;
    else foreignSinceMs ??= clock.monotonicMs();
    const foreignMs = foreignSinceMs === undefined ? 0 : clock.monotonicMs() - foreignSinceMs;
    const verdict = decideNonce({ records, nonces, foreignMs, policy });
    if (verdict.do === 'Wait') return { state: 'Busy', message: verdict.message };
    if (verdict.do === 'Fill') {
      await fill(verdict.nonce, signal);
      return { state: 'Busy', message: `nonce ${verdict.nonce} is used up first` };
    }
    const { to, data, description } = request;
    const estimated = await chain.simulate({ to, data }, description, signal);
    // What it takes may grow until it is mined: another transaction may come first.
    const gas = (estimated * 5n) / 4n;
    if (gas > maxGas) {
      throw new Error(`${description} needs ${gas} gas, more than the ${maxGas} allowed`);
    }
    const fees = await steps.feesFor(verdict.feePercent, undefined, signal);
    if (fees === undefined) {
      throw new Error(`gas costs more than the ${cap} wei allowed: waiting for a lower price`);
    }
    const needed = gas * fees.maxFeePerGas;
    const balance = await chain.balance(signal);
    if (balance < needed) return { state: 'GasTooLow', balance, needed };
    const call = { chainId, nonce: verdict.nonce, to, data, value: 0n, gas };
    const form = await signForm(account, call, fees, clock.now());
    if ((await commit(call, form, request, signal)) === undefined) {
      return { state: 'Busy', message: `nonce ${verdict.nonce} was taken by another process` };
    }
    foreignSinceMs = undefined;
    return { state: 'Sent', hash: form.hash };
  }

  return { address, resolve, send };
}

/** What a person reads about a key that can't pay. */
export function gasTooLow(
  address: Address,
  { balance, needed }: { readonly balance: bigint; readonly needed: bigint },
): string {
  return `${address} has ${formatEther(balance)} and may need ${formatEther(needed)}: send it some of the chain's coin`;
}
