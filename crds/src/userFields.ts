import type { z } from 'zod';
import { integer, text } from './fields.ts';
import type { Hex } from './hex.ts';
import type { Rule } from './rule.ts';

/**
 * Fields that people type. A pattern would answer "should match '^…$'"; these answer in words, with
 * the value and what to write instead.
 */

function written(rule: Omit<Rule, 'messageExpression'>, before: string, after: string): Rule {
  return { ...rule, messageExpression: `'${before}"' + self + '"${after}'` };
}

/** An amount in token units: not negative, at most 6 decimals, so exact in every token allowed here. */
export function money(field: string, description: string) {
  const remedy = 'write token units with at most 6 decimals and no sign or exponent, such as 2.10';
  return text(`${description} Token units as a decimal string with at most 6 decimals ("2.10").`, {
    maxLength: 32,
    rules: [
      written(
        {
          name: `${field}IsExactMoney`,
          rule: "self.matches('^(0|[1-9][0-9]{0,17})([.][0-9]{1,6})?$')",
          message: `${field} is not an exact amount: ${remedy}`,
        },
        `${field} is `,
        `: ${remedy}`,
      ),
    ],
  });
}

/** A 20-byte address as wallets show it. */
export function writtenAddress(
  field: string,
  description: string,
  more: readonly Rule[] = [],
): z.ZodType<Hex> {
  const remedy = 'write 0x and 40 hexadecimal digits, not the zero address';
  const schema = text(description, {
    maxLength: 64,
    rules: [
      written(
        {
          name: `${field}IsAddress`,
          rule: "self.matches('^0x[0-9a-fA-F]{40}$') && !self.matches('^0x0{40}$')",
          message: `${field} is not an address: ${remedy}`,
        },
        `${field} is `,
        `: ${remedy}`,
      ),
      ...more,
    ],
  });
  return schema as unknown as z.ZodType<Hex>;
}

/** A string that must match a regular expression, with words for the person who wrote it otherwise. */
export function writtenAs(
  field: string,
  description: string,
  options: { maxLength: number; pattern: string; remedy: string; more?: readonly Rule[] },
) {
  return text(description, {
    maxLength: options.maxLength,
    rules: [
      written(
        {
          name: `${field}IsWellFormed`,
          rule: `self.matches('${options.pattern}')`,
          message: `${field} is not valid: ${options.remedy}`,
        },
        `${field} is `,
        `: ${options.remedy}`,
      ),
      ...(options.more ?? []),
    ],
  });
}

/** The name of another object. */
export function nameOf(field: string, description: string, more: readonly Rule[] = []) {
  return writtenAs(field, description, {
    maxLength: 253,
    pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
    remedy: 'write the name of the object: lower-case letters, digits, - and .',
    more,
  });
}

/** The name of a GPUProvider: it becomes part of a namespace's name, hence at most 40 characters. */
export function providerNameOf(field: string, description: string) {
  return writtenAs(field, description, {
    maxLength: 63,
    pattern: '^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$',
    remedy: 'write the name of a GPUProvider: at most 40 lower-case letters, digits and -',
  });
}

/** A Kubernetes quantity above zero. */
export function quantity(field: string, description: string) {
  return text(`${description} A Kubernetes quantity such as "8", "500m" or "64Gi".`, {
    maxLength: 32,
    rules: [
      written(
        {
          name: `${field}IsQuantity`,
          rule: "isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))",
          message: `${field} is not a quantity above zero: write one such as "8", "500m" or "64Gi"`,
        },
        `${field} is `,
        ': write a quantity above zero such as 8, 500m or 64Gi',
      ),
    ],
  });
}

/** A location with a scheme, such as s3://bucket/path. */
export function locationOf(field: string, description: string) {
  return writtenAs(field, description, {
    maxLength: 1024,
    pattern: '^[a-z][a-z0-9+.-]*://[^ ]+$',
    remedy: 'write scheme://place, such as s3://bucket/path',
  });
}

/** An absolute path inside the container. */
export function absolutePath(field: string, description: string) {
  return writtenAs(field, description, {
    maxLength: 1024,
    pattern: '^/[^:]*$',
    remedy: 'write an absolute path without a colon, such as /data',
  });
}

/** Wide enough that a rule, not the schema, answers a person: the rule can say what to do. */
export const WIDE = 1_000_000_000;

/** A count that people mistype. `remedy` says what to write, or how else to get more. */
export function countOf(
  field: string,
  description: string,
  options: { readonly min: number; readonly max: number; readonly remedy: string },
) {
  const { min, max, remedy } = options;
  return integer(`${description} ${min} to ${max}.`, {
    min: -WIDE,
    max: WIDE,
    rules: [
      {
        name: `${field}IsInRange`,
        rule: `self >= ${min} && self <= ${max}`,
        message: `${field} is out of range: ${remedy}`,
        messageExpression: `'${field} is %d: ${remedy}'.format([self])`,
      },
    ],
  });
}
