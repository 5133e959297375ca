import { gpuEscrowAbi } from '@gridlease/contracts/gpuEscrow.generated';
import { hasCode } from '@gridlease/contracts/hasCode';
import { TerminalError } from '@gridlease/kube/errors';
import { type Address, erc20Abi, type PublicClient } from 'viem';
import type { AgentConfig } from './config.ts';

type Chain = AgentConfig['chain'];

/** A chain of which everything is known that is signed and counted with. */
export type KnownChain = Chain & {
  readonly chainId: number;
  readonly token: NonNullable<Chain['token']>;
};

/** The configuration of an agent that has asked its chain what was left out. */
export type KnownConfig = AgentConfig & { readonly chain: KnownChain };

export const isKnown = (chain: Chain): chain is KnownChain =>
  chain.chainId !== undefined && chain.token !== undefined;

/** What the hub's objects and the money of a job can be counted in. */
const decimalsRange = { least: 6, most: 18 } as const;

/**
 * Fills in what the configuration leaves out, from the provider's own RPC: no hub has a word in it.
 * What is stated stays, and is compared later. Throws a TerminalError that says what to write when the
 * chain has no such escrow, or a token that can't be counted with; anything else can be repeated.
 */
export async function askChain(client: PublicClient, chain: Chain): Promise<KnownChain> {
  const chainId = chain.chainId ?? (await client.getChainId());
  return { ...chain, chainId, token: chain.token ?? (await askToken(client, chain.escrow)) };
}

async function askToken(client: PublicClient, escrow: Address): Promise<KnownChain['token']> {
  if (!(await hasCode(client, escrow))) {
    throw new TerminalError(
      `there is no contract at chain.escrow ${escrow} on the chain of chain.rpcURL: correct one of the two`,
    );
  }
  const address = await client.readContract({
    address: escrow,
    abi: gpuEscrowAbi,
    functionName: 'token',
  });
  const [symbol, decimals] = await Promise.all([
    client.readContract({ address, abi: erc20Abi, functionName: 'symbol' }),
    client.readContract({ address, abi: erc20Abi, functionName: 'decimals' }),
  ]);
  const { least, most } = decimalsRange;
  if (decimals < least || decimals > most || symbol.length < 1 || symbol.length > 32) {
    throw new TerminalError(
      `the escrow ${escrow} holds the token ${address} (${symbol.slice(0, 32)}, ${decimals} decimals), which can't be counted with: a token has ${least} to ${most} decimals and a symbol`,
    );
  }
  return { address, symbol, decimals };
}
