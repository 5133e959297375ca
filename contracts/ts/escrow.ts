import {
  type Address,
  encodeFunctionData,
  type Hex,
  type Log,
  type PublicClient,
  parseEventLogs,
} from 'viem';
import type { ChannelKey } from './channel.ts';
import { gpuEscrowAbi } from './gpuEscrow.generated.ts';
import { type EscrowSums, fetchLogs, ledgerFromLogs, sumsOf } from './ledger.ts';
import { compactSignature } from './typedData.ts';

/** The block a read looks at; the latest by default. */
export type ReadAt =
  | { readonly blockNumber: bigint }
  | { readonly blockTag: 'latest' | 'safe' | 'finalized' };

/** One channel on the chain. A channel that was never funded is empty and in generation 1. */
export type ChannelState = {
  readonly reserved: bigint;
  readonly claimed: bigint;
  readonly generation: number;
  /** Unix seconds from which a requested close may be finalized; 0 while the channel is open. */
  readonly closeAt: number;
};

/** Reads channels in one call at one block; the result is in the order of the keys. */
export async function readChannels(
  client: PublicClient,
  escrow: Address,
  keys: readonly ChannelKey[],
  at: ReadAt = { blockTag: 'latest' },
): Promise<ChannelState[]> {
  if (keys.length === 0) return [];
  const channels = await client.readContract({
    address: escrow,
    abi: gpuEscrowAbi,
    functionName: 'channels',
    args: [keys],
    ...at,
  });
  return channels.map(({ reserved, claimed, generation, closeAt }) => ({
    reserved,
    claimed,
    generation,
    closeAt,
  }));
}

/** A tenant's pool and what one delegate may move from it. Without a delegate the limits are 0. */
export type TenantState = {
  readonly free: bigint;
  readonly delegateLimit: bigint;
  readonly delegateSpent: bigint;
};

/** Reads a tenant's pool and, if named, its delegate's limit at one block. */
export async function readTenant(
  client: PublicClient,
  escrow: Address,
  tenant: Address,
  delegate?: Address,
  at: ReadAt = { blockTag: 'latest' },
): Promise<TenantState> {
  const contract = { address: escrow, abi: gpuEscrowAbi, ...at } as const;
  const [free, delegation] = await Promise.all([
    client.readContract({ ...contract, functionName: 'free', args: [tenant] }),
    delegate === undefined
      ? undefined
      : client.readContract({ ...contract, functionName: 'delegateOf', args: [tenant, delegate] }),
  ]);
  return { free, delegateLimit: delegation?.[0] ?? 0n, delegateSpent: delegation?.[1] ?? 0n };
}

/** What a provider can withdraw, before the fee, and where it goes. */
export type ProviderState = { readonly accrued: bigint; readonly payout: Address };

/** Reads a provider's credit and payout address at one block. */
export async function readProvider(
  client: PublicClient,
  escrow: Address,
  provider: Address,
  at: ReadAt = { blockTag: 'latest' },
): Promise<ProviderState> {
  const contract = { address: escrow, abi: gpuEscrowAbi, args: [provider], ...at } as const;
  const [accrued, payout] = await Promise.all([
    client.readContract({ ...contract, functionName: 'accrued' }),
    client.readContract({ ...contract, functionName: 'payoutOf' }),
  ]);
  return { accrued, payout };
}

/** A signed voucher for one provider's batch; `signature` is the signer's, 65 bytes. */
export type SettleRow = {
  readonly tenant: Address;
  readonly generation: number;
  readonly cumulative: bigint;
  readonly signature: Hex;
};

/** Call data of `settle`: one transaction for any number of one provider's channels (keep to 1,000). */
export function encodeSettle(provider: Address, rows: readonly SettleRow[]): Hex {
  const encoded = rows.map(({ tenant, generation, cumulative, signature }) => ({
    tenant,
    generation,
    cumulative,
    ...compactSignature(signature),
  }));
  return encodeFunctionData({
    abi: gpuEscrowAbi,
    functionName: 'settle',
    args: [provider, encoded],
  });
}

/** Call data of `fundTo`, sent by the delegate; `proof` when the tenant limits its providers by a root. */
export function encodeFundTo(options: {
  readonly tenant: Address;
  readonly provider: Address;
  readonly generation: number;
  readonly targetReserved: bigint;
  readonly proof?: readonly Hex[];
}): Hex {
  const { tenant, provider, generation, targetReserved, proof } = options;
  return encodeFunctionData({
    abi: gpuEscrowAbi,
    functionName: 'fundTo',
    args:
      proof === undefined
        ? [tenant, provider, generation, targetReserved]
        : [tenant, provider, generation, targetReserved, proof],
  });
}

/** Call data of `withdraw`: pays a provider's whole credit to its payout address. */
export function encodeWithdraw(provider: Address): Hex {
  return encodeFunctionData({ abi: gpuEscrowAbi, functionName: 'withdraw', args: [provider] });
}

/** One row that a settlement paid. */
export type SettledRow = ChannelKey & { readonly generation: number; readonly paid: bigint };

/** Why a row paid nothing; the contract's SKIPPED_ codes by name. */
export type SkipReason =
  | 'InvalidSignature'
  | 'UnknownChannel'
  | 'WrongGeneration'
  | 'AlreadyClaimed'
  | 'ReserveExhausted'
  | 'Unknown';

const skipReasons: readonly SkipReason[] = [
  'Unknown',
  'InvalidSignature',
  'UnknownChannel',
  'WrongGeneration',
  'AlreadyClaimed',
  'ReserveExhausted',
];

/** What a settlement's receipt says about this escrow: rows paid in order, and rows skipped with their index. */
export function parseSettledRows(
  receipt: { readonly logs: readonly Log[] },
  escrow: Address,
): {
  readonly paid: SettledRow[];
  readonly skipped: { readonly index: number; readonly reason: SkipReason }[];
} {
  const logs = receipt.logs.filter((log) => log.address.toLowerCase() === escrow.toLowerCase());
  const settled = parseEventLogs({ abi: gpuEscrowAbi, eventName: 'Settled', logs });
  const skipped = parseEventLogs({ abi: gpuEscrowAbi, eventName: 'RowSkipped', logs });
  return {
    paid: settled.map(({ args: { tenant, provider, signer, generation, paid } }) => ({
      tenant,
      provider,
      signer,
      generation: Number(generation),
      paid,
    })),
    skipped: skipped.map(({ args }) => ({
      index: Number(args.index),
      reason: skipReasons[Number(args.code)] ?? 'Unknown',
    })),
  };
}

/**
 * The escrow's books at one block. When they are right, `deposited = free + inChannels + accrued +
 * withdrawnByTenants + withdrawnByProviders`, `fromLogs` equals `fromState`, and `held` is at least their sum.
 */
export type EscrowTotals = {
  readonly blockNumber: bigint;
  readonly deposited: bigint;
  readonly withdrawnByTenants: bigint;
  readonly withdrawnByProviders: bigint;
  /** Rebuilt from the events alone. */
  readonly fromLogs: EscrowSums;
  /** Read from the contract for every party that the events name. */
  readonly fromState: EscrowSums;
  /** The escrow's token balance. */
  readonly held: bigint;
};

/** Audits an escrow from its raw logs since `fromBlock` (its deployment), in pages of `blocksPerRequest`. */
export async function fetchEscrowTotals(
  client: PublicClient,
  escrow: Address,
  options: { readonly fromBlock?: bigint; readonly blocksPerRequest?: bigint } = {},
): Promise<EscrowTotals> {
  const { fromBlock = 0n, blocksPerRequest = 10_000n } = options;
  const blockNumber = await client.getBlockNumber({ cacheTime: 0 });
  const contract = { address: escrow, abi: gpuEscrowAbi, blockNumber } as const;
  const logs = await fetchLogs(client, escrow, fromBlock, blockNumber, blocksPerRequest);
  const treasury = await client.readContract({ ...contract, functionName: 'treasury' });
  const ledger = ledgerFromLogs(logs, treasury);
  const [free, inChannels, accrued, held] = await client.readContract({
    ...contract,
    functionName: 'totalsOf',
    args: [[...ledger.free.keys()], [...ledger.channels.values()], [...ledger.accrued.keys()]],
  });
  return {
    blockNumber,
    deposited: ledger.deposited,
    withdrawnByTenants: ledger.withdrawnByTenants,
    withdrawnByProviders: ledger.withdrawnByProviders,
    fromLogs: sumsOf(ledger),
    fromState: { free, inChannels, accrued },
    held,
  };
}
