import { gpuEscrowAbi } from '@gridlease/contracts/gpuEscrow.generated';
import { hasCode } from '@gridlease/contracts/hasCode';
import { TerminalError } from '@gridlease/kube/errors';
import { type Address, erc20Abi, isAddressEqual, type PublicClient } from 'viem';

type Configured = {
  readonly chainId: number;
  readonly escrow: Address;
  readonly token: { readonly address: Address; readonly decimals: number };
};

/**
 * Compares what the RPC serves with what is configured. A voucher for another chain or escrow is
 * worth nothing here, so each difference is a TerminalError that names both values.
 */
export async function verifyChain(client: PublicClient, configured: Configured): Promise<void> {
  const { escrow, token } = configured;
  const chainId = await client.getChainId();
  if (chainId !== configured.chainId) {
    throw new TerminalError(
      `chain.rpcURL serves chain ${chainId}, but chain.chainId is ${configured.chainId}: correct one of the two`,
    );
  }
  if (!(await hasCode(client, escrow))) {
    throw new TerminalError(
      `there is no contract at chain.escrow ${escrow} on chain ${chainId}: correct the address`,
    );
  }
  const held = await client.readContract({
    address: escrow,
    abi: gpuEscrowAbi,
    functionName: 'token',
  });
  if (!isAddressEqual(held, token.address)) {
    throw new TerminalError(
      `the escrow ${escrow} holds the token ${held}, but chain.token.address is ${token.address}`,
    );
  }
  const decimals = await client.readContract({
    address: token.address,
    abi: erc20Abi,
    functionName: 'decimals',
  });
  if (decimals !== token.decimals) {
    throw new TerminalError(
      `the token ${token.address} has ${decimals} decimals, but chain.token.decimals is ${token.decimals}`,
    );
  }
}
