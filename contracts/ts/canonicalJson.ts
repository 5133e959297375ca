import canonicalize from 'canonicalize';
import { type Hex, keccak256, stringToHex } from 'viem';

/**
 * RFC 8785 canonical JSON: the one text that every side hashes. Throws a TypeError for what JSON can't
 * hold (undefined, a function, NaN, bigint): amounts belong in documents as decimal strings.
 */
export function canonicalJson(value: unknown): string {
  let text: string | undefined;
  try {
    text = canonicalize(value);
  } catch (error) {
    throw new TypeError('the document is not JSON: write numbers beyond 2^53 as decimal strings', {
      cause: error,
    });
  }
  if (text === undefined) throw new TypeError('the document is not JSON: it has no value');
  return text;
}

/** keccak256 over the UTF-8 bytes of the canonical JSON: how a document is named in a signed message. */
export function hashDocument(value: unknown): Hex {
  return keccak256(stringToHex(canonicalJson(value)));
}
