import { type Address, type Hex, type Log, type PublicClient, parseEventLogs } from 'viem';
import { sumOf } from './bigints.ts';
import { type ChannelKey, channelKey } from './channel.ts';
import { gpuEscrowAbi } from './gpuEscrow.generated.ts';

/** A channel as the events tell it. */
export type LedgerChannel = ChannelKey & {
  readonly reserved: bigint;
  readonly claimed: bigint;
  readonly generation: number;
};

/** Every balance of an escrow, rebuilt from its raw logs alone. Amounts in token smallest units. */
export type Ledger = {
  readonly deposited: bigint;
  readonly withdrawnByTenants: bigint;
  readonly withdrawnByProviders: bigint;
  readonly free: ReadonlyMap<Address, bigint>;
  readonly channels: ReadonlyMap<Hex, LedgerChannel>;
  readonly accrued: ReadonlyMap<Address, bigint>;
};

/**
 * Replays all logs of one escrow from its deployment on, in order. `treasury` receives the fees, which
 * are a credit inside the escrow. Logs of other contracts and unknown events are left out by their topic.
 */
export function ledgerFromLogs(logs: readonly Log[], treasury: Address): Ledger {
  const free = new Map<Address, bigint>();
  const accrued = new Map<Address, bigint>();
  const channels = new Map<Hex, LedgerChannel>();
  let deposited = 0n;
  let withdrawnByTenants = 0n;
  let withdrawnByProviders = 0n;

  const add = (map: Map<Address, bigint>, party: Address, amount: bigint) =>
    map.set(party, (map.get(party) ?? 0n) + amount);
  const change = (key: ChannelKey, generation: bigint, reserved: bigint, claimed: bigint) => {
    const id = channelKey(key);
    const { tenant, provider, signer } = key;
    const before = channels.get(id) ?? { reserved: 0n, claimed: 0n };
    channels.set(id, {
      tenant,
      provider,
      signer,
      generation: Number(generation),
      reserved: before.reserved + reserved,
      claimed: before.claimed + claimed,
    });
  };

  for (const event of parseEventLogs({ abi: gpuEscrowAbi, logs: [...logs] })) {
    switch (event.eventName) {
      case 'Deposited':
        deposited += event.args.amount;
        add(free, event.args.tenant, event.args.amount);
        break;
      case 'TenantWithdrawn':
        withdrawnByTenants += event.args.amount;
        add(free, event.args.tenant, -event.args.amount);
        break;
      case 'Funded':
        add(free, event.args.tenant, -event.args.amount);
        change(event.args, event.args.generation, event.args.amount, 0n);
        break;
      case 'FundedDirectly':
        deposited += event.args.amount;
        change(event.args, event.args.generation, event.args.amount, 0n);
        break;
      case 'Settled':
        add(accrued, event.args.provider, event.args.paid);
        change(event.args, event.args.generation, 0n, event.args.paid);
        break;
      case 'ChannelClosed': {
        add(free, event.args.tenant, event.args.refund);
        const { tenant, provider, signer, generation } = event.args;
        channels.set(channelKey(event.args), {
          tenant,
          provider,
          signer,
          generation: Number(generation) + 1,
          reserved: 0n,
          claimed: 0n,
        });
        break;
      }
      case 'ProviderWithdrawn':
        withdrawnByProviders += event.args.amount;
        add(accrued, event.args.provider, -event.args.amount - event.args.fee);
        if (event.args.fee > 0n) add(accrued, treasury, event.args.fee);
        break;
      default:
        // The other events move no money.
        break;
    }
  }
  return { deposited, withdrawnByTenants, withdrawnByProviders, free, channels, accrued };
}

/** The three places where money lies inside the escrow. */
export type EscrowSums = {
  readonly free: bigint;
  readonly inChannels: bigint;
  readonly accrued: bigint;
};

/** The ledger's balances, summed. */
export function sumsOf(ledger: Ledger): EscrowSums {
  const channels = [...ledger.channels.values()];
  return {
    free: sumOf(ledger.free.values()),
    inChannels: sumOf(channels.map(({ reserved, claimed }) => reserved - claimed)),
    accrued: sumOf(ledger.accrued.values()),
  };
}

/** All logs of the escrow in the blocks given, both ends included, in pages that RPC providers accept. */
export async function fetchLogs(
  client: PublicClient,
  escrow: Address,
  fromBlock: bigint,
  toBlock: bigint,
  blocksPerRequest: bigint,
): Promise<Log[]> {
  const logs: Log[] = [];
  for (let from = fromBlock; from <= toBlock; from += blocksPerRequest) {
    const last = from + blocksPerRequest - 1n;
    const page = { fromBlock: from, toBlock: last < toBlock ? last : toBlock };
    logs.push(...(await client.getLogs({ address: escrow, ...page })));
  }
  return logs;
}
