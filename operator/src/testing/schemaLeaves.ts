import { z } from 'zod';

type JsonSchema = {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
};

/** Paths of all fields of a schema that have no fields of their own: `env[].value`. */
export function schemaLeaves(schema: z.ZodType): readonly string[] {
  return leavesOf(
    z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema,
    '',
  );
}

function leavesOf({ properties, items }: JsonSchema, path: string): readonly string[] {
  if (items !== undefined) return leavesOf(items, `${path}[]`);
  if (properties === undefined) return [path];
  return Object.entries(properties).flatMap(([name, field]) =>
    leavesOf(field, path === '' ? name : `${path}.${name}`),
  );
}
