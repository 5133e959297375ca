import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { gpuJob } from '../src/gpujob.ts';
import { kinds } from '../src/kinds.ts';
import { API_VERSION } from '../src/labels.ts';
import { objectSchema } from '../src/manifest.ts';
import { fieldsOf } from '../src/structuralSchema.ts';
import { collectionPath, type Hub, messageOf, ownerOf, ownSample, startHub } from './cluster.ts';
import type { Example } from './example.ts';
import { bounds, examples } from './examples.ts';
import { asFieldPath, withValue } from './paths.ts';
import { serviceJob } from './writtenSamples.ts';

let hub: Hub;
beforeAll(async () => {
  hub = await startHub();
}, 120_000);
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]();
});

const kindOf = (key: string) => {
  const kind = kinds.find(({ resource }) => resource.kind === key.split(' ')[0]);
  if (kind === undefined) throw new Error(`no kind in "${key}"`);
  return kind;
};

function objectFor(key: string, example: Pick<Example, 'service'>) {
  const kind = kindOf(key);
  const object = ownSample(hub, kind, 'example');
  return { kind, object: example.service ? { ...object, spec: serviceJob } : object };
}

/** What a refusal of this value must contain. */
function expectations(example: Omit<Example, 'accepted'>, value: unknown): string[] {
  const shown = example.shows ?? (value === undefined || value === '' ? [] : [String(value)]);
  return [...shown, ...example.says];
}

const dryRun = '?dryRun=All&fieldValidation=Strict';

test('every rule of every kind has an example', () => {
  const rules = kinds.flatMap((kind) => {
    const schema = objectSchema(kind);
    return [{ path: '', node: schema }, ...fieldsOf(schema, '')].flatMap(({ path, node }) =>
      (node['x-kubernetes-validations'] ?? []).map(
        (rule) => `${kind.resource.kind} ${path} ${rule.name}`,
      ),
    );
  });
  expect([...rules].sort()).toEqual(Object.keys(examples).sort());
});

describe('the API server', () => {
  test.each(kinds.map((kind) => [kind.resource.kind, kind] as const))(
    'accepts a %s with every field set, unchanged and without a warning',
    async (_, kind) => {
      const body = ownSample(hub, kind, 'sample');
      const path = collectionPath(kind, hub.providerNamespace) + dryRun;
      const answer = await hub.server.call({ method: 'POST', path, body, ...ownerOf(hub, kind) });
      expect(messageOf(answer)).not.toContain('invalid');
      expect(answer.warnings).toEqual([]);
      expect(answer.body).toMatchObject({ spec: body.spec });
    },
  );

  const written = Object.entries(examples).filter(([, example]) => example.update !== true);

  test.each(written)('holds the rule "%s"', async (key, example) => {
    const { kind, object } = objectFor(key, example);
    const path = collectionPath(kind, hub.providerNamespace) + dryRun;
    for (const value of example.accepted) {
      const body = withValue(object, example.path, value);
      const answer = await hub.server.call({ method: 'POST', path, body, ...ownerOf(hub, kind) });
      expect([value, messageOf(answer), answer.status]).toEqual([value, expect.any(String), 201]);
    }
    for (const value of example.refused) {
      const body = withValue(object, example.path, value);
      const answer = await hub.server.call({ method: 'POST', path, body, ...ownerOf(hub, kind) });
      expect([value, answer.status]).toEqual([value, 422]);
      for (const part of expectations(example, value)) expect(messageOf(answer)).toContain(part);
      const owner = key.split(' ')[1] === '' ? 'metadata.name' : asFieldPath(example.path);
      expect(messageOf(answer)).toContain(owner.split('.')[1]);
    }
  });

  const changes = Object.entries(examples).filter(([, example]) => example.update === true);

  test.each(changes)('holds the rule over a change "%s"', async (key, example) => {
    const { kind, object } = objectFor(key, example);
    const name = `change-${hub.suffix}`;
    const path = `${collectionPath(kind, hub.providerNamespace)}/${name}`;
    const existing = { ...object, metadata: { name } };
    expect((await hub.server.apply(path, existing)).status).toBeLessThan(300);
    for (const value of example.refused) {
      const changed = withValue(existing, example.path, value);
      const answer = await hub.server.apply(path, changed);
      expect([value, answer.status]).toEqual([value, 422]);
      for (const part of expectations(example, value)) expect(messageOf(answer)).toContain(part);
      expect(messageOf(answer)).toContain(example.path);
    }
    const unchanged = await hub.server.apply(path, existing);
    expect(unchanged.status).toBe(200);
    await hub.server.call({ method: 'DELETE', path });
  });

  test.each(bounds)('holds the bounds of $kind $path', async (bound) => {
    const { kind, object } = objectFor(bound.kind, {});
    const path = collectionPath(kind, hub.providerNamespace) + dryRun;
    for (const value of bound.refused) {
      const body = withValue(object, bound.path, value);
      const answer = await hub.server.call({ method: 'POST', path, body, ...ownerOf(hub, kind) });
      expect([value, answer.status]).toEqual([value, 422]);
      expect(messageOf(answer)).toContain(asFieldPath(bound.path));
      for (const part of bound.says) expect(messageOf(answer)).toContain(part);
    }
  });

  test('says that a GPUJob has neither batch nor service, and what to add', async () => {
    const { kind, object } = objectFor('GPUJob', {});
    const body = withValue(object, 'spec.batch', undefined);
    const path = collectionPath(kind, hub.providerNamespace) + dryRun;
    const answer = await hub.server.call({ method: 'POST', path, body, ...ownerOf(hub, kind) });
    expect(messageOf(answer)).toContain('neither batch nor service: add batch: {}');
  });

  test('shows the defaults of a GPUJob that leaves everything out', async () => {
    const kind = kindOf('GPUJob');
    const spec = {
      batch: {},
      workload: { image: `a@sha256:${'a'.repeat(64)}` },
      gpu: { count: 1 },
      budget: { accountName: 'team-a' },
    };
    const body = { apiVersion: API_VERSION, kind: 'GPUJob', metadata: { name: 'least' }, spec };
    const path = collectionPath(kind, hub.providerNamespace) + dryRun;
    const answer = await hub.server.call({ method: 'POST', path, body, ...ownerOf(hub, kind) });
    expect(answer.body['spec']).toEqual({
      batch: { completions: 1, retryLimit: 3 },
      workload: {
        image: spec.workload.image,
        runAsUser: 65_532,
        egress: 'None',
        resources: { cpu: '1', memory: '4Gi', ephemeralStorage: '10Gi', sharedMemory: '1Gi' },
      },
      gpu: { count: 1, locality: 'Any' },
      placement: { minTrustTier: 0, maxProviderSharePercent: 100, minIsolation: 'runc' },
      budget: { accountName: 'team-a' },
      runtime: { startDeadlineSeconds: 900 },
      failover: { graceSeconds: 60 },
      suspend: false,
    });
    expect(answer.body['spec']).toEqual(gpuJob.parse(body).spec);
  });
});
