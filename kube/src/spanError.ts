import { ApiError } from './apiError.ts';
import { GridleaseError } from './errors.ts';

const longest = 256;

/** An error as a span tells it: our own words, or only its kind, since others' words may hold an address with a key in it. */
export function describeSpanError(error: unknown): string {
  if (error instanceof ApiError) return `${error.status} ${error.reason}`.trim();
  if (error instanceof GridleaseError) return error.message.slice(0, longest);
  return error instanceof Error ? error.name : typeof error;
}
