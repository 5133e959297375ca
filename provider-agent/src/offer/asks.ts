import { parseTokenAmount } from '@gridlease/contracts/amount';
import { GridleaseError } from '@gridlease/kube/errors';

/** What the provider wants for a product, as its owner wrote it in the configuration. */
export type ConfiguredAsk = {
  /** A product name as jobs write it; "H100" stands for every kind of H100. */
  readonly product: string;
  /** Token units for one GPU for one hour. */
  readonly pricePerGPUHour: string;
  readonly spotPricePerGPUHour?: string | undefined;
  readonly minGPUs?: number | undefined;
  readonly maxGPUs?: number | undefined;
  /** Longest lease; 0 or absent means no limit. */
  readonly maxDurationSeconds?: number | undefined;
  /** How long one signed offer holds; it is renewed at half of that. */
  readonly validSeconds?: number | undefined;
};

/** An ask whose prices are known to be exact in the token. */
export type Ask = {
  readonly product: string;
  readonly pricePerGPUHour: string;
  readonly spotPricePerGPUHour?: string;
  /** Token smallest units for one GPU for one hour. */
  readonly price: bigint;
  /** 0n when spot is not offered. */
  readonly spotPrice: bigint;
  readonly minGPUs: number;
  readonly maxGPUs: number;
  /** 0 means no limit. */
  readonly maxSeconds: number;
  readonly validSeconds: number;
};

/** An ask in the configuration that can't be signed; the message says which and what to write. */
export class AskError extends GridleaseError {
  constructor(shortMessage: string, cause?: unknown) {
    super(shortMessage, { retry: 'never', ...(cause === undefined ? {} : { cause }) });
  }
}

const largestUint32 = 4_294_967_295;

/** Checks the configured asks against the token. Throws AskError at the first that isn't exact. */
export function readAsks(
  asks: readonly ConfiguredAsk[],
  token: { readonly symbol: string; readonly decimals: number },
): readonly Ask[] {
  return asks.map((ask) => {
    const spot = ask.spotPricePerGPUHour;
    const price = exactPrice(ask.product, 'pricePerGPUHour', ask.pricePerGPUHour, token);
    if (price === 0n) {
      throw new AskError(
        `offers: pricePerGPUHour of ${ask.product} is 0: write a price above zero`,
      );
    }
    const minGPUs = ask.minGPUs ?? 1;
    const maxGPUs = ask.maxGPUs ?? largestUint32;
    if (minGPUs > maxGPUs) {
      throw new AskError(
        `offers: minGPUs of ${ask.product} is ${minGPUs}, above maxGPUs ${maxGPUs}`,
      );
    }
    return {
      product: ask.product,
      pricePerGPUHour: ask.pricePerGPUHour,
      ...(spot === undefined ? {} : { spotPricePerGPUHour: spot }),
      price,
      spotPrice:
        spot === undefined ? 0n : exactPrice(ask.product, 'spotPricePerGPUHour', spot, token),
      minGPUs,
      maxGPUs,
      maxSeconds: ask.maxDurationSeconds ?? 0,
      validSeconds: ask.validSeconds ?? 3600,
    };
  });
}

function exactPrice(
  product: string,
  field: string,
  text: string,
  token: { readonly symbol: string; readonly decimals: number },
): bigint {
  // The hub's objects hold at most six decimals, whatever the token has.
  const decimals = Math.min(token.decimals, 6);
  try {
    parseTokenAmount(text, decimals);
    return parseTokenAmount(text, token.decimals);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new AskError(`offers: ${field} of ${product} in ${token.symbol}: ${problem}`, error);
  }
}
