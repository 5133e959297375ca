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

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === '' ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/**
 * A key without anything after it is `null` to YAML, and takes a default away. What is empty anyway may go; what the
 * templates build on must stay. Returns whether a mapping has such keys.
 */
function requireDefaults(schema: Schema): boolean {
  const needed = Object.entries(schema.properties ?? {})
    .filter(
      ([name, child]) => name !== PROGRAM && (requireDefaults(child) || !isEmpty(child.default)),
    )
    .map(([name]) => name);
  if (needed.length > 0) schema.required = [...new Set([...(schema.required ?? []), ...needed])];
  return needed.length > 0;
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
