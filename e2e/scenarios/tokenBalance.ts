import { createPublicClient, type Hex, http, parseAbi } from 'viem';
import type { FederationEnvironment } from '../cluster/environment.ts';

const abi = parseAbi(['function balanceOf(address owner) view returns (uint256)']);

/** Tokens of an address outside the escrow, in smallest units, as the token itself says. */
export function tokenBalance({ chain }: FederationEnvironment, owner: string): Promise<bigint> {
  const client = createPublicClient({ transport: http(chain.rpcURL) });
  const read = { abi, functionName: 'balanceOf', args: [owner as Hex] } as const;
  return client.readContract({ address: chain.token as Hex, ...read });
}
