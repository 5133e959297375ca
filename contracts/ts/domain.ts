import type { Address } from 'viem';

/** The EIP-712 domain that every message of Gridlease is signed under: one per (chain, token) escrow. */
export type EscrowDomain = {
  readonly name: 'GpuEscrow';
  readonly version: '1';
  readonly chainId: bigint;
  readonly verifyingContract: Address;
};

/**
 * The domain of one escrow instance. It binds a signature to the chain and to the contract, so
 * nothing signed for one chain, token or version is ever valid for another.
 */
export function escrowDomain(options: {
  readonly chainId: bigint | number;
  readonly escrow: Address;
}): EscrowDomain {
  return {
    name: 'GpuEscrow',
    version: '1',
    chainId: BigInt(options.chainId),
    verifyingContract: options.escrow,
  };
}
