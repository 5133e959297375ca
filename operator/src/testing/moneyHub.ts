import { signAcceptance } from '@gridlease/contracts/acceptance';
import { signAgentGrant } from '@gridlease/contracts/agentGrant';
import { channelObjectName } from '@gridlease/contracts/channel';
import { deployEscrow, deployTestToken } from '@gridlease/contracts/deploy';
import { type EscrowDomain, escrowDomain } from '@gridlease/contracts/domain';
import { gpuEscrowAbi } from '@gridlease/contracts/gpuEscrow.generated';
import { hubId, productId, uidToBytes32 } from '@gridlease/contracts/ids';
import { hashLeaseTerms, signLeaseTerms } from '@gridlease/contracts/leaseTerms';
import { hashOffer, type Offer, signOffer } from '@gridlease/contracts/offer';
import { testTokenAbi } from '@gridlease/contracts/testToken.generated';
import type { GPULease, GPULeaseSpec } from '@gridlease/crds/gpulease';
import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import { API_VERSION, LABEL_JOB_NAMESPACE, providerNamespace } from '@gridlease/crds/labels';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { ObjectMeta } from '@gridlease/kube/object';
import {
  type Address,
  createPublicClient,
  createWalletClient,
  type Hex,
  http,
  keccak256,
  type LocalAccount,
  parseEther,
  stringToHex,
  zeroHash,
} from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { termsOf } from '../billing/parse.ts';

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

/** Polls until `look` finds something; fails with what was waited for. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  seconds = 20,
): Promise<T> {
  const deadline = performance.now() + seconds * 1_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`did not happen in ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
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

/** A signed offer with its grant, as the agent would write it. */
export async function signedOffer(options: {
  readonly domain: EscrowDomain;
  readonly parties: Parties;
  readonly providerName: string;
  readonly hubUid: string;
  readonly labels: ObjectMeta['labels'];
  readonly product?: string;
}): Promise<GPUOffer> {
  const { domain, parties, providerName, product = 'H100' } = options;
  const { owner, agent } = parties;
  const now = Math.floor(Date.now() / 1_000);
  const offer: Offer = {
    provider: owner.address,
    hub: hubId(options.hubUid),
    product: productId(product),
    pricePerGpuHour: 3_600_000n,
    spotPricePerGpuHour: 0n,
    minGpus: 1,
    maxGpus: 8,
    maxSeconds: 0,
    policyHash: zeroHash,
    validUntil: BigInt(now + 3_600),
    salt: keccak256(stringToHex(product)),
  };
  const grant = {
    provider: owner.address,
    agent: agent.address,
    notBefore: BigInt(now - 60),
    notAfter: BigInt(now + 7_200),
  };
  const offerHash = hashOffer(domain, offer);
  return {
    apiVersion: API_VERSION,
    kind: 'GPUOffer',
    metadata: {
      name: `${product.toLowerCase()}-${offerHash.slice(2, 10)}`,
      namespace: providerNamespace(providerName),
      ...(options.labels === undefined ? {} : { labels: options.labels }),
    },
    spec: {
      product,
      pricePerGPUHour: '3.6',
      minGPUs: offer.minGpus,
      maxGPUs: offer.maxGpus,
      maxDurationSeconds: 0,
      validUntilTime: new Date((now + 3_600) * 1_000).toISOString().replace('.000Z', 'Z'),
      provider: owner.address,
      hub: offer.hub,
      policyHash: zeroHash,
      salt: offer.salt,
      offerHash,
      agent: agent.address,
      signature: await signOffer(agent, domain, offer),
      grant: {
        ...grant,
        notBefore: grant.notBefore.toString(),
        notAfter: grant.notAfter.toString(),
        signature: await signAgentGrant(owner, domain, grant),
      },
    },
  };
}

/** A lease of one GPU at 3.6 an hour, one smallest unit a GPU-millisecond, signed by the delegate. */
export async function signedLease(options: {
  readonly domain: EscrowDomain;
  readonly parties: Parties;
  readonly delegate: LocalAccount;
  readonly providerName: string;
  readonly account: PaymentAccount;
  readonly name: string;
  readonly hubUid: string;
}): Promise<GPULease> {
  const { domain, parties, delegate, providerName, account, name } = options;
  const { metadata } = account;
  const jobUid = `job-${name}`;
  const terms: GPULeaseSpec['terms'] = {
    tenant: parties.tenant.address,
    provider: parties.owner.address,
    signer: delegate.address,
    generation: 1,
    hub: hubId(options.hubUid),
    hubEpoch: '1',
    jobUid: uidToBytes32(jobUid),
    shard: 0,
    attempt: 1,
    offerHash: zeroHash,
    workloadHash: zeroHash,
    gpuCount: 1,
    spot: false,
    pricePerGpuHour: '3600000',
    maxAmount: '3600000',
    maxSeconds: 3_600,
    intervalSeconds: 5,
    graceSeconds: 10,
    prepaySeconds: 0,
    idleSeconds: 300,
    fenceSeconds: 60,
    retentionBps: 0,
    acceptBy: String(Math.floor(Date.now() / 1_000) + 600),
  };
  return {
    apiVersion: API_VERSION,
    kind: 'GPULease',
    metadata: {
      name,
      namespace: providerNamespace(providerName),
      labels: { [LABEL_JOB_NAMESPACE]: metadata.namespace! },
    },
    spec: {
      jobRef: { namespace: metadata.namespace!, name, uid: jobUid },
      providerName,
      accountRef: { namespace: metadata.namespace!, name: metadata.name, uid: metadata.uid! },
      product: 'H100',
      pricePerGPUHour: '3.6',
      workloadName: 'lw-0000000000000000',
      channelName: channelObjectName(metadata.uid!, parties.owner.address, delegate.address),
      tasks: { indexes: '0', parallelism: 1, gpusPerTask: 1 },
      epoch: 1,
      terms,
      termsSignature: await signLeaseTerms(delegate, domain, termsOf(terms)),
      desiredState: 'Running',
    },
  };
}

/** The status of a lease that the agent has accepted. */
export async function acceptedStatus(
  lease: GPULease,
  domain: EscrowDomain,
  agent: LocalAccount,
): Promise<NonNullable<GPULease['status']>> {
  const leaseId = hashLeaseTerms(domain, termsOf(lease.spec.terms));
  const leaseUid = uidToBytes32(lease.metadata.uid!);
  const acceptedMs = BigInt(Date.now());
  return {
    leaseId,
    acceptance: {
      leaseUid,
      acceptedMs: acceptedMs.toString(),
      agent: agent.address,
      signature: await signAcceptance(agent, domain, { leaseId, leaseUid, acceptedMs }),
    },
    conditions: [
      {
        type: 'Accepted',
        status: 'True',
        reason: 'Accepted',
        message: 'The agent accepted and signed.',
        lastTransitionTime: new Date().toISOString(),
      },
    ],
  };
}
