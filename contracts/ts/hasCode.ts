import type { Address, PublicClient } from 'viem';

/** Whether there is a contract at the address, in the newest block or in the one of that number. */
export async function hasCode(
  client: Pick<PublicClient, 'getCode'>,
  address: Address,
  blockNumber?: bigint,
): Promise<boolean> {
  const code = await client.getCode({
    address,
    ...(blockNumber === undefined ? {} : { blockNumber }),
  });
  return code !== undefined && code !== '0x';
}
