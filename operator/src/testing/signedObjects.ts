import { signAcceptance } from '@gridlease/contracts/acceptance';
import { signAgentGrant } from '@gridlease/contracts/agentGrant';
import { channelObjectName } from '@gridlease/contracts/channel';
import type { EscrowDomain } from '@gridlease/contracts/domain';
import { hubId, productId, uidToBytes32 } from '@gridlease/contracts/ids';
import { hashLeaseTerms, signLeaseTerms } from '@gridlease/contracts/leaseTerms';
import { hashOffer, type Offer, signOffer } from '@gridlease/contracts/offer';
import type { GPULease, GPULeaseSpec } from '@gridlease/crds/gpulease';
import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import { API_VERSION, LABEL_JOB_NAMESPACE, providerNamespace } from '@gridlease/crds/labels';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { ObjectMeta } from '@gridlease/kube/object';
import { keccak256, type LocalAccount, stringToHex, zeroHash } from 'viem';
import { termsOf } from '../billing/parse.ts';

import type { Parties } from './moneyHub.ts';

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
