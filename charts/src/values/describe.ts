import { z } from 'zod';

/** A key of values.yaml with what the files that follow from it need. */
export type Key = {
  /** Dotted, such as image.tag. */
  readonly path: string;
  readonly name: string;
  readonly description: string;
  /** Undefined where it has none. */
  readonly value: unknown;
  /** Of a mapping with keys of its own. */
  readonly keys: readonly Key[];
};

type Wrapped = { readonly innerType?: z.core.$ZodType; readonly in?: z.core.$ZodType };

/** What stands around a schema, from the outermost to itself: defaults, optionals, pipes. */
export function layersOf(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const { innerType, in: input } = schema._zod.def as Wrapped;
  const inner = innerType ?? input;
  return inner === undefined ? [schema] : [schema, ...layersOf(inner)];
}

const descriptionOf = (schema: z.core.$ZodType): string | undefined =>
  layersOf(schema)
    .map((layer) => z.globalRegistry.get(layer)?.description)
    .find((description) => description !== undefined);

const shapeOf = (schema: z.core.$ZodType): z.core.$ZodShape | undefined => {
  const core = layersOf(schema).at(-1)!;
  return core instanceof z.ZodObject ? core.shape : undefined;
};

/** Keys of ours are described. An object of Kubernetes, such as affinity, is one value: its keys are not ours to explain. */
function isOurs(schema: z.core.$ZodType, value: unknown): boolean {
  const keys = Object.values(shapeOf(schema) ?? {});
  if (keys.length === 0) return false;
  return Object.keys(value as object).length > 0 || keys.some((key) => descriptionOf(key));
}

/**
 * The keys of a chart's values, in their order. Throws for a key without a description: a user would meet it in
 * values.yaml and not know what it is for.
 */
export function keysOf(schema: z.core.$ZodType, value: unknown, prefix = ''): readonly Key[] {
  const shape = shapeOf(schema) ?? {};
  return Object.entries(shape).map(([name, child]) => {
    const path = `${prefix}${name}`;
    const description = descriptionOf(child);
    if (description === undefined)
      throw new Error(`${path} says nothing about itself: describe it`);
    const own = (value as Readonly<Record<string, unknown>> | undefined)?.[name];
    const isMapping = own !== undefined && isOurs(child, own);
    return {
      ...{ path, name, description, value: own },
      keys: isMapping ? keysOf(child, own, `${path}.`) : [],
    };
  });
}
