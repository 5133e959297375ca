import { readFileSync } from 'node:fs';
import { gpuEscrowAbi } from '@gridlease/contracts/gpuEscrow.generated';
import type { Federation } from '../cluster/federation.ts';
import { chainClients } from '../cluster/money.ts';
import type { Team } from './team.ts';

/** Takes money that is in no channel out of the escrow, as the team may at any time. */
export const withdrawFree = async (
  { money, chain }: Federation,
  { keyFile }: Team,
  amount: bigint,
): Promise<void> => {
  const key = readFileSync(keyFile, 'utf8').trim() as `0x${string}`;
  const { wallet, publicClient } = chainClients(chain, key);
  const hash = await wallet.writeContract({
    ...{ address: money.escrow, abi: gpuEscrowAbi, functionName: 'withdrawFree' },
    args: [amount, wallet.account.address],
  });
  await publicClient.waitForTransactionReceipt({ hash });
};
