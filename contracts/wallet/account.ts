import { readFileSync, writeFileSync } from 'node:fs';
import {
  type Abi,
  type Address,
  createPublicClient,
  createWalletClient,
  defineChain,
  erc20Abi,
  formatEther,
  getAddress,
  type Hex,
  http,
  isAddress,
} from 'viem';
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { formatTokenAmount } from '../ts/amount.ts';
import { gpuEscrowAbi } from '../ts/gpuEscrow.generated.ts';

const RECEIPT_TIMEOUT_MS = 180_000;

/** Reads a private key, 0x and 64 hexadecimal digits, from a file. Never shows its content. */
export const readKey = (path: string): PrivateKeyAccount => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new Error(`the key file ${path} can't be read`, { cause });
  }
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) {
    throw new Error(`the key file ${path} must hold 0x and 64 hexadecimal digits`);
  }
  return privateKeyToAccount(text as Hex);
};

/** Makes a key in a file that only its owner may read. Throws where there is one already: a key may own money. */
export const newKey = (path: string): PrivateKeyAccount => {
  const key = generatePrivateKey();
  try {
    writeFileSync(path, `${key}\n`, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    throw new Error(`${path} can't be made: it exists already, or its folder does not`, { cause });
  }
  return privateKeyToAccount(key);
};

/** An address as people write it. Throws an error that names the option it came from. */
export const anAddress = (text: string | undefined, option: string): Address => {
  if (text === undefined) throw new Error(`${option} is missing`);
  if (!isAddress(text)) throw new Error(`${option} is not an address: ${text}`);
  return getAddress(text);
};

/** One account on one chain. */
export type AccountOnChain = Awaited<ReturnType<typeof connect>>;

/** Connects an account to a chain; the chain's number is asked of the RPC. */
export const connect = async (rpcUrl: string, account: PrivateKeyAccount) => {
  if (!/^https?:\/\//.test(rpcUrl) || !URL.canParse(rpcUrl)) {
    throw new Error(`--rpc-url is "${rpcUrl}": write a URL such as https://rpc.example.org`);
  }
  const transport = http(rpcUrl);
  const id = await createPublicClient({ transport })
    .getChainId()
    .catch((cause) => {
      throw new Error(`no chain answers at ${new URL(rpcUrl).host}: check --rpc-url`, { cause });
    });
  const chain = defineChain({
    id,
    name: `chain ${id}`,
    nativeCurrency: { name: 'coin', symbol: 'coin', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
  const publicClient = createPublicClient({ chain, transport, pollingInterval: 500 });
  const wallet = createWalletClient({ chain, transport, account });

  const confirmed = async (hash: Hex, what: string): Promise<Hex> => {
    const { status } = await publicClient.waitForTransactionReceipt({
      hash,
      timeout: RECEIPT_TIMEOUT_MS,
    });
    if (status !== 'success') throw new Error(`${what}: the transaction ${hash} was reverted`);
    return hash;
  };

  return {
    chainId: id,
    account,
    publicClient,
    wallet,
    /** Simulates a call, so that a refusal costs nothing and has a name; then sends it and waits for its block. */
    async send(call: {
      readonly address: Address;
      readonly abi: Abi;
      readonly functionName: string;
      readonly args: readonly unknown[];
    }): Promise<Hex> {
      const { request } = await publicClient.simulateContract({ ...call, account });
      return confirmed(await wallet.writeContract(request), call.functionName);
    },
    async sendCoin(to: Address, value: bigint): Promise<Hex> {
      const own = await publicClient.getBalance({ address: account.address });
      if (own < value) {
        throw new Error(
          `${account.address} has ${formatEther(own)} of the chain's coin, and ${formatEther(value)} are to be sent`,
        );
      }
      return confirmed(await wallet.sendTransaction({ to, value }), 'sending coin');
    },
  };
};

/** The token of an escrow, as the chain says it. */
export type EscrowToken = {
  readonly address: Address;
  readonly symbol: string;
  readonly decimals: number;
};

/** Asks an escrow for its token. Throws when there is no escrow at the address. */
export const tokenOf = async (
  { publicClient, chainId }: AccountOnChain,
  escrow: Address,
): Promise<EscrowToken> => {
  const code = await publicClient.getCode({ address: escrow });
  if (code === undefined) throw new Error(`there is no contract at ${escrow} on chain ${chainId}`);
  const address = await publicClient
    .readContract({ address: escrow, abi: gpuEscrowAbi, functionName: 'token' })
    .catch((cause) => {
      throw new Error(
        `the contract at ${escrow} on chain ${chainId} names no token, so it is no escrow: check --escrow`,
        { cause },
      );
    });
  const contract = { address, abi: erc20Abi } as const;
  const [symbol, decimals] = await Promise.all([
    publicClient.readContract({ ...contract, functionName: 'symbol' }),
    publicClient.readContract({ ...contract, functionName: 'decimals' }),
  ]);
  return { address, symbol, decimals };
};

/** "12.5 USDC". */
export const amountIn = ({ symbol, decimals }: EscrowToken, amount: bigint): string =>
  `${formatTokenAmount(amount, decimals)} ${symbol}`;
