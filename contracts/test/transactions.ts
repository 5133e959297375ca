import {
  type Address,
  createPublicClient,
  createTestClient,
  createWalletClient,
  custom,
  encodeFunctionData,
  http,
  type LocalAccount,
  parseEther,
} from 'viem';
import { generatePrivateKey, mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';
import { deployTestToken } from '../ts/deploy.ts';
import { testTokenAbi } from '../ts/testToken.generated.ts';
import type { TransactionStore } from '../ts/transaction.ts';
import { createTransactionSender, type TransactionSenderOptions } from '../ts/transactionSender.ts';
import { startAnvil } from './anvil.ts';

/** What becomes of one request: delivered; lost on the way there; or its answer lost on the way back. */
export type Fate = 'deliver' | 'loseRequest' | 'loseAnswer';

const deployer = mnemonicToAccount('test test test test test test test test test test test junk');

/** A chain that mines only when told to; the last two blocks are not final. Has a token to be minted. */
export async function aChain() {
  const anvil = await startAnvil({ flags: ['--no-mining', '--slots-in-an-epoch', '1'] });
  const upstream = http(anvil.rpcUrl);
  const client = createPublicClient({ transport: upstream, cacheTime: 0, pollingInterval: 20 });
  const control = createTestClient({ mode: 'anvil', transport: upstream });
  const mine = (blocks = 1) => control.mine({ blocks });
  const wallet = createWalletClient({ account: deployer, transport: upstream });
  await control.setAutomine(true);
  const token = (await deployTestToken({ wallet, publicClient: client })).address;
  await control.setAutomine(false);

  return {
    client,
    control,
    mine,
    token,
    /** Gives up the newest blocks, with all that is in them, for as many empty ones. */
    reorganise: (depth: number) =>
      control.request({ method: 'anvil_reorg', params: [depth, []] } as never),
    /** A new key with some coin. */
    async key(): Promise<LocalAccount> {
      const account = privateKeyToAccount(generatePrivateKey());
      await control.setBalance({ address: account.address, value: parseEther('1') });
      return account;
    },
    /** How much was minted for an address: a call that shows how often it happened. */
    minted: (to: Address) =>
      client.readContract({
        address: token,
        abi: testTokenAbi,
        functionName: 'balanceOf',
        args: [to],
      }),
    mint: (to: Address, amount = 1n) => ({
      operation: 'FundChannel' as const,
      description: `minting ${amount}`,
      to: token,
      data: encodeFunctionData({ abi: testTokenAbi, functionName: 'mint', args: [to, amount] }),
    }),
    nonce: (address: Address) => client.getTransactionCount({ address }),
    /** A sender over a connection that `fate` decides about. */
    sender(
      account: LocalAccount,
      store: TransactionStore,
      more: Partial<TransactionSenderOptions> & { readonly fate?: (method: string) => Fate } = {},
    ) {
      const { fate = () => 'deliver', ...options } = more;
      const { request } = upstream({});
      const lossy = custom(
        {
          request: async ({ method, params }) => {
            const becomes = fate(method);
            if (becomes === 'loseRequest') throw new Error(`lost: ${method}`);
            const answer = await request({ method, params });
            if (becomes === 'loseAnswer') throw new Error(`lost the answer: ${method}`);
            return answer;
          },
        },
        { retryCount: 0 },
      );
      return createTransactionSender({
        rpc: createPublicClient({ transport: lossy, cacheTime: 0 }),
        chainId: anvil.chainId,
        finality: 'Finalized',
        account,
        store,
        ask: (_, call) => call(),
        clock: { now: () => new Date(), monotonicMs: () => performance.now() },
        ...options,
      });
    },
    [Symbol.asyncDispose]: () => anvil[Symbol.asyncDispose](),
  };
}
