import { contains, formatRange, parseRange, type Range } from './cidr.ts';

/**
 * Addresses that no tenant reaches, whatever it asks for: the provider's own networks, link-local
 * with its metadata services, carrier NAT, loopback, multicast, and the IPv6 forms through which a
 * gateway would reach the same IPv4 addresses.
 */
const PRIVATE_RANGES = {
  4: [
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '224.0.0.0/4',
    '240.0.0.0/4',
  ],
  6: [
    // Loopback, and IPv4 written as IPv6; the API server takes no narrower range for the latter.
    '::/80',
    '64:ff9b::/96',
    '64:ff9b:1::/48',
    '2002::/16',
    'fc00::/7',
    'fe80::/10',
    'ff00::/8',
  ],
} as const;

const maxExceptions = 256;

/** A destination that the tenant asked for. */
export type AllowRule = { readonly cidr: string; readonly port: number };

/** What an egress rule of a NetworkPolicy says about addresses. */
export type IpBlock = { readonly cidr: string; readonly except?: readonly string[] };

/**
 * All ranges that stay closed: the fixed ones, and those that the provider adds (its nodes, the hub's
 * address, its own public networks) unless a fixed one covers them. Sorted, at most 256.
 */
export function closedRanges(extra: readonly string[]): readonly string[] {
  const fixed: string[] = [...PRIVATE_RANGES[4], ...PRIVATE_RANGES[6]];
  const ranges = fixed.map((text) => parseRange(text)!);
  const added = [...new Set(extra)].sort().filter((text) => {
    const range = parseRange(text);
    return range !== undefined && !ranges.some((outer) => contains(outer, range));
  });
  return [...fixed, ...added.map((text) => formatRange(parseRange(text)!))].slice(0, maxExceptions);
}

/** The whole of both address families but for what is closed. */
export function publicBlocks(closed: readonly string[]): readonly IpBlock[] {
  return [blockWithout('0.0.0.0/0', closed), blockWithout('::/0', closed)];
}

/**
 * The block for one wish, with closed ranges inside it cut out. Undefined when the wish lies wholly in
 * a closed range, or is malformed: such a lease is refused, not run without its network.
 */
export function allowedBlock(wish: AllowRule, closed: readonly string[]): IpBlock | undefined {
  const range = parseRange(wish.cidr);
  if (range === undefined) return undefined;
  const inside = closed.some((text) => contains(parseRange(text)!, range));
  return inside ? undefined : blockWithout(wish.cidr, closed);
}

function blockWithout(cidr: string, closed: readonly string[]): IpBlock {
  const range = parseRange(cidr)!;
  const except = closed.filter((text) => isStrictlyInside(parseRange(text)!, range));
  return except.length === 0 ? { cidr: formatRange(range) } : { cidr: formatRange(range), except };
}

function isStrictlyInside(inner: Range, outer: Range): boolean {
  return inner.prefix > outer.prefix && contains(outer, inner);
}
