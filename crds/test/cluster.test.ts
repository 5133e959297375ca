import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { kinds } from '../src/kinds.ts';
import {
  collectionPath,
  type Definition,
  type Hub,
  messageOf,
  ownerOf,
  ownSample,
  startHub,
} from './cluster.ts';
import { statuses } from './samples.ts';

let hub: Hub;
beforeAll(async () => {
  hub = await startHub();
}, 120_000);
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]();
});

const byKind = kinds.map((kind) => [kind.resource.kind, kind] as const);

describe('the API server', () => {
  test.each(byKind)('serves %s and has nothing to say against its schema', (name) => {
    const { answer, state } = hub.applied.get(name)!;
    expect([messageOf(answer), answer.status < 300, answer.warnings]).toEqual([
      expect.any(String),
      true,
      [],
    ]);
    const conditions = (state.body as Definition).status?.conditions ?? [];
    const found = Object.fromEntries(conditions.map(({ type, status }) => [type, status]));
    expect(found).toMatchObject({ Established: 'True', NamesAccepted: 'True' });
    expect(found['NonStructuralSchema'] ?? 'False').toBe('False');
  });

  test('lists every kind under its short name and the category', async () => {
    const path = '/apis/gridlease.dev/v1alpha1';
    const { body } = await hub.server.call({ method: 'GET', path });
    type Resource = { name: string; shortNames?: string[]; categories?: string[] };
    const resources = (body['resources'] as Resource[]).filter(({ name }) => !name.includes('/'));
    for (const kind of kinds) {
      const served = resources.find(({ name }) => name === kind.resource.plural);
      expect(served).toMatchObject({ shortNames: kind.shortNames, categories: ['gridlease'] });
    }
    const shortNames = kinds.flatMap((kind) => kind.shortNames);
    expect(new Set(shortNames).size).toBe(shortNames.length);
  });

  test('explains every field: kubectl explain reads this document', async () => {
    const path = '/openapi/v3/apis/gridlease.dev/v1alpha1';
    const { body } = await hub.server.call({ method: 'GET', path });
    type Node = { description?: string; properties?: Record<string, Node>; items?: Node };
    const schemas = (body['components'] as { schemas: Record<string, Node> }).schemas;
    const silent: string[] = [];
    const walk = (node: Node, at: string): void => {
      for (const [name, child] of Object.entries(node.properties ?? {})) {
        if ((child.description ?? '') === '') silent.push(`${at}.${name}`);
        walk(child, `${at}.${name}`);
      }
      if (node.items !== undefined) walk(node.items, `${at}[]`);
    };
    for (const kind of kinds) {
      const schema = schemas[`dev.gridlease.v1alpha1.${kind.resource.kind}`]!;
      expect(schema.description).toContain(kind.resource.kind);
      for (const part of ['spec', 'status']) {
        const node = schema.properties?.[part];
        if (node !== undefined) walk({ properties: { [part]: node } }, kind.resource.kind);
      }
    }
    expect(silent).toEqual([]);
  });
});

/** What `kubectl get` shows of an object: column → cell. */
async function tableOf(path: string): Promise<Record<string, unknown>> {
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const { body } = await hub.server.call({ method: 'GET', path, accept });
  const columns = body['columnDefinitions'] as { name: string }[];
  const [row] = body['rows'] as { cells: unknown[] }[];
  return Object.fromEntries(columns.map(({ name }, index) => [name, row?.cells[index]]));
}

/** Creates a sample with its status, as those who own them. */
async function created(kindName: string): Promise<string> {
  const kind = kinds.find(({ resource }) => resource.kind === kindName)!;
  const body = ownSample(hub, kind, 'table');
  const collection = collectionPath(kind, hub.providerNamespace);
  const post = { method: 'POST', path: collection, body, ...ownerOf(hub, kind) };
  const answer = await hub.server.call(post);
  expect([messageOf(answer), answer.status]).toEqual([expect.any(String), 201]);
  const path = `${collection}/${body.metadata.name}`;
  if (kind.status !== undefined) {
    const status = statuses[kindName];
    const written = await hub.server.call({
      method: 'PUT',
      path: `${path}/status`,
      body: { ...answer.body, status },
      ...ownerOf(hub, kind, 'status'),
    });
    expect([messageOf(written), written.status]).toEqual([expect.any(String), 200]);
    expect(written.body['status']).toEqual(status);
  }
  return path;
}

/** kind → cells that must be shown. */
const rows: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  GPUJob: {
    State: 'Running',
    Provider: 'alpha',
    Product: 'H100-80GB-HBM3',
    GPUs: 1,
    Done: '7/12',
    Cost: '1.05',
    Message: 'Running it is',
  },
  PaymentAccount: { State: 'Funded', Chain: 'local', Available: '10', Message: 'Funded it is' },
  GPUProvider: { State: 'Ready', GPUs: '12/20', Region: 'eu-central', Message: 'Ready it is' },
  SettlementChain: { State: 'Ready', 'Chain ID': 31_337, Token: 'tUSD' },
  GPUOffer: { Product: 'H100-80GB-HBM3', Price: '2.10', Spot: '1.05', 'Max GPUs': 16 },
  GPUInventory: { Free: 'H100-80GB-HBM3 12/16, L40S 0/4', Unlabelled: 'node-9' },
  GPULease: {
    Job: 'finetune',
    GPUs: 4,
    Price: '2.10',
    Desired: 'Running',
    Accepted: 'Accepted',
    Delivered: 'Delivered',
    Cost: '1.05',
    Indexes: '0-3,7',
  },
  PaymentChannel: { Account: 'team-a', Owed: '2100000', Promised: '2000', Redeemed: '2000' },
  PlacementRecord: { Job: 'finetune', Epoch: 1, Provider: 'alpha', Lost: 'PriceAboveMax' },
  LeaseWorkload: { Hash: `0x${'7'.repeat(64)}` },
  LeaseRecord: { Hub: 'hub', State: 'Ended', Result: 'Completed', 'GPU ms': '3600000' },
  ChannelRecord: { Generation: 1, Owed: '2100000', Promised: '2000' },
  ChainTransaction: {
    Operation: 'SettleVouchers',
    State: 'Mined',
    Nonce: 7,
    Block: 7,
    Gas: 41_376,
  },
};

describe('kubectl get', () => {
  test.each(byKind)('answers where, what state, why and how much for %s', async (name) => {
    const path = await created(name);
    try {
      const cells = await tableOf(path);
      const wanted = rows[name]!;
      const shown = Object.entries(wanted).map(([column]) => [column, `${cells[column]}`]);
      expect(Object.fromEntries(shown)).toMatchObject(
        Object.fromEntries(
          Object.entries(wanted).map(([column, cell]) => [
            column,
            expect.stringContaining(String(cell)),
          ]),
        ),
      );
    } finally {
      await hub.server.call({ method: 'DELETE', path });
    }
  });

  test('finds the leases of a provider and of a job by field selector', async () => {
    const path = await created('GPULease');
    const collection = path.slice(0, path.lastIndexOf('/'));
    for (const [selector, found] of [
      ['spec.providerName=alpha', 1],
      ['spec.providerName=bravo', 0],
      ['spec.jobRef.uid=job-uid,spec.desiredState=Running', 1],
    ] as const) {
      const query = `?fieldSelector=${encodeURIComponent(selector)}`;
      const { body } = await hub.server.call({ method: 'GET', path: collection + query });
      expect([selector, (body['items'] as unknown[]).length]).toEqual([selector, found]);
    }
    await hub.server.call({ method: 'DELETE', path });
  });
});
