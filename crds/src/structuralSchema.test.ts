import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { kinds } from './kinds.ts';
import { objectSchema } from './manifest.ts';
import { type Field, fieldsOf, structuralSchema } from './structuralSchema.ts';

const fields = kinds.flatMap((kind) =>
  [...fieldsOf(objectSchema(kind), '')]
    .filter(({ path }) => /^(spec|status)\b/.test(path))
    .map((field) => ({ ...field, path: `${kind.resource.kind} ${field.path}` })),
);

function offenders(isWrong: (field: Field) => boolean): string[] {
  return fields.filter(isWrong).map(({ path }) => path);
}

describe('every field of every kind', () => {
  test('has a description that ends like a sentence', () => {
    expect(offenders(({ node }) => !/[.…]$/.test(node.description ?? ''))).toEqual([]);
  });

  test('says its unit when it is an amount, a time or a size', () => {
    const units = /unit|price|second|hour|millisecond|GPU|MiB|bytes|24 hours|limit|at most|least/i;
    const measured = /(Seconds|Amount|amount|Price|Ms|MiB|Milliseconds)$/;
    const silent = ({ path, node }: Field) =>
      measured.test(path) && !units.test(node.description ?? '');
    expect(offenders(silent)).toEqual([]);
  });

  test('states its default when it has one', () => {
    const silent = ({ node }: Field) =>
      node.default !== undefined &&
      typeof node.default !== 'object' &&
      !node.description?.includes(`Default ${node.default}`);
    expect(offenders(silent)).toEqual([]);
  });

  test('is bounded: lists by maxItems and listType, strings by maxLength, numbers by both ends', () => {
    const unbounded = ({ node }: Field) => {
      if (node.type === 'array') return !(node.maxItems && node['x-kubernetes-list-type']);
      if (node.type === 'string') return node.maxLength === undefined && node.enum === undefined;
      if (node.type === 'integer') return node.minimum === undefined || node.maximum === undefined;
      return !['object', 'boolean'].includes(node.type);
    };
    expect(offenders(unbounded)).toEqual([]);
  });

  test('holds no floating-point number and no map', () => {
    expect(offenders(({ node }) => node.type === 'number')).toEqual([]);
    expect(offenders(({ node }) => node.type === 'object' && !node.properties)).toEqual([]);
  });

  test('has rules with a remedy in the message, and no rule twice', () => {
    const rules = fields.flatMap(({ path, node }) =>
      (node['x-kubernetes-validations'] ?? []).map((rule) => ({ path, ...rule })),
    );
    const remedy = /write|remove|keep|create|lower|exactly one/;
    expect(rules.filter((rule) => !remedy.test(rule.message))).toEqual([]);
    expect(rules.filter((rule) => rule.messageExpression === undefined)).toEqual([]);
    const names = rules.map(({ path, name }) => `${path} ${name}`);
    expect(names).toHaveLength(new Set(names).size);
  });
});

describe('objects that are signed', () => {
  test.each(['GPULease', 'GPUOffer', 'LeaseWorkload', 'PaymentChannel'])(
    '%s has no defaults: they would change what was signed',
    (kind) => {
      const defaulted = fields.filter(
        ({ path, node }) => path.startsWith(`${kind} `) && node.default !== undefined,
      );
      expect(defaulted).toEqual([]);
    },
  );

  test('a GPULease holds every field of LeaseTerms that both sides sign', async () => {
    const { leaseTermsTypes } = await import('@gridlease/contracts/leaseTerms');
    const lease = kinds.find(({ resource }) => resource.kind === 'GPULease')!;
    const terms = objectSchema(lease).properties?.['spec']?.properties?.['terms'];
    const signed = leaseTermsTypes.LeaseTerms.map(({ name }) => name);
    expect(Object.keys(terms?.properties ?? {}).sort()).toEqual([...signed].sort());
    expect([...(terms?.required ?? [])].sort()).toEqual([...signed].sort());
  });
});

test('a schema that a CustomResourceDefinition can’t hold is refused when it is built', () => {
  const union = z.union([z.string(), z.number()]);
  expect(() => structuralSchema(union, 'X')).toThrow(/X: "anyOf" has no place/);
});
