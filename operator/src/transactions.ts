import type { TransactionStore } from '@gridlease/contracts/transaction';
import type { AskChain } from '@gridlease/contracts/transactionChain';
import {
  createTransactionSender,
  type TransactionSender,
  type TransactionSenderOptions,
} from '@gridlease/contracts/transactionSender';
import { abortable } from '@gridlease/kube/abort';
import { withChainSpan } from '@gridlease/kube/chainSpan';
import type { LocalAccount } from 'viem';
import type { ChainClient } from './chain.ts';
import { chainError } from './chainError.ts';

/** Every error leaves here without the RPC's address. */
const ask: AskChain = async (what, call, signal) => {
  try {
    return await withChainSpan(what, undefined, () => abortable(call(), signal));
  } catch (error) {
    if (signal?.aborted) throw error;
    throw chainError(what, error);
  }
};

/** One key's transactions on a chain, kept in `store`. */
export function senderFor(
  chain: Pick<ChainClient, 'rpc' | 'chainId' | 'finality'>,
  account: LocalAccount,
  options: { readonly store: TransactionStore } & Pick<
    TransactionSenderOptions,
    'clock' | 'isNeeded' | 'keepMs' | 'maxFeePerGas' | 'maxGas' | 'replaceAfterMs'
  >,
): TransactionSender {
  return createTransactionSender({
    maxGas: 250_000n,
    ...options,
    rpc: chain.rpc,
    chainId: Number(chain.chainId),
    finality: chain.finality,
    account,
    ask,
  });
}
