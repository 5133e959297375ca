import { readTenant } from '@gridlease/contracts/escrow';
import { gpuEscrowAbi } from '@gridlease/contracts/gpuEscrow.generated';
import type { Address } from 'viem';
import type { chainClients } from '../money.ts';

export type ServeOptions = {
  readonly escrow: Address;
  /** Smallest token units, decimal. */
  readonly delegateLimit: string;
  /** Wei, decimal. */
  readonly gas: string;
};

/** Brings one delegate to its limit and its gas. Reads first, so that repeating it sends nothing. */
export const serveDelegate = async (
  { publicClient, wallet }: ReturnType<typeof chainClients>,
  options: ServeOptions,
  delegate: Address,
): Promise<void> => {
  const limit = BigInt(options.delegateLimit);
  const gas = BigInt(options.gas);
  const [tenant, balance] = await Promise.all([
    readTenant(publicClient, options.escrow, wallet.account.address, delegate),
    publicClient.getBalance({ address: delegate }),
  ]);
  if (balance < gas / 2n) {
    const hash = await wallet.sendTransaction({ to: delegate, value: gas });
    await publicClient.waitForTransactionReceipt({ hash, timeout: 30_000 });
  }
  if (tenant.delegateLimit < limit) {
    const hash = await wallet.writeContract({
      address: options.escrow,
      abi: gpuEscrowAbi,
      functionName: 'authorize',
      args: [delegate, limit],
    });
    await publicClient.waitForTransactionReceipt({ hash, timeout: 30_000 });
  }
};
