import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deployPlacementAnchor } from '@gridlease/contracts/deploy';
import {
  provePlacement,
  readAnchored,
  verifyPlacement,
} from '@gridlease/contracts/placementAnchor';
import { chainTransactionStore } from '@gridlease/crds/chainTransactionStore';
import type { ChainTransaction } from '@gridlease/crds/chaintransaction';
import { API_VERSION } from '@gridlease/crds/labels';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import type { PlacementRecord } from '@gridlease/crds/placementrecord';
import * as kinds from '@gridlease/crds/resources';
import type { SettlementChain } from '@gridlease/crds/settlementchain';
import { systemClock } from '@gridlease/kube/clock';
import { getCondition } from '@gridlease/kube/conditions';
import { eventRecorder } from '@gridlease/kube/events';
import { Informer } from '@gridlease/kube/informer';
import { silentLogger } from '@gridlease/kube/log';
import { until } from '@gridlease/kube/testing/until';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { createWalletClient, type Hex, http, keccak256, stringToHex, zeroHash } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { batchFiles } from './anchor/batchFiles.ts';
import { createAnchorStage } from './anchor/stage.ts';
import { createChains } from './chains.ts';
import { operatorClients } from './clients.ts';
import { openEscrow } from './testing/moneyHub.ts';
import { openTestHub } from './testing/testHub.ts';
import { senderFor } from './transactions.ts';

/** The anchor stage on a real API server and a real chain. */

const file = process.env['GRIDLEASE_TEST_ENV'] ?? join(tmpdir(), 'gridlease-test-env-0/env.json');
const env = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly chain: { readonly rpcURL: string; readonly chainId: number };
};
const namespace = 'gridlease-system';
const privateKey = generatePrivateKey();
const publisher = privateKeyToAccount(privateKey).address;

type World = Awaited<ReturnType<typeof start>>;
let world: World;

async function start() {
  const hub = await openTestHub();
  const money = await openEscrow(env.chain.rpcURL, env.chain.chainId, hub.accounts[8]!);
  const wallet = createWalletClient({
    account: privateKeyToAccount(hub.accounts[8]!),
    transport: http(env.chain.rpcURL),
  });
  const { address: anchor } = await deployPlacementAnchor({
    wallet,
    publicClient: money.publicClient,
  });
  const clients = operatorClients(hub.operator);
  const admin = operatorClients(hub.admin);
  const secret = `chain-${hub.id}`;
  await admin.secrets.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secret, namespace },
    data: { url: Buffer.from(env.chain.rpcURL).toString('base64') },
  });
  const chain = await admin.chains.create({
    apiVersion: API_VERSION,
    kind: 'SettlementChain',
    metadata: { name: `anchored-${hub.id}`, labels: hub.labels },
    spec: {
      chainId: env.chain.chainId,
      rpcSecretRef: { namespace, name: secret, key: 'url' },
      escrow: money.escrow,
      token: { address: money.token, symbol: 'tUSD', decimals: 6 },
      finality: 'Finalized',
      anchor: {
        address: money.token,
        keySecretRef: { name: `anchor-${hub.id}`, key: 'privateKey' },
      },
    },
  });
  await admin.accounts.create({
    apiVersion: API_VERSION,
    kind: 'PaymentAccount',
    metadata: { name: 'team', namespace: hub.namespace },
    spec: { address: publisher, chainName: chain.metadata.name },
  });
  const common = { cluster: hub.admin };
  const informers = {
    chains: new Informer<SettlementChain>({
      ...common,
      definition: kinds.settlementChains,
      labelSelector: `gridlease.dev/test=${hub.id}`,
    }),
    accounts: new Informer<PaymentAccount>({
      ...common,
      definition: kinds.paymentAccounts,
      namespace: hub.namespace,
    }),
    records: new Informer<PlacementRecord>({
      ...common,
      definition: kinds.placementRecords,
      namespace: hub.namespace,
    }),
    transactions: new Informer<ChainTransaction>({
      ...common,
      definition: kinds.chainTransactions,
      namespace,
    }),
  };
  const end = new AbortController();
  for (const informer of Object.values(informers)) informer.start(end.signal);
  await Promise.all(Object.values(informers).map((informer) => informer.synced()));
  const chains = createChains({ secrets: clients.secrets });
  expect(await chains.reconcile(chain)).toEqual({ ready: true });
  const recorder = eventRecorder({
    cluster: hub.operator,
    reportingController: 'gridlease.dev/operator',
    reportingInstance: 'test',
  });
  const store = chainTransactionStore({
    client: clients.transactions,
    informer: informers.transactions,
    namespace,
    fieldManager: 'gridlease-operator',
    now: () => new Date(),
  });
  const files = batchFiles(join(hub.stateDir, 'anchors'));

  /** A stage of its own registry; two of them at once are two operators. */
  function anAnchorStage() {
    const stop = new AbortController();
    const registry = new Registry();
    const stage = createAnchorStage({
      clients,
      informers,
      chains,
      createSender: (client, account) => senderFor(client, account, { store, clock: systemClock }),
      batches: files,
      hub: hub.hub,
      namespace,
      anchorMs: 1_000,
      clock: systemClock,
      recorder,
      log: silentLogger,
      registry,
    });
    stage.start(stop.signal);
    return {
      registry,
      async stop() {
        stop.abort();
        await stage.stopped;
      },
    };
  }
  return {
    hub,
    money,
    anchor,
    clients,
    admin,
    chain,
    files,
    anAnchorStage,
    end,
    recorder,
    informers,
  };
}

beforeAll(async () => {
  world = await start();
}, 90_000);

afterAll(async () => {
  world.end.abort();
  const { admin, hub, chain } = world;
  await world.recorder.close();
  await admin.chains.delete(chain.metadata, { uid: chain.metadata.uid! });
  const namespaceObject = await admin.namespaces.get({ name: hub.namespace });
  await admin.namespaces.delete(namespaceObject.metadata, { uid: namespaceObject.metadata.uid! });
  await hub.close();
}, 30_000);

const digests: Hex[] = [];
/** A placement with a digest of its own. */
async function place(name: string): Promise<void> {
  const { clients, hub } = world;
  const digest = keccak256(stringToHex(`${hub.id}/${name}`));
  const ref = { namespace: hub.namespace, name: 'team', uid: 'team-uid' };
  await clients.records.create({
    apiVersion: API_VERSION,
    kind: 'PlacementRecord',
    metadata: { namespace: hub.namespace, name },
    spec: {
      jobRef: { ...ref, name },
      accountRef: ref,
      epoch: 1,
      shard: 0,
      attempt: 0,
      indexes: '0',
      parallelism: 1,
      decidedTime: new Date().toISOString(),
      winner: {
        providerName: 'alpha',
        offerName: 'h100',
        offerHash: zeroHash,
        product: 'H100',
        pricePerGPUHour: '2',
        gpuCount: 1,
        maxAmount: '1',
        generation: 1,
      },
      losers: [],
      reasonCounts: [],
      inputsDigest: zeroHash,
      digest,
    },
  });
  digests.push(digest);
}

const batches = () =>
  readAnchored(world.money.publicClient, world.anchor, publisher, { fromBlock: 0n });
const total = async () => (await batches()).reduce((sum, { count }) => sum + count, 0);
const finalFiles = async () =>
  (await world.files.list()).filter(({ transactionHash }) => transactionHash !== undefined);
const anchored = (count: number) =>
  until(
    `${count} placements anchored, final`,
    async () =>
      (await finalFiles()).reduce((sum, batch) => sum + batch.digests.length, 0) === count,
    60,
  );

test('a chain says step by step what anchoring lacks, and nothing else waits for it', async () => {
  const { admin, hub, chain, anchor, money } = world;
  const stage = world.anAnchorStage();
  await place('before');
  const told = (reason: string) =>
    until(
      `told ${reason}`,
      async () => {
        const { status } = await admin.chains.get(chain.metadata);
        const condition = getCondition(status?.conditions, 'AnchorReady');
        return condition?.reason === reason && condition;
      },
      60,
    );
  expect(await told('SecretNotFound')).toMatchObject({
    status: 'False',
    message: expect.stringContaining(`Secret ${namespace}/anchor-${hub.id} does not exist`),
  });
  const data = (key: string) => ({ privateKey: Buffer.from(key).toString('base64') });
  await admin.secrets.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `anchor-${hub.id}`, namespace },
    data: data(`${privateKey.slice(0, -2)}`),
  });
  const invalid = await told('KeyInvalid');
  expect(invalid.message).not.toContain(privateKey.slice(2, 40));
  await admin.secrets.mergePatch(
    { name: `anchor-${hub.id}`, namespace },
    { data: data(privateKey) },
  );
  await admin.chains.mergePatch(chain.metadata, { spec: { anchor: { address: publisher } } });
  expect((await told('NoContract')).message).toContain(publisher);
  await admin.chains.mergePatch(chain.metadata, { spec: { anchor: { address: anchor } } });
  expect((await told('GasTooLow')).message).toContain(publisher);
  expect(await total()).toBe(0);
  await money.giveCoins(publisher);
  await told('Ready');
  await anchored(1);
  await stage.stop();
}, 180_000);

test('placements are anchored once, whoever restarts, and each can be proved from its batch', async () => {
  const { hub, admin } = world;
  const [one, two] = [world.anAnchorStage(), world.anAnchorStage()];
  for (const name of ['a', 'b', 'c']) await place(name);
  await anchored(4);
  await one.stop();
  await two.stop();
  // The hub forgets; the volume doesn't.
  for (const { metadata, spec } of (await admin.transactions.list({ namespace })).items) {
    if (spec.signer === publisher)
      await admin.transactions.delete(metadata, { uid: metadata.uid! });
  }
  await until('forgotten', () =>
    world.informers.transactions.list().every(({ spec }) => spec.signer !== publisher),
  );
  const next = world.anAnchorStage();
  await place('d');
  await anchored(5);
  await until('none is told to wait', async () =>
    /gridlease_placements_unanchored\{[^}]+\} 0/.test(await next.registry.metrics()),
  );
  await next.stop();

  expect(await total()).toBe(5);
  const stored = await finalFiles();
  for (const batch of await batches()) {
    const kept = stored.find(({ root }) => root === batch.root)!;
    expect(kept).toMatchObject({ publisher, transactionHash: batch.transactionHash });
    for (const digest of kept.digests) {
      const proof = provePlacement(hub.hub, kept.digests, digest);
      expect(verifyPlacement({ root: batch.root, hub: hub.hub, digest, proof })).toBe(true);
    }
  }
  expect(stored.flatMap((batch) => batch.digests).sort()).toEqual(digests.sort());
}, 180_000);
