import { z } from 'zod';

export const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'must be 0x and 40 hexadecimal digits')
  .transform((text) => text as `0x${string}`);
export const signature = z
  .string()
  .regex(/^0x[0-9a-fA-F]{130}$/, 'must be 0x and 130 hexadecimal digits')
  .transform((text) => text as `0x${string}`);
export const unixSeconds = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,19})$/, 'must be unix seconds as a string');
/** Token units. */
export const price = z
  .string()
  .regex(/^(0|[1-9][0-9]*)(\.[0-9]+)?$/, 'must be token units such as "2.10"');
export const seconds = (smallest: number) => z.int().min(smallest);

/** Of a file. */
export const path = z.string().min(1).max(4_096);
