/** What a unit of gas may cost, in wei. */
export type GasFees = { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint };

/** Nodes take a replacement only for at least a tenth more; an eighth is past every rounding of theirs. */
const raised = (fee: bigint): bigint => (fee * 9n + 7n) / 8n;
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/**
 * The fees of the next signed form: what the chain asks for now, times `percent`, and with a form before
 * it at least an eighth more than that one, in both parts. Undefined when that exceeds `cap`.
 */
export function nextFees(options: {
  readonly asked: GasFees;
  readonly percent?: number;
  readonly before?: GasFees | undefined;
  /** Most that a unit of gas may cost, in wei. */
  readonly cap: bigint;
}): GasFees | undefined {
  const { asked, percent = 100, before, cap } = options;
  const scaled = (fee: bigint) => (fee * BigInt(percent) + 99n) / 100n;
  const maxFeePerGas = larger(
    scaled(asked.maxFeePerGas),
    before === undefined ? 0n : raised(before.maxFeePerGas),
  );
  const maxPriorityFeePerGas = larger(
    scaled(asked.maxPriorityFeePerGas),
    before === undefined ? 0n : raised(before.maxPriorityFeePerGas),
  );
  if (maxFeePerGas > cap || maxPriorityFeePerGas > maxFeePerGas) return undefined;
  return { maxFeePerGas, maxPriorityFeePerGas };
}
