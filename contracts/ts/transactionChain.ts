import {
  type Address,
  BaseError,
  ExecutionRevertedError,
  type Hex,
  keccak256,
  type LocalAccount,
  type PublicClient,
  parseTransaction,
  TransactionNotFoundError,
  TransactionReceiptNotFoundError,
} from 'viem';
import {
  type SignedForm,
  type StoredReceipt,
  signedForms,
  type TransactionRecord,
} from './transaction.ts';
import type { ChainView, Sighting } from './transactionDecide.ts';
import type { GasFees } from './transactionFees.ts';

/** Runs a request, and turns whatever it throws into an error that says `what` and tells nobody the RPC's address. */
export type AskChain = <T>(
  what: string,
  call: () => Promise<T>,
  signal?: AbortSignal,
) => Promise<T>;

/** What counts as final: the chain's own finalized or safe block, or simply the latest. */
export type Finality = 'Finalized' | 'Safe' | 'Latest';

/** What a sender asks of a chain. */
export type TransactionChain = ReturnType<typeof transactionChain>;

/** The block tag that an RPC knows it by. */
export const finalTags = { Finalized: 'finalized', Safe: 'safe', Latest: 'latest' } as const;

/** The chain as one signer's transactions need it. */
export function transactionChain(options: {
  readonly rpc: PublicClient;
  readonly ask: AskChain;
  readonly address: Address;
  readonly finality: Finality;
}) {
  const { rpc, ask, address, finality } = options;
  const finalTag = finalTags[finality];
  const block = async (blockTag: 'safe' | 'finalized' | 'latest') =>
    (await rpc.getBlock({ blockTag })).number;

  async function nonces(signal?: AbortSignal) {
    const count = (blockTag: 'latest' | 'pending') =>
      rpc.getTransactionCount({ address, blockTag });
    const [latest, pending] = await ask(
      'reading the nonce',
      () => Promise.all([count('latest'), count('pending')]),
      signal,
    );
    return { latest: BigInt(latest), pending: BigInt(pending) };
  }

  async function view(signal?: AbortSignal): Promise<ChainView> {
    const [now, atFinal, finalBlock, safeBlock] = await Promise.all([
      nonces(signal),
      ask(
        'reading the nonce',
        () => rpc.getTransactionCount({ address, blockTag: finalTag }),
        signal,
      ),
      ask('reading the final block', () => block(finalTag), signal),
      finality === 'Finalized'
        ? ask('reading the safe block', () => block('safe'), signal)
        : undefined,
    ]);
    return {
      nonces: { ...now, final: BigInt(atFinal) },
      finalBlock,
      safeBlock: safeBlock ?? finalBlock,
    };
  }

  async function receiptOf(hash: Hex, signal?: AbortSignal): Promise<StoredReceipt | undefined> {
    const found = await ask(
      'looking for a receipt',
      () => absent(rpc.getTransactionReceipt({ hash })),
      signal,
    );
    return (
      found && {
        transactionHash: found.transactionHash,
        blockNumber: found.blockNumber.toString(),
        blockHash: found.blockHash,
        gasUsed: found.gasUsed.toString(),
        effectiveGasPrice: found.effectiveGasPrice.toString(),
        success: found.status === 'success',
      }
    );
  }

  const isKnown = async (hash: Hex, signal?: AbortSignal): Promise<boolean> =>
    (await ask('looking for a transaction', () => absent(rpc.getTransaction({ hash })), signal)) !==
    undefined;

  return {
    nonces,
    view,
    /** The whole receipt, with its logs. */
    receipt: (hash: Hex, signal?: AbortSignal) =>
      ask('reading a receipt', () => rpc.getTransactionReceipt({ hash }), signal),
    sighting: async (record: TransactionRecord, signal?: AbortSignal): Promise<Sighting> => {
      const forms = signedForms(record);
      const receipts = await Promise.all(forms.map(({ hash }) => receiptOf(hash, signal)));
      const receipt = receipts.find((candidate) => candidate !== undefined);
      if (receipt !== undefined) return { receipt, isKnown: true };
      return { receipt, isKnown: await isKnown(forms.at(-1)!.hash, signal) };
    },
    fees: (signal?: AbortSignal): Promise<GasFees> =>
      ask('reading fees', () => rpc.estimateFeesPerGas(), signal),
    balance: (signal?: AbortSignal) =>
      ask('reading a balance', () => rpc.getBalance({ address }), signal),
    /** Rejects with the contract's own words when it would refuse the call; else resolves with the gas it takes. */
    simulate: async (
      call: { readonly to: Address; readonly data: Hex },
      what: string,
      signal?: AbortSignal,
    ): Promise<bigint> => {
      const from = { account: address, ...call };
      // A plain call first: its refusal carries the contract's error, an estimate's often doesn't.
      await ask(`simulating ${what}`, () => rpc.call(from), signal);
      return ask(`estimating ${what}`, () => rpc.estimateGas(from), signal);
    },
    /** Why the contract would refuse the call now; undefined when it would not. Rejects when nobody answers. */
    refusal: (
      call: { readonly to: Address; readonly data: Hex },
      signal?: AbortSignal,
    ): Promise<string | undefined> =>
      ask(
        'simulating a transaction again',
        async () => {
          try {
            await rpc.call({ account: address, ...call });
            return undefined;
          } catch (error) {
            const words = revertIn(error);
            if (words === undefined) throw error;
            return words;
          }
        },
        signal,
      ),
    /**
     * Hands signed bytes to the node. Undefined when the node has them; else what went wrong, which proves
     * nothing: the answer may have been lost.
     */
    broadcast: async (
      { raw, hash }: SignedForm,
      signal?: AbortSignal,
    ): Promise<string | undefined> => {
      try {
        await ask(
          'sending a transaction',
          () => rpc.sendRawTransaction({ serializedTransaction: raw }),
          signal,
        );
        return undefined;
      } catch (error) {
        if (signal?.aborted) throw error;
        // A node that has it already says so with an error; every node words it differently.
        if (await isKnown(hash, signal).catch(() => false)) return undefined;
        return error instanceof Error ? error.message : String(error);
      }
    },
  };
}

/** What the contract said, when it was the contract that said no. */
function revertIn(error: unknown): string | undefined {
  if (!(error instanceof BaseError)) return undefined;
  const found = error.walk((cause) => cause instanceof ExecutionRevertedError);
  return found instanceof BaseError ? found.shortMessage.split('\n')[0] : undefined;
}

async function absent<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof TransactionNotFoundError) return undefined;
    if (error instanceof TransactionReceiptNotFoundError) return undefined;
    throw error;
  }
}

export type UnsignedTransaction = {
  readonly chainId: number;
  readonly nonce: bigint;
  readonly to: Address;
  readonly data: Hex;
  readonly value: bigint;
  readonly gas: bigint;
};

/** Signs; the hash is known before anybody else hears of it. */
export async function signForm(
  account: LocalAccount,
  transaction: UnsignedTransaction,
  fees: GasFees,
  now: Date,
): Promise<SignedForm> {
  const raw = await account.signTransaction({
    type: 'eip1559',
    ...transaction,
    nonce: Number(transaction.nonce),
    ...fees,
  });
  return {
    hash: keccak256(raw),
    raw,
    maxFeePerGas: fees.maxFeePerGas.toString(),
    maxPriorityFeePerGas: fees.maxPriorityFeePerGas.toString(),
    signedTime: `${now.toISOString().slice(0, 19)}Z`,
  };
}

/** The call that an intent's first signed form makes. */
export function callOf({ spec }: TransactionRecord): UnsignedTransaction {
  return {
    chainId: spec.chainId,
    nonce: BigInt(spec.nonce),
    to: spec.to,
    data: parseTransaction(spec.signed.raw).data ?? '0x',
    value: BigInt(spec.value),
    gas: BigInt(spec.gas),
  };
}

/** A call of nothing that uses up a nonce: 21,000 gas. */
export function emptyCall(chainId: number, nonce: bigint, signer: Address): UnsignedTransaction {
  return { chainId, nonce, to: signer, data: '0x', value: 0n, gas: 21_000n };
}
