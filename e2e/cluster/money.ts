import { deployEscrow, deployPlacementAnchor, deployTestToken } from '@gridlease/contracts/deploy';
import { gpuEscrowAbi } from '@gridlease/contracts/gpuEscrow.generated';
import { testTokenAbi } from '@gridlease/contracts/testToken.generated';
import { type Address, createPublicClient, createWalletClient, defineChain, http } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { DevelopmentAccount, LocalChain } from './chain.ts';

export const TOKEN = { symbol: 'tUSD', decimals: 6 } as const;

/**
 * 200,000 tUSD for the tenant, of which 100,000 are in escrow from the start: a job starts only when the escrow covers
 * the most it may cost, and a thousand jobs with the default maximum of a day each should start.
 */
const MINTED = 200_000_000_000n;
const DEPOSITED = 100_000_000_000n;

const CLOSE_WINDOW_SECONDS = 86_400;

export type Money = {
  readonly escrow: Address;
  readonly token: Address;
  readonly anchor: Address;
};

/** viem's clients for a local chain, polling often enough for a block each second. */
export const chainClients = (
  chain: Pick<LocalChain, 'rpcURL' | 'chainId'>,
  privateKey: `0x${string}`,
) => {
  const definition = defineChain({
    id: chain.chainId,
    name: 'local',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [chain.rpcURL] } },
  });
  const common = { chain: definition, transport: http(chain.rpcURL), pollingInterval: 100 };
  return {
    publicClient: createPublicClient(common),
    wallet: createWalletClient({ ...common, account: privateKeyToAccount(privateKey) }),
  };
};

/** Deploys token, escrow and anchor, and gives the tenant money of which a part is in escrow already. Takes a few blocks. */
export const setUpMoney = async (
  chain: LocalChain,
  accounts: {
    readonly deployer: DevelopmentAccount;
    readonly treasury: DevelopmentAccount;
    readonly tenant: DevelopmentAccount;
    readonly anchor: DevelopmentAccount;
  },
): Promise<Money> => {
  const deployer = chainClients(chain, accounts.deployer.privateKey);
  const tenant = chainClients(chain, accounts.tenant.privateKey);
  // From another key, so that its nonce has nothing to do with the others and nothing waits for it.
  const anchoring = deployPlacementAnchor(chainClients(chain, accounts.anchor.privateKey));
  const token = (await deployTestToken(deployer)).address;
  await deployer.wallet.writeContract({
    address: token,
    abi: testTokenAbi,
    functionName: 'mint',
    args: [accounts.tenant.address, MINTED],
  });
  const escrow = await deployEscrow({
    ...deployer,
    token,
    treasury: accounts.treasury.address,
    closeWindowSeconds: CLOSE_WINDOW_SECONDS,
  });
  await tenant.wallet.writeContract({
    address: token,
    abi: testTokenAbi,
    functionName: 'approve',
    args: [escrow.address, DEPOSITED],
  });
  const hash = await tenant.wallet.writeContract({
    address: escrow.address,
    abi: gpuEscrowAbi,
    functionName: 'deposit',
    args: [DEPOSITED],
    // Not estimated: the approval before it is in the same block, which an estimate doesn't see yet.
    gas: 300_000n,
  });
  const receipt = await tenant.publicClient.waitForTransactionReceipt({ hash, timeout: 30_000 });
  if (receipt.status !== 'success') throw new Error(`the tenant's deposit ${hash} was reverted`);
  return { escrow: escrow.address, token, anchor: (await anchoring).address };
};
