import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { kinds } from '../src/kinds.ts';
import { OPERATOR_USER } from '../src/labels.ts';
import { policies } from '../src/policies.ts';
import { policyBinding, policyObject } from '../src/policy.ts';
import type { Answer } from './apiServer.ts';
import { collectionPath, type Hub, messageOf, sample, startHub } from './cluster.ts';
import { withValue } from './paths.ts';
import { type Caller, existing, policyExamples } from './policyExamples.ts';
import { serviceJob, statuses } from './samples.ts';

const admission = '/apis/admissionregistration.k8s.io/v1';
const WITH_SPEC = ['GPULease', 'LeaseWorkload', 'PaymentChannel', 'PlacementRecord', 'GPUJob'];

let hub: Hub;
/** Key of `existing` → path of the object. */
const paths = new Map<string, string>();

/** The policies are shared by the whole API server: here they hold for this test's objects only. */
function labels() {
  return { 'gridlease.dev/test': hub.suffix };
}

function userOf(caller: Caller): string | undefined {
  if (caller === 'admin') return undefined;
  if (caller === 'operator') return OPERATOR_USER;
  const namespace = caller === 'agent' ? hub.providerNamespace : 'gridlease-provider-stranger';
  return `system:serviceaccount:${namespace}:agent`;
}

function as(caller: Caller) {
  const user = userOf(caller);
  return user === undefined ? {} : { as: user };
}

async function install(): Promise<void> {
  for (const policy of policies) {
    const object = policyObject(policy);
    const binding = policyBinding(policy);
    const name = `${hub.suffix}.${object.metadata.name}`;
    await hub.server.apply(`${admission}/validatingadmissionpolicies/${name}`, {
      ...object,
      metadata: { ...object.metadata, name },
    });
    await hub.server.apply(`${admission}/validatingadmissionpolicybindings/${name}`, {
      ...binding,
      metadata: { name },
      spec: {
        ...binding.spec,
        policyName: name,
        matchResources: { objectSelector: { matchLabels: labels() } },
      },
    });
  }
}

async function uninstall(): Promise<void> {
  for (const policy of policies) {
    const name = `${hub.suffix}.${policyObject(policy).metadata.name}`;
    for (const plural of ['validatingadmissionpolicybindings', 'validatingadmissionpolicies']) {
      await hub.server.call({ method: 'DELETE', path: `${admission}/${plural}/${name}` });
    }
  }
}

async function create(key: string): Promise<void> {
  const entry = existing[key]!;
  const kind = kinds.find(({ resource }) => resource.kind === entry.kind)!;
  const clusterWide = !kind.resource.namespaced;
  const name = clusterWide ? `${key}-${hub.suffix}` : key;
  const base = sample(kind, name);
  const spec = { ...(entry.service ? serviceJob : (base.spec as object)), ...entry.spec };
  const collection = collectionPath(kind, hub.providerNamespace);
  paths.set(key, `${collection}/${name}`);
  const caller: Caller = entry.kind === 'GPUOffer' ? 'agent' : 'operator';
  const body = { ...base, metadata: { name, labels: labels() }, spec };
  const created = await hub.server.call({ method: 'POST', path: collection, body, ...as(caller) });
  expect([key, messageOf(created), created.status]).toEqual([key, expect.any(String), 201]);
  const status = statuses[entry.kind];
  if (status === undefined) return;
  const writer: Caller = ['GPULease', 'PaymentChannel'].includes(entry.kind) ? 'agent' : 'operator';
  const path = `${collection}/${name}/status`;
  const answer = await hub.server.call({
    method: 'PUT',
    path,
    body: { ...created.body, status },
    ...as(writer),
  });
  expect([key, messageOf(answer), answer.status]).toEqual([key, expect.any(String), 200]);
}

type Change = { readonly object: string; readonly path: string; readonly value: unknown };

/** Tries a change without storing it. */
async function tryChange({ object, path, value }: Change, caller: Caller): Promise<Answer> {
  const target = paths.get(object)!;
  const current = await hub.server.call({ method: 'GET', path: target });
  const body = withValue(current.body, path, value);
  const subresource = path.startsWith('status') ? '/status' : '';
  return hub.server.call({
    method: 'PUT',
    path: `${target}${subresource}?dryRun=All`,
    body,
    ...as(caller),
  });
}

/** A new policy holds after the API server has seen it: the change is tried until it is refused. */
async function refusal(change: Change, caller: Caller, says: readonly string[]): Promise<Answer> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const answer = await tryChange(change, caller);
    const expected = answer.status >= 400 && says.every((part) => messageOf(answer).includes(part));
    if (expected || Date.now() > deadline) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

beforeAll(async () => {
  hub = await startHub();
  await install();
  for (const key of Object.keys(existing)) await create(key);
}, 60_000);

afterAll(async () => {
  if (hub === undefined) return;
  await uninstall();
  for (const path of paths.values()) await hub.server.call({ method: 'DELETE', path });
  await hub[Symbol.asyncDispose]();
}, 60_000);

test('every check of every policy has an example', () => {
  const checks = policies.flatMap(({ rules }) => rules.map(({ name }) => name));
  const covered = [...Object.keys(policyExamples), 'inventoryIsNamedLikeProvider'];
  expect([...checks].sort()).toEqual(covered.sort());
});

describe('with the policies in force', () => {
  test.each(Object.entries(policyExamples))('the check "%s" holds', async (_, example) => {
    const { object, path, says, code = 403, accepted = [], acceptedAs = 'admin' } = example;
    for (const caller of example.refusedAs ?? ['admin']) {
      for (const value of example.refused) {
        const answer = await refusal({ object, path, value }, caller, says);
        expect([value, messageOf(answer), answer.status]).toEqual([
          value,
          expect.any(String),
          code,
        ]);
        for (const part of says) expect(messageOf(answer)).toContain(part);
      }
    }
    for (const value of accepted) {
      const answer = await tryChange({ object, path, value }, acceptedAs);
      expect([value, messageOf(answer), answer.status]).toEqual([value, expect.any(String), 200]);
    }
    const annotated = { object, path: 'metadata.annotations', value: { note: 'kept' } };
    const answer = await tryChange(annotated, acceptedAs);
    expect([messageOf(answer), answer.status]).toEqual([expect.any(String), 200]);
  });

  const mutable: readonly [string, unknown][] = [
    ['spec.suspend', true],
    ['spec.budget', { accountName: 'team-b', maxTotal: '1' }],
    ['spec.placement', { regions: ['us-east'] }],
    ['spec.runtime.ttlSecondsAfterFinished', 1],
  ];
  test.each(mutable)('a GPUJob’s %s may change', async (path, value) => {
    const answer = await tryChange({ object: 'job', path, value }, 'admin');
    expect([messageOf(answer), answer.status]).toEqual([expect.any(String), 200]);
  });

  test('a service’s replicas may change', async () => {
    const change = { object: 'service', path: 'spec.service.replicas', value: 3 };
    expect((await tryChange(change, 'admin')).status).toBe(200);
  });

  test('a batch job can’t become a service', async () => {
    const target = paths.get('job')!;
    const { body } = await hub.server.call({ method: 'GET', path: target });
    const spec = { ...(body['spec'] as object), service: serviceJob.service, batch: undefined };
    const path = `${target}?dryRun=All`;
    const answer = await hub.server.call({ method: 'PUT', path, body: { ...body, spec } });
    expect(messageOf(answer)).toContain("spec.batch.completions can't change from 12 to (unset)");
  });

  test('an anchor may be added to a record that has none', async () => {
    const change = { object: 'record', path: 'spec.anchor', value: `0x${'1'.repeat(64)}` };
    expect((await tryChange(change, 'operator')).status).toBe(200);
  });

  test('a new generation begins without a voucher', async () => {
    const target = paths.get('channel')!;
    const { body } = await hub.server.call({ method: 'GET', path: target });
    const spec = { ...(body['spec'] as object), generation: 3, voucher: undefined };
    const path = `${target}?dryRun=All`;
    const answer = await hub.server.call({
      method: 'PUT',
      path,
      body: { ...body, spec },
      ...as('operator'),
    });
    expect([messageOf(answer), answer.status]).toEqual([expect.any(String), 200]);
  });

  test.each(['account', 'provider', 'chain'])(
    'only the operator writes the status of %s',
    async (object) => {
      const change = { object, path: 'status.conditions', value: [] };
      const answer = await refusal(change, 'admin', ['only the operator']);
      expect([messageOf(answer), answer.status]).toEqual([
        expect.stringContaining('only the operator'),
        403,
      ]);
      expect((await tryChange(change, 'operator')).status).toBe(200);
    },
  );

  test.each(WITH_SPEC.slice(0, 4))('nobody but the operator creates a %s', async (kindName) => {
    const kind = kinds.find(({ resource }) => resource.kind === kindName)!;
    const path = `${collectionPath(kind, hub.providerNamespace)}?dryRun=All`;
    const base = sample(kind, 'forged');
    const body = { ...base, metadata: { name: 'forged', labels: labels() } };
    for (const caller of ['admin', 'agent'] as const) {
      const answer = await hub.server.call({ method: 'POST', path, body, ...as(caller) });
      expect([messageOf(answer), answer.status]).toEqual([
        expect.stringContaining('only the operator'),
        403,
      ]);
    }
    const answer = await hub.server.call({ method: 'POST', path, body, ...as('operator') });
    expect(answer.status).toBe(201);
  });

  test('a GPUInventory carries the name of its provider', async () => {
    const kind = kinds.find(({ resource }) => resource.kind === 'GPUInventory')!;
    const path = `${collectionPath(kind, hub.providerNamespace)}?dryRun=All`;
    const provider = `crds-${hub.suffix}`;
    const named = (name: string) => ({
      ...sample(kind, name),
      metadata: { name, labels: labels() },
    });
    const refused = await hub.server.call({
      method: 'POST',
      path,
      body: named('other'),
      ...as('agent'),
    });
    expect(messageOf(refused)).toContain(
      `metadata.name is other: name the GPUInventory like its provider, ${provider}`,
    );
    const accepted = await hub.server.call({
      method: 'POST',
      path,
      body: named(provider),
      ...as('agent'),
    });
    expect([messageOf(accepted), accepted.status]).toEqual([expect.any(String), 201]);
  });

  test('an admin still deletes a lease', async () => {
    const path = `${paths.get('lease')!}?dryRun=All`;
    expect((await hub.server.call({ method: 'DELETE', path })).status).toBe(200);
  });
});
