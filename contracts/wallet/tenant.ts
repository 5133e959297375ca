import { type Address, erc20Abi, formatEther } from 'viem';
import { parseTokenAmount } from '../ts/amount.ts';
import { deployEscrow } from '../ts/deploy.ts';
import { readChannels, readTenant } from '../ts/escrow.ts';
import { gpuEscrowAbi } from '../ts/gpuEscrow.generated.ts';
import { type AccountOnChain, amountIn, type EscrowToken } from './account.ts';
import { coinOf } from './words.ts';

/** What a tenant does in an escrow. Each verb returns lines for people. */
export type Escrow = {
  readonly on: AccountOnChain;
  readonly escrow: Address;
  readonly token: EscrowToken;
};

const walletBalance = ({ on, token }: Escrow): Promise<bigint> =>
  on.publicClient.readContract({
    address: token.address,
    abi: erc20Abi,
    functionName: 'balanceOf',
    args: [on.account.address],
  });

/** The account's money, and with a delegate what that one may move. */
export const show = async (with_: Escrow, delegate?: Address): Promise<string[]> => {
  const { on, escrow, token } = with_;
  const [coin, balance, tenant, gas] = await Promise.all([
    on.publicClient.getBalance({ address: on.account.address }),
    walletBalance(with_),
    readTenant(on.publicClient, escrow, on.account.address, delegate),
    delegate === undefined ? 0n : on.publicClient.getBalance({ address: delegate }),
  ]);
  const lines = [
    `address        ${on.account.address} on chain ${on.chainId}`,
    `wallet         ${amountIn(token, balance)}, ${formatEther(coin)} coin`,
    `free in escrow ${amountIn(token, tenant.free)}`,
  ];
  if (delegate !== undefined) {
    lines.push(
      `delegate       ${delegate}`,
      `  limit        ${amountIn(token, tenant.delegateLimit)}, of which ${amountIn(token, tenant.delegateSpent)} are moved`,
      `  gas          ${formatEther(gas)} coin`,
    );
  }
  return lines;
};

/** Puts money into the account's pool in the escrow: approves exactly the amount, then deposits it. */
export const deposit = async (with_: Escrow, amountText: string): Promise<string[]> => {
  const { on, escrow, token } = with_;
  const amount = parseTokenAmount(amountText, token.decimals);
  const balance = await walletBalance(with_);
  if (balance < amount) {
    throw new Error(
      `${on.account.address} has ${amountIn(token, balance)} of the token ${token.address}, and ${amountIn(token, amount)} are to be deposited`,
    );
  }
  await on.send({
    address: token.address,
    abi: erc20Abi,
    functionName: 'approve',
    args: [escrow, amount],
  });
  const hash = await on.send({
    address: escrow,
    abi: gpuEscrowAbi,
    functionName: 'deposit',
    args: [amount],
  });
  return [`deposited ${amountIn(token, amount)} in ${hash}`];
};

/** Takes money that is in no channel back to the account. */
export const withdraw = async (
  { on, escrow, token }: Escrow,
  amountText: string,
): Promise<string[]> => {
  const amount = parseTokenAmount(amountText, token.decimals);
  const { free } = await readTenant(on.publicClient, escrow, on.account.address);
  if (free < amount) {
    throw new Error(
      `${amountIn(token, free)} of ${on.account.address} are in no channel, and ${amountIn(token, amount)} are to be withdrawn; npm run wallet -- close takes back what is in one`,
    );
  }
  const hash = await on.send({
    address: escrow,
    abi: gpuEscrowAbi,
    functionName: 'withdrawFree',
    args: [amount, on.account.address],
  });
  return [`withdrew ${amountIn(token, amount)} in ${hash}`];
};

/** Sends tokens, and coin where gas is named, to another account. */
export const send = async (
  { on, token }: Escrow,
  to: Address,
  options: { readonly amount: string; readonly gas?: string | undefined },
): Promise<string[]> => {
  const amount = parseTokenAmount(options.amount, token.decimals);
  const call = { address: token.address, abi: erc20Abi, functionName: 'transfer' } as const;
  const coin = coinOf(options);
  const lines: string[] = [];
  if (amount > 0n) {
    const hash = await on.send({ ...call, args: [to, amount] });
    lines.push(`sent ${amountIn(token, amount)} to ${to} in ${hash}`);
  }
  if (coin !== undefined) {
    await on.sendCoin(to, coin);
    lines.push(`sent ${to} ${options.gas} coin`);
  }
  return lines;
};

/** Lets a delegate move escrowed money into channels, up to a limit in all, and gives it coin to pay gas with. */
export const authorize = async (
  { on, escrow, token }: Escrow,
  delegate: Address,
  options: { readonly limit: string; readonly gas?: string | undefined },
): Promise<string[]> => {
  const limit = parseTokenAmount(options.limit, token.decimals);
  const coin = coinOf(options);
  const hash = await on.send({
    address: escrow,
    abi: gpuEscrowAbi,
    functionName: 'authorize',
    args: [delegate, limit],
  });
  const lines = [`authorized ${delegate} up to ${amountIn(token, limit)} in ${hash}`];
  if (coin !== undefined) {
    const sent = await on.sendCoin(delegate, coin);
    lines.push(`sent it ${options.gas} coin for gas in ${sent}`);
  }
  return lines;
};

/**
 * Takes the account's own money back out of a channel: asks for the close, or, once the escrow's window has passed,
 * ends it. Until then the provider can still redeem what was promised.
 */
export const close = async (
  { on, escrow, token }: Escrow,
  channel: { readonly provider: Address; readonly signer: Address },
): Promise<string[]> => {
  const key = { tenant: on.account.address, ...channel };
  const call = { address: escrow, abi: gpuEscrowAbi } as const;
  const read = async () => (await readChannels(on.publicClient, escrow, [key]))[0]!;
  const { reserved, claimed, generation, closeAt } = await read();
  const left = amountIn(token, reserved - claimed);
  if (reserved === 0n) throw new Error('there is no money in this channel');
  const { timestamp } = await on.publicClient.getBlock();
  if (closeAt === 0) {
    const args = [key.tenant, key.provider, key.signer, generation];
    await on.send({ ...call, functionName: 'requestClose', args });
    const at = new Date((await read()).closeAt * 1_000).toISOString();
    return [`asked to close the channel, ${left} are left in it; say this again after ${at}`];
  }
  if (timestamp < closeAt) {
    return [
      `closing; ${left} are left in it; say this again after ${new Date(closeAt * 1_000).toISOString()}`,
    ];
  }
  const args = [key.tenant, key.provider, key.signer];
  const hash = await on.send({ ...call, functionName: 'finalizeClose', args });
  return [`closed the channel, ${left} are back in the pool, in ${hash}`];
};

/** Puts an escrow for a token on the chain. It belongs to nobody and can't be changed. */
export const deploy = async (
  on: AccountOnChain,
  options: { readonly token: Address; readonly treasury: Address },
): Promise<string[]> => {
  const { address, blockNumber } = await deployEscrow({
    ...{ wallet: on.wallet, publicClient: on.publicClient, ...options },
    closeWindowSeconds: 86_400,
  });
  return [`escrow ${address} on chain ${on.chainId} since block ${blockNumber}`];
};
