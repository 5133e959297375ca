import {
  type Address,
  type Hex,
  keccak256,
  type LocalAccount,
  type PublicClient,
  TransactionNotFoundError,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from 'viem';

/** A transaction that is signed and not sent: its hash is known before anybody else knows of it. */
export type SignedTransaction = {
  readonly hash: Hex;
  readonly nonce: number;
  readonly raw: Hex;
  /** Upper limit of what it can cost, in wei. */
  readonly maxCost: bigint;
};

/**
 * Where a transaction stands. `replaced`: its nonce was used by another one. `unknown`: the node has
 * not heard of it and its nonce is free, so that the same nonce can be signed again without harm.
 */
export type TransactionState =
  | { readonly state: 'mined'; readonly receipt: TransactionReceipt }
  | { readonly state: 'pending' }
  | { readonly state: 'replaced' }
  | { readonly state: 'unknown' };

export type TransactionRequest = {
  readonly account: LocalAccount;
  readonly to: Address;
  readonly data: Hex;
  /** Default: the account's next unused one. */
  readonly nonce?: number;
  /** Raises the fees by so many percent, to replace one that is stuck. Default: 0. */
  readonly bumpPercent?: number;
  readonly signal?: AbortSignal;
};

export type ChainSender = {
  sign(request: TransactionRequest): Promise<SignedTransaction>;
  /** Hands the signed bytes to the node. A node that has them already is no error. */
  broadcast(transaction: SignedTransaction, signal?: AbortSignal): Promise<void>;
  lookUp(
    account: Address,
    transaction: { readonly hash: Hex; readonly nonce: number },
    signal?: AbortSignal,
  ): Promise<TransactionState>;
  /** Wei. */
  gasBalance(account: Address, signal?: AbortSignal): Promise<bigint>;
};

type Ask = <T>(what: string, call: Promise<T>, signal?: AbortSignal) => Promise<T>;

/** Signing and sending are two steps, so that the caller can store the hash in between. */
export function chainSender(options: {
  readonly client: PublicClient;
  readonly chainId: number;
  readonly ask: Ask;
}): ChainSender {
  const { client, chainId, ask } = options;
  return {
    sign: (request) => ask('Signing a transaction', sign(client, chainId, request), request.signal),
    broadcast: async (transaction, signal) => {
      const call = client
        .sendRawTransaction({ serializedTransaction: transaction.raw })
        .catch(async (error: unknown) => {
          // The answer to an earlier try may have been lost; whether it is there is what counts.
          if (!(await isKnown(client, transaction.hash))) throw error;
        });
      await ask('Sending a transaction', call, signal);
    },
    lookUp: (account, transaction, signal) =>
      ask('Looking for a transaction', lookUp(client, account, transaction), signal),
    gasBalance: (account, signal) =>
      ask('Reading the gas balance', client.getBalance({ address: account }), signal),
  };
}

async function sign(
  client: PublicClient,
  chainId: number,
  request: TransactionRequest,
): Promise<SignedTransaction> {
  const { account, to, data } = request;
  const [nonce, gas, fees] = await Promise.all([
    request.nonce ?? client.getTransactionCount({ address: account.address, blockTag: 'latest' }),
    client.estimateGas({ account: account.address, to, data }),
    client.estimateFeesPerGas(),
  ]);
  const raise = (fee: bigint): bigint => (fee * BigInt(100 + (request.bumpPercent ?? 0))) / 100n;
  // Rows can become dearer between the estimate and the block: another one may be paid first.
  const limit = (gas * 5n) / 4n;
  const maxFeePerGas = raise(fees.maxFeePerGas);
  const raw = await account.signTransaction({
    type: 'eip1559',
    chainId,
    to,
    data,
    nonce,
    gas: limit,
    maxFeePerGas,
    maxPriorityFeePerGas: raise(fees.maxPriorityFeePerGas),
  });
  return { hash: keccak256(raw), nonce, raw, maxCost: limit * maxFeePerGas };
}

async function isKnown(client: PublicClient, hash: Hex): Promise<boolean> {
  try {
    await client.getTransaction({ hash });
    return true;
  } catch (error) {
    if (error instanceof TransactionNotFoundError) return false;
    throw error;
  }
}

async function lookUp(
  client: PublicClient,
  account: Address,
  transaction: { readonly hash: Hex; readonly nonce: number },
): Promise<TransactionState> {
  // The nonce is read first: a transaction mined between the two reads is then found by its receipt.
  const used = await client.getTransactionCount({ address: account, blockTag: 'latest' });
  const receipt = await receiptOf(client, transaction.hash);
  if (receipt !== undefined) return { state: 'mined', receipt };
  if (used > transaction.nonce) return { state: 'replaced' };
  return { state: (await isKnown(client, transaction.hash)) ? 'pending' : 'unknown' };
}

async function receiptOf(client: PublicClient, hash: Hex): Promise<TransactionReceipt | undefined> {
  try {
    return await client.getTransactionReceipt({ hash });
  } catch (error) {
    if (error instanceof TransactionReceiptNotFoundError) return undefined;
    throw error;
  }
}
