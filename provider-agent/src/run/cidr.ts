import { isIP } from 'node:net';

/** A range of addresses; IPv4 and IPv6 never compare equal. */
export type Range = { readonly version: 4 | 6; readonly base: bigint; readonly prefix: number };

/** Reads "10.0.0.0/8" or "fc00::/7"; a bare address is a range of one. Undefined when malformed. */
export function parseRange(text: string): Range | undefined {
  const [address = '', length, ...rest] = text.split('/');
  const version = isIP(address);
  if (rest.length > 0 || (version !== 4 && version !== 6)) return undefined;
  const bits = version === 4 ? 32 : 128;
  if (length !== undefined && !/^(0|[1-9][0-9]{0,2})$/.test(length)) return undefined;
  const prefix = length === undefined ? bits : Number(length);
  if (prefix > bits) return undefined;
  const shift = BigInt(bits - prefix);
  return { version, prefix, base: (numberOf(address, version) >> shift) << shift };
}

/** True when every address of `inner` is in `outer`. Two ranges are nested or have nothing in common. */
export function contains(outer: Range, inner: Range): boolean {
  if (outer.version !== inner.version || outer.prefix > inner.prefix) return false;
  const shift = BigInt((outer.version === 4 ? 32 : 128) - outer.prefix);
  return outer.base >> shift === inner.base >> shift;
}

/** The canonical text of a range, without host bits: what every API server version takes. */
export function formatRange({ version, base, prefix }: Range): string {
  if (version === 4) {
    const parts = [24n, 16n, 8n, 0n].map((shift) => String((base >> shift) & 255n));
    return `${parts.join('.')}/${prefix}`;
  }
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((base >> BigInt(112 - index * 16)) & 0xffffn).toString(16),
  );
  // RFC 5952: the first of the longest runs of zeros becomes "::".
  const runs = [...groups.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].map((match) => match[0]);
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  const text = longest === '' ? groups.join(':') : groups.join(':').replace(longest, '::');
  return `${text.replace(/:{3,}/, '::')}/${prefix}`;
}

function numberOf(address: string, version: 4 | 6): bigint {
  if (version === 4) {
    return address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  }
  const [plain = ''] = address.split('%');
  // An IPv4 tail ("::ffff:1.2.3.4") is two groups.
  const lastColon = plain.lastIndexOf(':');
  const tail = plain.slice(lastColon + 1);
  const text = tail.includes('.')
    ? `${plain.slice(0, lastColon + 1)}${(numberOf(tail, 4) >> 16n).toString(16)}:${(numberOf(tail, 4) & 0xffffn).toString(16)}`
    : plain;
  const [head = '', end] = text.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = end === undefined || end === '' ? [] : end.split(':');
  const missing = end === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(Math.max(0, missing)).fill('0'), ...right];
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}
