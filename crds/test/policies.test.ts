import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { kinds } from '../src/kinds.ts';
import { policies } from '../src/policies.ts';
import { collectionPath, messageOf, sample } from './cluster.ts';
import { withValue } from './paths.ts';
import { policyExamples } from './policyExamples.ts';
import { PolicyHub } from './policyHub.ts';
import { transactionName } from './recordSamples.ts';
import { serviceJob } from './writtenSamples.ts';

let hub: PolicyHub;
beforeAll(async () => {
  hub = await PolicyHub.start();
}, 120_000);
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]();
}, 60_000);

test('every check of every policy has an example', () => {
  const checks = policies.flatMap(({ rules }) => rules.map(({ name }) => name));
  const covered = [...Object.keys(policyExamples), 'inventoryIsNamedLikeProvider'];
  expect([...checks].sort()).toEqual(covered.sort());
});

describe('with the policies in force', () => {
  test.each(Object.entries(policyExamples))(
    'the check "%s" holds',
    async (_, example) => {
      const { object, path, says, code = 403, accepted = [], acceptedAs = 'admin' } = example;
      for (const caller of example.refusedAs ?? ['admin']) {
        for (const value of example.refused) {
          const answer = await hub.refusal({ object, path, value }, caller, says);
          expect([value, messageOf(answer), answer.status]).toEqual([
            value,
            expect.any(String),
            code,
          ]);
          for (const part of says) expect(messageOf(answer)).toContain(part);
        }
      }
      for (const value of accepted) {
        const answer = await hub.tryChange({ object, path, value }, acceptedAs);
        expect([value, messageOf(answer), answer.status]).toEqual([value, expect.any(String), 200]);
      }
      const annotated = { object, path: 'metadata.annotations', value: { note: 'kept' } };
      const answer = await hub.tryChange(annotated, acceptedAs);
      expect([messageOf(answer), answer.status]).toEqual([expect.any(String), 200]);
    },
    120_000,
  );

  const mutable: readonly [string, unknown][] = [
    ['spec.suspend', true],
    ['spec.budget', { accountName: 'team-b', maxTotal: '1' }],
    ['spec.placement', { regions: ['us-east'] }],
    ['spec.runtime.ttlSecondsAfterFinished', 1],
  ];
  test.each(mutable)('a GPUJob’s %s may change', async (path, value) => {
    const answer = await hub.tryChange({ object: 'job', path, value }, 'admin');
    expect([messageOf(answer), answer.status]).toEqual([expect.any(String), 200]);
  });

  test('a service’s replicas may change', async () => {
    const change = { object: 'service', path: 'spec.service.replicas', value: 3 };
    expect((await hub.tryChange(change, 'admin')).status).toBe(200);
  });

  test('a batch job can’t become a service', async () => {
    const answer = await hub.tryEdit(
      'job',
      (body) =>
        withValue(withValue(body, 'spec.service', serviceJob.service), 'spec.batch', undefined),
      'admin',
    );
    expect(messageOf(answer)).toContain("spec.batch.completions can't change from 12 to (unset)");
  });

  test('an anchor may be added to a record that has none', async () => {
    const change = { object: 'record', path: 'spec.anchor', value: `0x${'1'.repeat(64)}` };
    expect((await hub.tryChange(change, 'operator')).status).toBe(200);
  });

  test.each([
    ['runs', 'lease'],
    ['was stopped', 'stopped'],
  ])('the operator alone gives up a lease that %s', async (_, object) => {
    const change = {
      time: '2026-01-02T00:00:00Z',
      reason: 'Abandoned',
      message: 'gone for good',
    };
    const giveUp = (body: Readonly<Record<string, unknown>>) => {
      const { stopTime = change.time } = body['spec'] as { readonly stopTime?: string };
      const stopped = withValue(body, 'spec.desiredState', 'Stopped');
      return withValue(withValue(stopped, 'spec.stopTime', stopTime), 'spec.lost', change);
    };
    const accepted = await hub.tryEdit(object, giveUp, 'operator');
    expect([messageOf(accepted), accepted.status]).toEqual([expect.any(String), 200]);
    for (const caller of ['admin', 'agent'] as const) {
      const refused = await hub.tryEdit(object, giveUp, caller);
      expect([messageOf(refused), refused.status]).toEqual([
        expect.stringContaining('only the operator'),
        403,
      ]);
    }
  });

  test('an agent takes no end back', async () => {
    const succeeded = { object: 'ended', path: 'status.conditions', value: [] };
    const answer = await hub.refusal(succeeded, 'agent', ['when the lease ended, once']);
    expect([messageOf(answer), answer.status]).toEqual([
      expect.stringContaining('leave them as they are'),
      422,
    ]);
    const rest = { object: 'ended', path: 'status.active', value: 0 };
    expect((await hub.tryChange(rest, 'agent')).status).toBe(200);
  });

  test('a new generation begins without a voucher', async () => {
    const answer = await hub.tryEdit(
      'channel',
      (body) => withValue(withValue(body, 'spec.generation', 3), 'spec.voucher', undefined),
      'operator',
    );
    expect([messageOf(answer), answer.status]).toEqual([expect.any(String), 200]);
  });

  test.each(['account', 'provider', 'chain'])(
    'only the operator writes the status of %s',
    async (object) => {
      const change = { object, path: 'status.conditions', value: [] };
      const answer = await hub.refusal(change, 'admin', ['only the operator']);
      expect([messageOf(answer), answer.status]).toEqual([
        expect.stringContaining('only the operator'),
        403,
      ]);
      expect((await hub.tryChange(change, 'operator')).status).toBe(200);
    },
  );

  test.each(['GPULease', 'LeaseWorkload', 'PaymentChannel', 'PlacementRecord'])(
    'nobody but the operator creates a %s',
    async (kindName) => {
      const kind = kinds.find(({ resource }) => resource.kind === kindName)!;
      const path = `${collectionPath(kind, hub.hub.providerNamespace)}?dryRun=All`;
      const base = sample(kind, 'forged');
      const body = { ...base, metadata: { name: 'forged', labels: hub.labels } };
      for (const caller of ['admin', 'agent'] as const) {
        const answer = await hub.hub.server.call({ method: 'POST', path, body, ...hub.as(caller) });
        expect([messageOf(answer), answer.status]).toEqual([
          expect.stringContaining('only the operator'),
          403,
        ]);
      }
      const answer = await hub.hub.server.call({
        method: 'POST',
        path,
        body,
        ...hub.as('operator'),
      });
      expect(answer.status).toBe(201);
    },
  );

  test('nobody but the operator writes a ChainTransaction', async () => {
    const kind = kinds.find(({ resource }) => resource.kind === 'ChainTransaction')!;
    const base = sample(kind, transactionName.replace(/7$/, '8'));
    const metadata = { ...base.metadata, labels: hub.labels };
    const body = withValue({ ...base, metadata }, 'spec.nonce', '8');
    const path = `${collectionPath(kind, hub.hub.providerNamespace)}?dryRun=All`;
    const post = (caller: 'admin' | 'agent' | 'operator') =>
      hub.hub.server.call({ method: 'POST', path, body, ...hub.as(caller) });
    for (const caller of ['admin', 'agent'] as const) {
      const answer = await post(caller);
      expect([messageOf(answer), answer.status]).toEqual([
        expect.stringContaining('only the operator'),
        403,
      ]);
    }
    expect((await post('operator')).status).toBe(201);
    // A cluster may be a hub and a provider: the agent that runs in it keeps its transactions beside it.
    const home = (namespace: string) =>
      hub.hub.server.call({
        ...{ method: 'POST', path, body },
        as: `system:serviceaccount:${namespace}:gridlease-provider-agent`,
      });
    expect((await home(hub.hub.providerNamespace)).status).toBe(201);
    expect((await home('elsewhere')).status).toBe(403);
    const change = { object: 'transaction', path: 'status.conditions', value: [] };
    const answer = await hub.refusal(change, 'admin', ['only the operator']);
    expect([messageOf(answer), answer.status]).toEqual([expect.any(String), 403]);
  });

  test('a GPUInventory carries the name of its provider', async () => {
    const kind = kinds.find(({ resource }) => resource.kind === 'GPUInventory')!;
    const path = `${collectionPath(kind, hub.hub.providerNamespace)}?dryRun=All`;
    const provider = `crds-${hub.hub.suffix}`;
    const named = (name: string) => ({
      ...sample(kind, name),
      metadata: { name, labels: hub.labels },
    });
    const refused = await hub.hub.server.call({
      method: 'POST',
      path,
      body: named('other'),
      ...hub.as('agent'),
    });
    expect(messageOf(refused)).toContain(
      `metadata.name is other: name the GPUInventory like its provider, ${provider}`,
    );
    const accepted = await hub.hub.server.call({
      method: 'POST',
      path,
      body: named(provider),
      ...hub.as('agent'),
    });
    expect([messageOf(accepted), accepted.status]).toEqual([expect.any(String), 201]);
  });

  test('an admin still deletes a lease', async () => {
    const path = `${hub.pathOf('lease')}?dryRun=All`;
    expect((await hub.hub.server.call({ method: 'DELETE', path })).status).toBe(200);
  });
});
