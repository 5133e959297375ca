import { createHash } from 'node:crypto';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const hashLength = 24;
const longestName = 63;

/**
 * A name that is always the same for the same parts, so that creating twice is caught by the API
 * server: `<prefix>-<24 characters>`, at most 63, valid as a DNS label, a label value and a Job name.
 * The characters are the first 120 bits of SHA-256 in base32; parts are length-prefixed, so that
 * ('a', 'bc') and ('ab', 'c') differ.
 */
export function derivedName(
  prefix: string,
  ...parts: readonly (string | number | bigint)[]
): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const text = String(part);
    hash.update(`${Buffer.byteLength(text)}:${text}`);
  }
  const readable = prefix
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, longestName - hashLength - 1)
    .replace(/-+$/, '');
  return `${readable === '' ? 'x' : readable}-${base32(hash.digest()).slice(0, hashLength)}`;
}

function base32(bytes: Uint8Array): string {
  let bits = 0;
  let value = 0;
  let text = '';
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(value >>> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return text;
}
