import type {
  Abi,
  Account,
  Address,
  Chain,
  Hex,
  PublicClient,
  Transport,
  WalletClient,
} from 'viem';
import { gpuEscrowAbi, gpuEscrowBytecode } from './gpuEscrow.generated.ts';
import { placementAnchorAbi, placementAnchorBytecode } from './placementAnchor.generated.ts';
import { testTokenAbi, testTokenBytecode } from './testToken.generated.ts';

/** A wallet that has an account, so that it can send. */
export type SendingWallet = WalletClient<Transport, Chain | undefined, Account>;

/** Where a contract lives, and the block from which its logs begin. */
export type Deployment = { readonly address: Address; readonly blockNumber: bigint };

const RECEIPT_TIMEOUT_MS = 60_000;

async function deployed(publicClient: PublicClient, hash: Hex): Promise<Deployment> {
  const receipt = await publicClient.waitForTransactionReceipt({
    hash,
    timeout: RECEIPT_TIMEOUT_MS,
  });
  if (receipt.status !== 'success' || !receipt.contractAddress) {
    throw new Error(
      `the deployment ${hash} was reverted: check the constructor's arguments and the sender's balance`,
    );
  }
  return { address: receipt.contractAddress, blockNumber: receipt.blockNumber };
}

async function deploy(
  { wallet, publicClient }: { readonly wallet: SendingWallet; readonly publicClient: PublicClient },
  contract: { readonly abi: Abi; readonly bytecode: Hex; readonly args: readonly unknown[] },
): Promise<Deployment> {
  const hash = await wallet.deployContract({
    ...contract,
    account: wallet.account,
    chain: wallet.chain ?? null,
  });
  return deployed(publicClient, hash);
}

/** Deploys the open-mint test token; for local chains only. */
export async function deployTestToken(options: {
  readonly wallet: SendingWallet;
  readonly publicClient: PublicClient;
}): Promise<Deployment> {
  return deploy(options, { abi: testTokenAbi, bytecode: testTokenBytecode, args: [] });
}

/** Deploys an escrow for `token`. `closeWindowSeconds` is from 3,600 to 604,800; 86,400 where nothing speaks against it. */
export async function deployEscrow(options: {
  readonly wallet: SendingWallet;
  readonly publicClient: PublicClient;
  readonly token: Address;
  readonly treasury: Address;
  readonly closeWindowSeconds: number;
}): Promise<Deployment> {
  const { token, treasury, closeWindowSeconds } = options;
  return deploy(options, {
    abi: gpuEscrowAbi,
    bytecode: gpuEscrowBytecode,
    args: [token, treasury, BigInt(closeWindowSeconds)],
  });
}

/** Deploys a PlacementAnchor; one serves every publisher of a chain. */
export async function deployPlacementAnchor(options: {
  readonly wallet: SendingWallet;
  readonly publicClient: PublicClient;
}): Promise<Deployment> {
  return deploy(options, { abi: placementAnchorAbi, bytecode: placementAnchorBytecode, args: [] });
}
