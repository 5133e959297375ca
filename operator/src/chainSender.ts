import { abortable } from '@gridlease/kube/abort';
import type { Clock } from '@gridlease/kube/clock';
import { type Address, type Hex, keccak256, type LocalAccount, type PublicClient } from 'viem';
import { ChainError, chainError } from './chainError.ts';
import { type Observed, resolvePending } from './chainPending.ts';

/** A transaction that was sent and whose end is not known. */
type Pending = {
  readonly operation: string;
  readonly nonce: number;
  readonly to: Address;
  readonly data: Hex;
  readonly gas: bigint;
  /** Oldest first; a replacement of the same nonce pays more. */
  readonly tries: { readonly hash: Hex; readonly raw: Hex; readonly maxFeePerGas: bigint }[];
  sentAtMs: number;
};

export type SendOutcome =
  | { readonly state: 'Sent'; readonly hash: Hex }
  /** Another transaction of this key is under way: nothing was sent. */
  | { readonly state: 'Busy'; readonly message: string }
  | { readonly state: 'GasTooLow'; readonly balance: bigint; readonly needed: bigint };

export type Resolved =
  | { readonly state: 'None' }
  | { readonly state: 'Unknown'; readonly hash: Hex }
  | {
      readonly state: 'Mined';
      readonly operation: string;
      readonly success: boolean;
      readonly hash: Hex;
    }
  /** Its nonce was used by another transaction of this key. */
  | { readonly state: 'Replaced'; readonly operation: string; readonly hash: Hex };

export type Sender = {
  readonly address: Address;
  /** Looks what became of the last transaction; sends it again when the chain has lost it. */
  resolve(signal?: AbortSignal): Promise<Resolved>;
  /** Simulates, then sends. Call `resolve` first: with one under way it answers Busy. */
  send(
    request: { readonly operation: string; readonly to: Address; readonly data: Hex },
    signal?: AbortSignal,
  ): Promise<SendOutcome>;
};

export type SenderOptions = {
  readonly rpc: PublicClient;
  readonly chainId: bigint;
  readonly account: LocalAccount;
  readonly clock: Clock;
  /** Most gas that one transaction may use. Default: 250,000. */
  readonly maxGas?: bigint;
  /** Most that a unit of gas may cost, in wei. Default: 500 gwei. */
  readonly maxFeePerGas?: bigint;
  /** When a transaction that is not mined is sent again with a higher fee, in milliseconds. Default: 60,000. */
  readonly replaceAfterMs?: number;
};

/**
 * Sends transactions of one key, one at a time. Signed and remembered before it is sent: an answer that
 * is lost leaves it Unknown, and Unknown is resolved by its hash and its nonce before anything else
 * is sent. After a restart the chain's own pending nonce stands in for the memory.
 */
export function createSender(options: SenderOptions): Sender {
  const { rpc, account, clock } = options;
  const { maxGas = 250_000n, replaceAfterMs = 60_000 } = options;
  const feeCap = options.maxFeePerGas ?? 500_000_000_000n;
  const { address } = account;
  let pending: Pending | undefined;
  let foreignSinceMs: number | undefined;

  async function ask<T>(what: string, call: Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await abortable(call, signal);
    } catch (error) {
      if (signal?.aborted) throw error;
      throw chainError(what, error);
    }
  }
  const nonceAt = (blockTag: 'latest' | 'pending', signal?: AbortSignal) =>
    ask('reading the nonce', rpc.getTransactionCount({ address, blockTag }), signal);

  async function fees(factor: bigint, signal?: AbortSignal) {
    const estimate = await ask('reading fees', rpc.estimateFeesPerGas(), signal);
    const bump = (fee: bigint) => (fee * factor + 99n) / 100n;
    const maxFeePerGas = bump(estimate.maxFeePerGas);
    if (maxFeePerGas > feeCap) {
      throw new ChainError(
        `gas costs ${maxFeePerGas} wei, more than the ${feeCap} allowed: waiting for a lower price`,
      );
    }
    return { maxFeePerGas, maxPriorityFeePerGas: bump(estimate.maxPriorityFeePerGas) };
  }

  async function sign(transaction: Pending, factor: bigint, signal?: AbortSignal): Promise<void> {
    const price = await fees(factor, signal);
    const raw = await account.signTransaction({
      type: 'eip1559',
      chainId: Number(options.chainId),
      nonce: transaction.nonce,
      to: transaction.to,
      data: transaction.data,
      gas: transaction.gas,
      value: 0n,
      ...price,
    });
    const { maxFeePerGas } = price;
    transaction.tries.push({ hash: keccak256(raw), raw, maxFeePerGas });
    transaction.sentAtMs = clock.monotonicMs();
  }

  /** A failure here proves nothing: the node may have taken it. `resolve` finds out. */
  async function broadcast(transaction: Pending, signal?: AbortSignal): Promise<void> {
    const { raw } = transaction.tries.at(-1)!;
    const sending = rpc.sendRawTransaction({ serializedTransaction: raw });
    await abortable(sending, signal).catch(() => undefined);
  }

  async function observe(transaction: Pending, signal?: AbortSignal): Promise<Observed> {
    // The nonce first: a receipt that is missing afterwards really belongs to another transaction.
    const minedNonces = await nonceAt('latest', signal);
    const receipts = await Promise.all(
      transaction.tries.map(({ hash }) => found(rpc.getTransactionReceipt({ hash }), signal)),
    );
    const receipt = receipts.find((candidate) => candidate !== undefined);
    const { hash } = transaction.tries.at(-1)!;
    const known = await found(rpc.getTransaction({ hash }), signal);
    return {
      receipt: receipt && {
        success: receipt.status === 'success',
        hash: receipt.transactionHash,
      },
      nonceUsed: minedNonces > transaction.nonce,
      known: known !== undefined,
      ageMs: clock.monotonicMs() - transaction.sentAtMs,
    };
  }

  async function found<T>(call: Promise<T>, signal?: AbortSignal): Promise<T | undefined> {
    try {
      return await abortable(call, signal);
    } catch (error) {
      const name = error instanceof Error ? error.name : '';
      if (name === 'TransactionReceiptNotFoundError' || name === 'TransactionNotFoundError') {
        return undefined;
      }
      if (signal?.aborted) throw error;
      throw chainError('looking for a transaction', error);
    }
  }

  async function resolve(signal?: AbortSignal): Promise<Resolved> {
    if (pending === undefined) return { state: 'None' };
    const { operation } = pending;
    const { hash } = pending.tries.at(-1)!;
    const observed = await observe(pending, signal);
    const next = resolvePending(observed, replaceAfterMs);
    if (next === 'Mined' && observed.receipt !== undefined) {
      pending = undefined;
      return { state: 'Mined', operation, ...observed.receipt };
    }
    if (next === 'Replaced') {
      pending = undefined;
      return { state: 'Replaced', operation, hash };
    }
    if (next === 'SendDearer')
      await sign(
        pending,
        125n ** BigInt(pending.tries.length) / 100n ** BigInt(pending.tries.length - 1),
        signal,
      );
    if (next !== 'Wait') await broadcast(pending, signal);
    return { state: 'Unknown', hash: pending.tries.at(-1)!.hash };
  }

  return {
    address,
    resolve,
    send: async ({ operation, to, data }, signal) => {
      if (pending !== undefined)
        return { state: 'Busy', message: `${pending.operation} is under way` };
      const [nonce, next] = await Promise.all([
        nonceAt('latest', signal),
        nonceAt('pending', signal),
      ]);
      if (next > nonce) {
        foreignSinceMs ??= clock.monotonicMs();
        if (clock.monotonicMs() - foreignSinceMs < replaceAfterMs) {
          return { state: 'Busy', message: 'an earlier transaction of this key is not mined yet' };
        }
      } else foreignSinceMs = undefined;
      const call = { account: address, to, data };
      await ask(`simulating ${operation}`, rpc.call(call), signal);
      const estimated = await ask(`estimating ${operation}`, rpc.estimateGas(call), signal);
      const gas = (estimated * 12n) / 10n;
      if (gas > maxGas) {
        throw new ChainError(`${operation} needs ${gas} gas, more than the ${maxGas} allowed`);
      }
      const factor = foreignSinceMs === undefined ? 100n : 150n;
      const transaction: Pending = { operation, nonce, to, data, gas, tries: [], sentAtMs: 0 };
      await sign(transaction, factor, signal);
      const needed = gas * transaction.tries[0]!.maxFeePerGas;
      const balance = await ask('reading a balance', rpc.getBalance({ address }), signal);
      if (balance < needed) return { state: 'GasTooLow', balance, needed };
      pending = transaction;
      foreignSinceMs = undefined;
      await broadcast(transaction, signal);
      return { state: 'Sent', hash: transaction.tries[0]!.hash };
    },
  };
}
