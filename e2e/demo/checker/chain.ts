import { decodeEventLog, decodeFunctionResult, encodeFunctionData, parseAbi } from 'viem';
import type { ChainPayment, EscrowLedger } from './check.ts';
import { callRpc } from './rpc.ts';

/** Written by hand from the contract's interface, so that a generated ABI can't hide a change. */
const abi = parseAbi([
  'event Deposited(address indexed tenant, address indexed payer, uint256 amount)',
  'event TenantWithdrawn(address indexed tenant, address indexed to, uint256 amount)',
  'event Funded(address indexed tenant, address indexed provider, address indexed signer, uint256 generation, uint256 amount)',
  'event FundedDirectly(address indexed tenant, address indexed provider, address indexed signer, uint256 generation, uint256 amount)',
  'event Settled(address indexed tenant, address indexed provider, address signer, uint256 generation, uint256 paid)',
  'event ProviderWithdrawn(address indexed provider, address indexed payout, uint256 amount, uint256 fee)',
  'function free(address tenant) view returns (uint256)',
  'function accrued(address provider) view returns (uint256)',
  'function channel(address tenant, address provider, address signer) view returns ((uint96 reserved, uint96 claimed, uint24 generation, uint40 closeAt))',
  'function treasury() view returns (address)',
  'function balanceOf(address owner) view returns (uint256)',
]);

type Hex = `0x${string}`;
type Log = { readonly topics: [Hex, ...Hex[]]; readonly data: Hex; readonly transactionHash: Hex };

/** One transaction to the escrow: gas as in its receipt, `rows` vouchers paid by it. */
export type EscrowTransaction = {
  readonly hash: Hex;
  readonly gasUsed: bigint;
  readonly rows: number;
};

export type ChainStory = {
  readonly ledger: EscrowLedger;
  /** By provider address, lower case. */
  readonly payments: readonly ChainPayment[];
  readonly transactions: readonly EscrowTransaction[];
};

/** Reads the escrow's whole history from raw logs and its state in the same block by raw calls. */
export async function readChain(options: {
  readonly rpcURL: string;
  readonly escrow: Hex;
  readonly token: Hex;
  readonly signal?: AbortSignal;
}): Promise<ChainStory> {
  const rpc = <T>(method: string, params: readonly unknown[]) =>
    callRpc<T>(options.rpcURL, method, params, options.signal);
  // One block for all: money that is moved meanwhile would be in some answers and not in others.
  const block = await rpc<Hex>('eth_blockNumber', []);
  const logs = await rpc<Log[]>('eth_getLogs', [
    { address: options.escrow, fromBlock: '0x0', toBlock: block },
  ]);
  const events = logs.flatMap((log) => {
    try {
      return [
        {
          hash: log.transactionHash,
          ...decodeEventLog({ abi, topics: log.topics, data: log.data }),
        },
      ];
    } catch {
      return []; // an event that moves no money is not in the list above
    }
  });
  type EventOf<N> = Extract<(typeof events)[number], { eventName: N }>;
  const named = <N extends (typeof events)[number]['eventName']>(name: N) =>
    events.filter((event): event is EventOf<N> => event.eventName === name);

  const call = async (
    to: Hex,
    functionName: string,
    args: readonly unknown[],
  ): Promise<unknown> => {
    const request = { abi, functionName, args } as Parameters<typeof encodeFunctionData>[0];
    const data = await rpc<Hex>('eth_call', [{ to, data: encodeFunctionData(request) }, block]);
    return decodeFunctionResult({ abi, functionName, data } as Parameters<
      typeof decodeFunctionResult
    >[0]);
  };
  const sum = (values: readonly unknown[]) =>
    values.reduce<bigint>((total, v) => total + (v as bigint), 0n);

  const deposits = named('Deposited');
  const funded = named('Funded');
  const direct = named('FundedDirectly');
  const settled = named('Settled');
  const withdrawn = named('ProviderWithdrawn');
  const tenants = [...new Set(deposits.map((event) => event.args.tenant))];
  const providers = [...new Set(settled.map((event) => event.args.provider))];
  // Fees become a credit of the treasury.
  const treasury = (await call(options.escrow, 'treasury', [])) as Hex;
  const creditors = [...new Set([...providers, treasury])];
  const channels = [
    ...new Map(
      [...funded, ...direct].map(
        ({ args }) => [`${args.tenant}${args.provider}${args.signer}`, args] as const,
      ),
    ).values(),
  ];
  const words = (await Promise.all(
    channels.map((c) => call(options.escrow, 'channel', [c.tenant, c.provider, c.signer])),
  )) as { reserved: bigint; claimed: bigint }[];

  const ledger: EscrowLedger = {
    deposited: sum([...deposits, ...direct].map((event) => event.args.amount)),
    free: sum(await Promise.all(tenants.map((t) => call(options.escrow, 'free', [t])))),
    reserved: sum(words.map((word) => word.reserved)),
    claimed: sum(words.map((word) => word.claimed)),
    accrued: sum(await Promise.all(creditors.map((p) => call(options.escrow, 'accrued', [p])))),
    withdrawn:
      sum(named('TenantWithdrawn').map((event) => event.args.amount)) +
      sum(withdrawn.map((event) => event.args.amount)),
    tokenBalance: (await call(options.token, 'balanceOf', [options.escrow])) as bigint,
  };
  const payments = providers.map((provider) => ({
    provider: provider.toLowerCase(),
    claimed: sum(settled.filter((s) => s.args.provider === provider).map((s) => s.args.paid)),
  }));
  const hashes = [
    ...new Set([...funded, ...direct, ...settled, ...withdrawn].map((event) => event.hash)),
  ];
  const transactions = await Promise.all(
    hashes.map(async (hash) => {
      const receipt = await rpc<{ gasUsed: Hex }>('eth_getTransactionReceipt', [hash]);
      const rows = settled.filter((event) => event.hash === hash).length;
      return { hash, gasUsed: BigInt(receipt.gasUsed), rows };
    }),
  );
  return { ledger, payments, transactions };
}
