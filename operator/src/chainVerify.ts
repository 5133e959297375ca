import { gpuEscrowAbi } from '@gridlease/contracts/gpuEscrow.generated';
import { hasCode } from '@gridlease/contracts/hasCode';
import type { AskChain } from '@gridlease/contracts/transactionChain';
import { type Address, erc20Abi, isAddressEqual, type PublicClient } from 'viem';
import type { ChainOptions } from './chain.ts';
import { ChainError } from './chainError.ts';

export type ChainVerdict =
  | { readonly ready: true }
  | {
      readonly ready: false;
      /** Unknown when the chain didn't answer: that is no proof of anything. */
      readonly status: 'False' | 'Unknown';
      readonly reason:
        | 'SecretNotFound'
        | 'Unreachable'
        | 'WrongChainId'
        | 'NoContract'
        | 'WrongToken';
      readonly message: string;
    };

/** Chain id, code and token are what the options say; throws only when the signal aborts. */
export async function verifyChain(
  rpc: PublicClient,
  options: ChainOptions,
  ask: AskChain,
  signal?: AbortSignal,
): Promise<ChainVerdict> {
  const { escrow, token } = options;
  const refuse = (reason: 'WrongChainId' | 'NoContract' | 'WrongToken', message: string) =>
    ({ ready: false, status: 'False', reason, message }) as const;
  try {
    const chainId = await ask('asking for the chain id', () => rpc.getChainId(), signal);
    if (chainId !== options.chainId) {
      return refuse(
        'WrongChainId',
        `the RPC serves chain ${chainId}, spec.chainId is ${options.chainId}: correct the address in the Secret, or create a SettlementChain for that chain`,
      );
    }
    if (!(await ask('reading code', () => hasCode(rpc, escrow), signal))) {
      return refuse(
        'NoContract',
        `there is no contract at spec.escrow ${escrow} on chain ${chainId}: deploy GpuEscrow, or create a SettlementChain with its address`,
      );
    }
    const contract = { address: escrow, abi: gpuEscrowAbi } as const;
    const held = await ask(
      'asking the escrow for its token',
      () => rpc.readContract({ ...contract, functionName: 'token' }),
      signal,
    );
    if (!isAddressEqual(held, token.address)) {
      return refuse(
        'WrongToken',
        `the escrow holds token ${held}, spec.token.address is ${token.address}`,
      );
    }
    const read = () => readToken(rpc, token.address);
    const [decimals, symbol] = await ask('asking the token for its decimals', read, signal);
    if (decimals !== token.decimals || symbol !== token.symbol) {
      return refuse(
        'WrongToken',
        `token ${token.address} is ${symbol.slice(0, 32)} with ${decimals} decimals, spec.token says ${token.symbol} with ${token.decimals}`,
      );
    }
    return { ready: true };
  } catch (error) {
    if (signal?.aborted) throw error;
    if (error instanceof ChainError && error.answered) {
      return refuse(
        'NoContract',
        `the contract at spec.escrow ${escrow} does not answer like a GpuEscrow: ${error.message}`,
      );
    }
    const message = error instanceof ChainError ? error.message : 'the RPC failed';
    return { ready: false, status: 'Unknown', reason: 'Unreachable', message };
  }
}

function readToken(rpc: PublicClient, address: Address): Promise<[number, string]> {
  const erc20 = { address, abi: erc20Abi } as const;
  return Promise.all([
    rpc.readContract({ ...erc20, functionName: 'decimals' }),
    rpc.readContract({ ...erc20, functionName: 'symbol' }),
  ]);
}
