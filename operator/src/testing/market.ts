import { randomBytes } from 'node:crypto';
import { signAgentGrant } from '@gridlease/contracts/agentGrant';
import type { EscrowDomain } from '@gridlease/contracts/domain';
import { productId } from '@gridlease/contracts/ids';
import { hashOffer, signOffer } from '@gridlease/contracts/offer';
import type { GPUInventory } from '@gridlease/crds/gpuinventory';
import type { GPUOffer } from '@gridlease/crds/gpuoffer';
import type { GPUProvider } from '@gridlease/crds/gpuprovider';
import { API_VERSION, providerNamespace } from '@gridlease/crds/labels';
import * as kinds from '@gridlease/crds/resources';
import { isTrue, setCondition } from '@gridlease/kube/conditions';
import { resourceClient } from '@gridlease/kube/resources';
import { until } from '@gridlease/kube/testing/until';
import { keccak256, type LocalAccount, stringToHex, zeroHash } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { createNamespace, type informersOf, letAgentIn, type TestHub } from './testHub.ts';

/** Where providers are added, and who signs for them. */
export type Market = {
  readonly hub: TestHub;
  readonly agent: LocalAccount;
  readonly domain: EscrowDomain;
};

export type ProviderOptions = {
  readonly name: string;
  readonly product: string;
  readonly price: string;
  readonly gpus: number;
};

/** A provider that is ready, with one offer and one node of free GPUs. */
export async function addProvider(at: Market, options: ProviderOptions): Promise<string> {
  const { hub } = at;
  const name = `${options.name}-${hub.id}`;
  const namespace = providerNamespace(name);
  const owner = privateKeyToAccount(keccak256(stringToHex(name)));
  await createNamespace(hub.admin, namespace, hub.labels);
  await letAgentIn(hub.admin, name);
  const providers = resourceClient<GPUProvider>(hub.admin, kinds.gpuProviders);
  const created = await providers.create({
    apiVersion: API_VERSION,
    kind: 'GPUProvider',
    metadata: { name: name, labels: hub.labels },
    spec: {
      address: owner.address,
      hubAccepted: true,
      suspended: false,
      unschedulable: false,
      region: 'eu-central',
      jurisdiction: 'DE',
    },
  });
  const conditions = setCondition(
    [],
    { type: 'Ready', status: 'True', reason: 'Ready', message: 'ready' },
    new Date(),
  );
  const { operator } = hub;
  await resourceClient<GPUProvider>(operator, kinds.gpuProviders).replaceStatus({
    ...created,
    status: { trustTier: 1, conditions },
  });
  await writeInventory(at.hub, name, options);
  await addOffer(at, name, owner, options);
  return name;
}

/** Waits until the stages have heard that the provider is ready, what it has free, and what it offers. */
export async function providerIsKnown(
  informers: Pick<ReturnType<typeof informersOf>, 'providers' | 'inventories' | 'offers'>,
  name: string,
): Promise<void> {
  const namespace = providerNamespace(name);
  await until(
    `the stages know ${name}`,
    () =>
      isTrue(informers.providers.get(name)?.status?.conditions, 'Ready') &&
      informers.inventories.get(`${namespace}/${name}`) !== undefined &&
      informers.offers.list(namespace).length > 0,
  );
}

async function writeInventory(
  hub: TestHub,
  name: string,
  { product, gpus }: { readonly product: string; readonly gpus: number },
): Promise<void> {
  const client = resourceClient<GPUInventory>(hub.agent(name), kinds.gpuInventories);
  await client.create(
    {
      apiVersion: API_VERSION,
      kind: 'GPUInventory',
      metadata: { name: name, namespace: providerNamespace(name), labels: hub.labels },
      spec: {
        observedTime: new Date().toISOString(),
        pools: [
          {
            product,
            rawProducts: [`NVIDIA-${product}`],
            memoryMiB: 81_559,
            capacity: gpus,
            healthy: gpus,
            used: 0,
            leased: 0,
            free: gpus,
            nodeFree: [gpus],
          },
        ],
        isolationClasses: ['runc'],
        cachedImages: [],
        unlabelledNodes: [],
      },
    },
    { fieldManager: 'test' },
  );
}

async function addOffer(
  { hub, agent, domain }: Market,
  name: string,
  owner: ReturnType<typeof privateKeyToAccount>,
  { product, price }: { readonly product: string; readonly price: string },
): Promise<void> {
  const validUntil = BigInt(Math.floor(Date.now() / 1_000) + 3_600);
  const offer = {
    provider: owner.address,
    hub: hub.hub,
    product: productId(product),
    pricePerGpuHour: BigInt(Number(price) * 1_000_000),
    spotPricePerGpuHour: 0n,
    minGpus: 1,
    maxGpus: 64,
    maxSeconds: 0,
    policyHash: zeroHash,
    validUntil,
    salt: keccak256(randomBytes(32)),
  };
  const grant = {
    provider: owner.address,
    agent: agent.address,
    notBefore: 0n,
    notAfter: 4_000_000_000n,
  };
  const offerHash = hashOffer(domain, offer);
  await resourceClient<GPUOffer>(hub.agent(name), kinds.gpuOffers).create({
    apiVersion: API_VERSION,
    kind: 'GPUOffer',
    metadata: {
      name: `offer-${offerHash.slice(2, 10)}`,
      namespace: providerNamespace(name),
      labels: hub.labels,
    },
    spec: {
      product,
      pricePerGPUHour: price,
      minGPUs: 1,
      maxGPUs: 64,
      maxDurationSeconds: 0,
      validUntilTime: new Date(Number(validUntil) * 1_000).toISOString(),
      provider: owner.address,
      hub: hub.hub,
      policyHash: offer.policyHash,
      salt: offer.salt,
      offerHash,
      agent: agent.address,
      signature: await signOffer(agent, domain, offer),
      grant: {
        provider: owner.address,
        agent: agent.address,
        notBefore: '0',
        notAfter: '4000000000',
        signature: await signAgentGrant(owner, domain, grant),
      },
    },
  });
}
