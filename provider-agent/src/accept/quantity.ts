const suffixes: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 1_000n,
  m: 1_000_000n,
  '': 10n ** 9n,
  k: 10n ** 12n,
  M: 10n ** 15n,
  G: 10n ** 18n,
  T: 10n ** 21n,
  P: 10n ** 24n,
  E: 10n ** 27n,
  Ki: 10n ** 9n * 2n ** 10n,
  Mi: 10n ** 9n * 2n ** 20n,
  Gi: 10n ** 9n * 2n ** 30n,
  Ti: 10n ** 9n * 2n ** 40n,
  Pi: 10n ** 9n * 2n ** 50n,
  Ei: 10n ** 9n * 2n ** 60n,
};

/**
 * A Kubernetes quantity ("1500m", "64Gi", "1e3") in billionths of its unit, exact to there; undefined
 * when it is none. No floats: 0.1 of a core is exactly 100m.
 */
export function parseQuantity(text: string): bigint | undefined {
  const match = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i)?)$/.exec(text);
  if (match === null) return undefined;
  const [, whole = '', fraction = '', exponent, suffix = ''] = match;
  const digits = BigInt(whole + fraction) * suffixes[suffix]!;
  const shift = BigInt(exponent ?? '0') - BigInt(fraction.length);
  return shift >= 0n ? digits * 10n ** shift : digits / 10n ** -shift;
}
