import { z } from 'zod';

type Schema = {
  [key: string]: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  default?: unknown;
  propertyNames?: { readonly pattern?: string };
  additionalProperties?: unknown;
};

/** Keys that the program may leave out: their defaults are its own. */
const PROGRAM = 'config';

/** A `null` in a user's file takes a default away; what the templates build on must stay. */
function requireDefaults(schema: Schema): void {
  const properties = schema.properties ?? {};
  const needed = Object.entries(properties)
    .filter(([, child]) => child.default !== undefined)
    .map(([name]) => name);
  if (needed.length > 0) schema.required = [...new Set([...(schema.required ?? []), ...needed])];
  for (const [name, child] of Object.entries(properties)) {
    if (name !== PROGRAM) requireDefaults(child);
  }
}

/** The same said in another way: Helm's validator names the wrong place where propertyNames are broken. */
function namePatterns(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return;
  for (const child of Object.values(schema)) namePatterns(child);
  const { propertyNames, additionalProperties } = schema as Schema;
  if (propertyNames === undefined) return;
  delete (schema as Schema).propertyNames;
  if (propertyNames.pattern === undefined) return;
  Object.assign(schema, {
    patternProperties: { [propertyNames.pattern]: additionalProperties },
    additionalProperties: false,
  });
}

/** values.schema.json: closed at every depth, so that a misspelt key is an error and not a silent default. */
export function valuesSchema(chart: string, values: z.ZodObject): object {
  const schema = z.toJSONSchema(values, { target: 'draft-7', io: 'input' }) as Schema;
  requireDefaults(schema);
  namePatterns(schema);
  return { ...schema, title: `Values of ${chart}` };
}
