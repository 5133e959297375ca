const MILLISECONDS_PER_HOUR = 3_600_000n;

/** The largest amount that a voucher or a channel can hold: uint96. */
export const MAX_TOKEN_AMOUNT = 2n ** 96n - 1n;

/** A token amount that can't be used; `remedy` says what to write instead. */
export class TokenAmountError extends Error {
  override readonly name = 'TokenAmountError';
  readonly value: string;
  readonly remedy: string;

  constructor(value: string, problem: string, remedy: string) {
    super(`token amount ${JSON.stringify(value)} ${problem}: ${remedy}`);
    this.value = value;
    this.remedy = remedy;
  }
}

/**
 * What a lease costs: `floor(pricePerGpuHour × gpuMs / 3_600_000)` in token smallest units.
 * `gpuMs` is the cumulative time since the lease began, never an interval's: rounding then
 * happens once and always favours the tenant by less than one unit.
 */
export function amountFor(pricePerGpuHour: bigint, gpuMs: bigint): bigint {
  if (pricePerGpuHour < 0n || gpuMs < 0n) {
    throw new RangeError(`price and time can't be negative: ${pricePerGpuHour}, ${gpuMs} GPU-ms`);
  }
  return (pricePerGpuHour * gpuMs) / MILLISECONDS_PER_HOUR;
}

/**
 * Reads a decimal number of token units ("2.10") as smallest units, exactly. Throws TokenAmountError
 * when the text is no plain decimal, is negative, has more places than the token, or exceeds uint96.
 */
export function parseTokenAmount(text: string, decimals: number): bigint {
  if (text.startsWith('-')) {
    throw new TokenAmountError(text, 'is negative', 'write an amount of zero or more');
  }
  const match = /^(0|[1-9][0-9]*)(?:\.([0-9]+))?$/.exec(text);
  if (match === null) {
    throw new TokenAmountError(
      text,
      'is not a decimal number',
      'write digits with an optional point, for example "2.10"',
    );
  }
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  if (fraction.length > decimals) {
    throw new TokenAmountError(
      text,
      'is not exact in this token',
      `use at most ${decimals} decimal places`,
    );
  }
  const amount = BigInt(match[1]! + fraction.padEnd(decimals, '0'));
  if (amount > MAX_TOKEN_AMOUNT) {
    throw new TokenAmountError(
      text,
      'is too large',
      `use at most ${formatTokenAmount(MAX_TOKEN_AMOUNT, decimals)}`,
    );
  }
  return amount;
}

/** Writes smallest units as a decimal number of token units, without trailing zeros: 2100000n, 6 → "2.1". */
export function formatTokenAmount(amount: bigint, decimals: number): string {
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
