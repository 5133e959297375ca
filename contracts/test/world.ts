import {
  type Address,
  createPublicClient,
  createTestClient,
  createWalletClient,
  type Hex,
  http,
  maxUint256,
  type PublicClient,
  type TransactionReceipt,
} from 'viem';
import { type HDAccount, mnemonicToAccount } from 'viem/accounts';
import { signCloseConsent } from '../ts/closeConsent.ts';
import { encodeCloseWithConsent } from '../ts/closing.ts';
import { deployEscrow, deployTestToken } from '../ts/deploy.ts';
import { type EscrowDomain, escrowDomain } from '../ts/domain.ts';
import { encodeSettle, type SettleRow } from '../ts/escrow.ts';
import { gpuEscrowAbi } from '../ts/gpuEscrow.generated.ts';
import { testTokenAbi } from '../ts/testToken.generated.ts';
import { signVoucher } from '../ts/voucher.ts';
import { startAnvil } from './anvil.ts';

const MNEMONIC = 'test test test test test test test test test test test junk';

/** Close window of the test escrow, seconds. */
export const CLOSE_WINDOW_SECONDS = 86_400;

/** The named accounts of a test chain; all have gas. */
export type Parties = Readonly<
  Record<'deployer' | 'tenant' | 'provider' | 'delegate' | 'stranger' | 'treasury', HDAccount>
>;

/** The escrow's functions that send, as names. */
type Call = { readonly functionName: string; readonly args: readonly unknown[] };

/** A local chain with a token and an escrow on it; the tenant holds tokens and has approved the escrow. */
export type World = AsyncDisposable & {
  readonly rpcUrl: string;
  readonly client: PublicClient;
  readonly escrow: Address;
  readonly token: Address;
  readonly domain: EscrowDomain;
  readonly parties: Parties;
  /** Sends one escrow call and resolves with its receipt; rejects with the contract's error name when it reverts. */
  send(
    from: HDAccount,
    functionName: Call['functionName'],
    args: Call['args'],
  ): Promise<TransactionReceipt>;
  /** Sends raw call data to the escrow. */
  sendData(from: HDAccount, data: Hex): Promise<TransactionReceipt>;
  mint(to: Address, amount: bigint): Promise<void>;
  balanceOf(account: Address): Promise<bigint>;
  /** A row signed by `signer` for the tenant's channel at `provider`. */
  row(signer: HDAccount, cumulative: bigint, generation?: number): Promise<SettleRow>;
  /** Call data that closes the tenant's channel for `signer` with the provider's consent, valid for an hour. */
  consent(signer: Address, finalCumulative: bigint): Promise<Hex>;
  settle(rows: readonly SettleRow[]): Promise<TransactionReceipt>;
  /** Moves the chain's clock and mines a block. */
  wait(seconds: number): Promise<void>;
  account(index: number): HDAccount;
};

const account = (index: number): HDAccount => mnemonicToAccount(MNEMONIC, { addressIndex: index });

/** Starts a chain of its own and deploys to it; dispose of it to end the chain. */
export async function aWorld(): Promise<World> {
  const anvil = await startAnvil();
  const transport = http(anvil.rpcUrl);
  const client: PublicClient = createPublicClient({ transport, pollingInterval: 20, cacheTime: 0 });
  const testClient = createTestClient({ mode: 'anvil', transport });
  const parties: Parties = {
    deployer: account(0),
    tenant: account(1),
    provider: account(2),
    delegate: account(3),
    stranger: account(4),
    treasury: account(5),
  };
  const walletOf = (from: HDAccount) => createWalletClient({ account: from, transport });
  const receiptOf = (hash: Hex) => client.waitForTransactionReceipt({ hash, timeout: 20_000 });

  const deployer = { wallet: walletOf(parties.deployer), publicClient: client };
  const { address: token } = await deployTestToken(deployer);
  const { address: escrow } = await deployEscrow({
    ...deployer,
    token,
    treasury: parties.treasury.address,
    closeWindowSeconds: CLOSE_WINDOW_SECONDS,
  });
  const domain = escrowDomain({ chainId: anvil.chainId, escrow });

  const world: World = {
    rpcUrl: anvil.rpcUrl,
    client,
    escrow,
    token,
    domain,
    parties,
    account,
    async send(from, functionName, args) {
      const call = { address: escrow, abi: gpuEscrowAbi, functionName, args, account: from };
      // The simulation names the contract's error; sending alone would say only that it reverted.
      await client.simulateContract(call as Parameters<typeof client.simulateContract>[0]);
      const wallet = walletOf(from);
      const request = { ...call, chain: null } as Parameters<typeof wallet.writeContract>[0];
      return receiptOf(await wallet.writeContract(request));
    },
    async sendData(from, data) {
      const hash = await walletOf(from).sendTransaction({ to: escrow, data, chain: null });
      return receiptOf(hash);
    },
    async mint(to, amount) {
      const hash = await walletOf(parties.deployer).writeContract({
        address: token,
        abi: testTokenAbi,
        functionName: 'mint',
        args: [to, amount],
        chain: null,
      });
      await receiptOf(hash);
    },
    balanceOf: (owner) =>
      client.readContract({
        address: token,
        abi: testTokenAbi,
        functionName: 'balanceOf',
        args: [owner],
      }),
    async row(signer, cumulative, generation = 1) {
      const voucher = {
        tenant: parties.tenant.address,
        provider: parties.provider.address,
        generation,
        cumulative,
      };
      const signature = await signVoucher(signer, domain, voucher);
      return { tenant: voucher.tenant, generation, cumulative, signature };
    },
    async consent(signer, finalCumulative) {
      const { timestamp } = await client.getBlock();
      const consent = {
        tenant: parties.tenant.address,
        provider: parties.provider.address,
        signer,
        generation: 1,
        finalCumulative,
        validUntil: timestamp + 3_600n,
      };
      return encodeCloseWithConsent(
        consent,
        await signCloseConsent(parties.provider, domain, consent),
      );
    },
    settle: (rows) =>
      world.sendData(parties.stranger, encodeSettle(parties.provider.address, rows)),
    async wait(seconds) {
      await testClient.increaseTime({ seconds });
      await testClient.mine({ blocks: 1 });
    },
    [Symbol.asyncDispose]: () => anvil[Symbol.asyncDispose](),
  };

  await world.mint(parties.tenant.address, 10n ** 15n);
  const approval = await walletOf(parties.tenant).writeContract({
    address: token,
    abi: testTokenAbi,
    functionName: 'approve',
    args: [escrow, maxUint256],
    chain: null,
  });
  await receiptOf(approval);
  return world;
}
