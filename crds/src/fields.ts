import type { Condition } from '@gridlease/kube/object';
import { z } from 'zod';
import type { Hex } from './hex.ts';
import { type Rule, VALIDATIONS } from './rule.ts';

/**
 * The vocabulary that every kind is written in. Each builder demands a description and bounds, so a
 * field without them doesn't compile: `kubectl explain` and the cost estimate of CEL depend on both.
 */

type Ruled = { readonly rules?: readonly Rule[] };

function meta(description: string, options: Ruled, more: Record<string, unknown> = {}) {
  return {
    description,
    ...more,
    ...(options.rules === undefined ? {} : { [VALIDATIONS]: options.rules }),
  };
}

/** A string of at most `maxLength` characters. `pattern` is for what programs write, rules for people. */
export function text(
  description: string,
  options: Ruled & {
    readonly maxLength: number;
    readonly minLength?: number;
    readonly pattern?: RegExp;
    readonly format?: string;
  },
) {
  let schema = z.string().max(options.maxLength);
  if (options.minLength !== undefined) schema = schema.min(options.minLength);
  if (options.pattern !== undefined) schema = schema.regex(options.pattern);
  const format = options.format === undefined ? {} : { format: options.format };
  return schema.meta(meta(description, options, format));
}

/** One of a closed list of CamelCase words. */
export function choice<const Values extends readonly [string, ...string[]]>(
  description: string,
  values: Values,
) {
  return z.enum(values).meta({ description });
}

/** A whole number within bounds, both included. */
export function integer(
  description: string,
  options: Ruled & { readonly min: number; readonly max: number },
) {
  return z.int().min(options.min).max(options.max).meta(meta(description, options));
}

/** True or false. */
export function flag(description: string) {
  return z.boolean().meta({ description });
}

/**
 * A bounded list. Without `keys` or `unique` it is atomic: one writer replaces it whole. `keys` names
 * the fields that identify an item; `unique` makes a list of plain values a set.
 */
export function list<Item extends z.ZodType>(
  description: string,
  item: Item,
  options: Ruled & {
    readonly max: number;
    readonly min?: number;
    readonly keys?: readonly string[];
    readonly unique?: boolean;
  },
) {
  const type = options.keys !== undefined ? 'map' : options.unique === true ? 'set' : 'atomic';
  const keys = options.keys === undefined ? {} : { 'x-kubernetes-list-map-keys': options.keys };
  const array = z.array(item).max(options.max);
  const bounded = options.min === undefined ? array : array.min(options.min);
  return bounded
    .readonly()
    .meta(meta(description, options, { 'x-kubernetes-list-type': type, ...keys }));
}

/** An object with named fields. `atomic` marks a block that one writer owns whole: cheaper to write. */
export function struct<Shape extends z.ZodRawShape>(
  description: string,
  shape: Shape,
  options: Ruled & { readonly atomic?: boolean } = {},
) {
  const atomic = options.atomic === true ? { 'x-kubernetes-map-type': 'atomic' } : {};
  return z.object(shape).meta(meta(description, options, atomic));
}

/** A point in time as Kubernetes writes it: RFC 3339, UTC. */
export function time(description: string) {
  return text(description, { maxLength: 32, format: 'date-time' });
}

/** `bytes` bytes in hexadecimal with the 0x prefix, written by a program. */
export function hex(description: string, bytes: number): z.ZodType<Hex> {
  const pattern = new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`);
  const schema = text(description, { maxLength: 2 + bytes * 2, pattern });
  return schema as unknown as z.ZodType<Hex>;
}

/** A 20-byte address of the chain, written by a program. */
export function address(description: string): z.ZodType<Hex> {
  return hex(description, 20);
}

/** A 32-byte hash or identifier. */
export function bytes32(description: string): z.ZodType<Hex> {
  return hex(description, 32);
}

/** A 65-byte secp256k1 signature (r, s, v). */
export function signature(description: string): z.ZodType<Hex> {
  return hex(description, 65);
}

/** A uint64 as a decimal string: beyond 2^53 a JSON number is no longer exact. */
export function uint64(description: string) {
  return text(description, { maxLength: 20, pattern: /^(0|[1-9][0-9]{0,19})$/ });
}

/** A uint96 as a decimal string: an amount in the token's smallest units. */
export function uint96(description: string) {
  return text(description, { maxLength: 29, pattern: /^(0|[1-9][0-9]{0,28})$/ });
}

/** An amount in token units, written by a program ("2.10"). */
export function tokenUnits(description: string) {
  return text(description, { maxLength: 42, pattern: /^(0|[1-9][0-9]{0,22})(\.[0-9]{1,18})?$/ });
}

/** A uint32. */
export function uint32(description: string, min = 0) {
  return integer(description, { min, max: 4_294_967_295 });
}

/** Set of task indexes in the short form of Kubernetes Indexed Jobs ("0-3,7"); may be empty. */
export function indexSet(description: string) {
  return text(description, {
    maxLength: 32_768,
    pattern: /^([0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*)?$/,
  });
}

/** The name of a Kubernetes object, written by a program. */
export function objectName(description: string) {
  return text(description, { maxLength: 253, minLength: 1 });
}

/** The UID of a Kubernetes object. */
export function uid(description: string) {
  return text(description, { maxLength: 64, minLength: 1 });
}

/** A sentence for people; programs never read it. */
export function message(description: string) {
  return text(description, { maxLength: 1024 });
}

/** A CamelCase word from a closed list. */
export function reason(description: string) {
  return text(description, { maxLength: 128, minLength: 1, pattern: /^[A-Z][A-Za-z0-9]*$/ });
}

/** The standard condition list, keyed by type. `types` says in order which conditions exist. */
export function conditions(types: readonly [string, ...string[]]): z.ZodType<readonly Condition[]> {
  const condition = struct('One observation about this object.', {
    type: choice('What is observed.', types),
    status: choice('True, False, or Unknown while it is not decided.', [
      'True',
      'False',
      'Unknown',
    ]),
    observedGeneration: integer('metadata.generation that this observation is about.', {
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
    }).optional(),
    lastTransitionTime: time('When status last changed.'),
    reason: reason('Why, in one CamelCase word; the meanings are in the API reference.'),
    message: text('Why, in a sentence with figures; for people, never parsed.', {
      maxLength: 4096,
    }),
  });
  const schema = list(
    `Observations in the order in which they come true: ${types.join(', ')}. A missing one is Unknown.`,
    condition,
    { max: 16, keys: ['type'] },
  );
  return schema as unknown as z.ZodType<readonly Condition[]>;
}

/** metadata.generation that the status is about. */
export function observedGeneration() {
  return integer('metadata.generation of the spec that this status was computed from.', {
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  });
}
