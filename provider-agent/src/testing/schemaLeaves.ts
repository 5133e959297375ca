import type { z } from 'zod';

type Node = z.ZodType & {
  readonly shape?: Readonly<Record<string, Node>>;
  readonly element?: Node;
  readonly unwrap?: () => Node;
  readonly innerType?: Node;
};

/**
 * The paths of every leaf of a schema ("env[].name"), from the schema itself: a table that must have a
 * row for each can't forget the field that somebody adds next.
 */
export function schemaLeaves(schema: z.ZodType, path = ''): readonly string[] {
  const node = schema as Node;
  const { type } = node.def as { type: string };
  if (type === 'optional' || type === 'default' || type === 'readonly') {
    return schemaLeaves(node.unwrap!(), path);
  }
  if (type === 'array') return schemaLeaves(node.element!, `${path}[]`);
  if (type !== 'object') return [path];
  return Object.entries(node.shape!).flatMap(([key, child]) =>
    schemaLeaves(child, path === '' ? key : `${path}.${key}`),
  );
}
