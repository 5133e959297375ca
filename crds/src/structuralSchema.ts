import { z } from 'zod';
import { type Rule, VALIDATIONS } from './rule.ts';

/** A node of a structural OpenAPI v3 schema, as a CustomResourceDefinition holds it. */
export type SchemaNode = {
  readonly type: string;
  readonly description?: string;
  readonly format?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly 'x-kubernetes-validations'?: readonly Rule[];
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'map' | 'set';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic';
};

/** Keys in the order in which a person wants to read them; anything else would not be structural. */
const KEYS = [
  'description',
  'type',
  'format',
  'default',
  'enum',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
  VALIDATIONS,
  'required',
  'properties',
  'items',
] as const;

/** What zod writes and Kubernetes has no use for: pruning does the one, the schema's place the other. */
const DROPPED = new Set(['additionalProperties', 'readOnly']);

function clean(node: Record<string, unknown>, path: string): SchemaNode {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(node)) {
    if (!DROPPED.has(key) && !KEYS.includes(key as (typeof KEYS)[number])) {
      throw new Error(`${path}: "${key}" has no place in a structural schema`);
    }
  }
  for (const key of KEYS) {
    const value = node[key];
    if (value === undefined) continue;
    if (key === 'properties') {
      const properties = Object.entries(value as Record<string, Record<string, unknown>>);
      result[key] = Object.fromEntries(
        properties.map(([name, child]) => [name, clean(child, `${path}.${name}`)]),
      );
    } else if (key === 'items') {
      result[key] = clean(value as Record<string, unknown>, `${path}[]`);
    } else {
      result[key] = value;
    }
  }
  if (result['type'] === 'integer') result['format'] = 'int64';
  return result as SchemaNode;
}

/**
 * The structural schema of a zod schema, with descriptions, bounds, defaults and CEL rules. Throws when
 * the schema uses something that a CustomResourceDefinition can't hold, such as a union.
 */
export function structuralSchema(schema: z.ZodType, path: string): SchemaNode {
  const json = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' });
  const { $schema: _, ...node } = json as Record<string, unknown>;
  return clean(node, path);
}

/** A field with its place: `spec.gpu.count`; list items are `spec.workload.env[]`. */
export type Field = {
  readonly path: string;
  readonly node: SchemaNode;
  readonly required: boolean;
};

/** Every field below a node, parents before children. */
export function* fieldsOf(node: SchemaNode, path: string): Generator<Field> {
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const childPath = path === '' ? name : `${path}.${name}`;
    yield { path: childPath, node: child, required: node.required?.includes(name) ?? false };
    yield* fieldsOf(child, childPath);
  }
  if (node.items !== undefined) {
    yield { path: `${path}[]`, node: node.items, required: true };
    yield* fieldsOf(node.items, `${path}[]`);
  }
}
