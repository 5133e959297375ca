import { deployEscrow, deployTestToken } from '@gridlease/contracts/deploy';
import { escrowDomain } from '@gridlease/contracts/domain';
import { gpuEscrowAbi } from '@gridlease/contracts/gpuEscrow.generated';
import { testTokenAbi } from '@gridlease/contracts/testToken.generated';
import {
  type Address,
  createPublicClient,
  createWalletClient,
  type Hex,
  http,
  type LocalAccount,
  parseEther,
} from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';

/** The parties of a test on a real chain: a tenant, a provider's owner and its agent. */

export type Parties = {
  readonly tenant: LocalAccount;
  readonly owner: LocalAccount;
  readonly agent: LocalAccount;
};

export function newParties(): Parties {
  const [tenant, owner, agent] = [0, 1, 2].map(() => privateKeyToAccount(generatePrivateKey()));
  return { tenant: tenant!, owner: owner!, agent: agent! };
}

/** A token and an escrow of this test's own, and what people do with their wallets. */
export async function openEscrow(rpcURL: string, chainId: number, funder: Hex) {
  const transport = http(rpcURL);
  const publicClient = createPublicClient({ transport, cacheTime: 0, pollingInterval: 100 });
  const deployer = privateKeyToAccount(funder);
  const wallet = createWalletClient({ account: deployer, transport });
  const token = (await deployTestToken({ wallet, publicClient })).address;
  const escrow = (
    await deployEscrow({
      wallet,
      publicClient,
      token,
      treasury: deployer.address,
      closeWindowSeconds: 3_600,
    })
  ).address;

  async function send(account: LocalAccount, to: Address, data: Hex = '0x', value = 0n) {
    const from = createWalletClient({ account, transport });
    const hash = await from.sendTransaction({ chain: null, to, data, value });
    const receipt = await publicClient.waitForTransactionReceipt({ hash, timeout: 30_000 });
    if (receipt.status !== 'success') throw new Error(`transaction ${hash} was reverted`);
    return receipt;
  }
  async function call(
    account: LocalAccount,
    address: Address,
    abi: typeof gpuEscrowAbi | typeof testTokenAbi,
    functionName: string,
    args: readonly unknown[],
  ) {
    const from = createWalletClient({ account, transport });
    const request = { address, abi, functionName, args, chain: null } as never;
    const hash = await from.writeContract(request);
    const receipt = await publicClient.waitForTransactionReceipt({ hash, timeout: 30_000 });
    if (receipt.status !== 'success') throw new Error(`${functionName} was reverted`);
    return receipt;
  }
  return {
    chainId,
    token,
    escrow,
    publicClient,
    domain: escrowDomain({ chainId, escrow }),
    giveCoins: (to: Address, coins = '1') => send(deployer, to, '0x', parseEther(coins)),
    deposit: async (tenant: LocalAccount, amount: bigint) => {
      await call(tenant, token, testTokenAbi, 'mint', [tenant.address, amount]);
      await call(tenant, token, testTokenAbi, 'approve', [escrow, amount]);
      await call(tenant, escrow, gpuEscrowAbi, 'deposit', [amount]);
    },
    authorize: (tenant: LocalAccount, delegate: Address, limit: bigint) =>
      call(tenant, escrow, gpuEscrowAbi, 'authorize', [delegate, limit]),
    settle: (data: Hex) => send(deployer, escrow, data),
  };
}
