import type { NodePool } from './nodes.ts';

/** What a provider of the embedded federation has and asks. */
export type ProviderSpec = {
  readonly name: string;
  readonly region: string;
  /** ISO 3166-1 alpha-2. */
  readonly jurisdiction: string;
  readonly pools: readonly NodePool[];
  /** Nodes with a kubelet and containers; a cluster that has some has no simulated nodes. Default none. */
  readonly realPool?: NodePool;
  readonly offers: readonly ProviderOffer[];
};

export type ProviderOffer = {
  /** As a tenant would ask for it: "H100". */
  readonly product: string;
  /** Decimal token units per GPU-hour. */
  readonly pricePerGPUHour: string;
};

/**
 * The federation that `npm run up` and the demo start. No provider has twelve H100: an array of twelve is split
 * between alpha and bravo, the cheaper one first.
 */
export const DEFAULT_PROVIDERS: readonly ProviderSpec[] = [
  {
    name: 'alpha',
    region: 'eu-central',
    jurisdiction: 'DE',
    pools: [
      { product: 'H100', nodes: 1, gpusPerNode: 8 },
      { product: 'L40S', nodes: 1, gpusPerNode: 4 },
    ],
    offers: [
      { product: 'H100', pricePerGPUHour: '2.10' },
      { product: 'L40S', pricePerGPUHour: '0.80' },
    ],
  },
  {
    name: 'bravo',
    region: 'us-east',
    jurisdiction: 'US',
    pools: [
      { product: 'H100', nodes: 1, gpusPerNode: 8 },
      { product: 'A100', nodes: 1, gpusPerNode: 4 },
    ],
    offers: [
      { product: 'H100', pricePerGPUHour: '2.35' },
      { product: 'A100', pricePerGPUHour: '1.20' },
    ],
  },
  {
    name: 'charlie',
    region: 'eu-north',
    jurisdiction: 'FI',
    pools: [
      { product: 'RTX4090', nodes: 1, gpusPerNode: 8 },
      { product: 'A100', nodes: 1, gpusPerNode: 4 },
      { product: 'H200', nodes: 1, gpusPerNode: 4 },
    ],
    offers: [
      { product: 'RTX-4090', pricePerGPUHour: '0.35' },
      { product: 'A100', pricePerGPUHour: '1.10' },
      { product: 'H200', pricePerGPUHour: '2.90' },
    ],
  },
];

const FURTHER_NAMES = [
  'delta',
  'echo',
  'foxtrot',
  'golf',
  'hotel',
  'india',
  'juliett',
  'kilo',
  'lima',
] as const;

const PLACES = [
  { region: 'eu-west', jurisdiction: 'FR' },
  { region: 'ap-northeast', jurisdiction: 'JP' },
  { region: 'us-west', jurisdiction: 'US' },
  { region: 'eu-north', jurisdiction: 'SE' },
] as const;

/** Cents per GPU-hour, so that prices are computed without floats. */
const PRODUCTS = [
  { pool: 'H100', offer: 'H100', cents: 225 },
  { pool: 'A100', offer: 'A100', cents: 115 },
  { pool: 'RTX4090', offer: 'RTX-4090', cents: 38 },
  { pool: 'L40S', offer: 'L40S', cents: 84 },
] as const;

const price = (cents: number): string =>
  `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;

const at = <T>(list: readonly T[], index: number): T => list[index % list.length]!;

const generatedProvider = (index: number): ProviderSpec => {
  const product = at(PRODUCTS, index);
  return {
    name: FURTHER_NAMES[index] ?? `provider-${index + DEFAULT_PROVIDERS.length + 1}`,
    ...at(PLACES, index),
    pools: [{ product: product.pool, nodes: 1, gpusPerNode: 8 }],
    offers: [{ product: product.offer, pricePerGPUHour: price(product.cents + 3 * index) }],
  };
};

/** More than this is more than one machine carries; each provider is a whole cluster. */
export const MAX_PROVIDERS = 40;

/** The first `count` providers: the default three, then generated ones, always the same for the same number. */
export const providersFor = (count: number): readonly ProviderSpec[] => {
  if (!Number.isInteger(count) || count < 1 || count > MAX_PROVIDERS) {
    throw new RangeError(`a federation has 1 to ${MAX_PROVIDERS} providers, not ${count}`);
  }
  return Array.from(
    { length: count },
    (_, index) => DEFAULT_PROVIDERS[index] ?? generatedProvider(index - DEFAULT_PROVIDERS.length),
  );
};

/** GPUs of each real node: enough for two tasks side by side, few enough to be full. */
const GPUS_PER_REAL_NODE = 2;

/** More than this is more than one machine carries. */
export const MAX_REAL_NODES = 4;

/** The same providers; the first has `count` real nodes with the first of its products, and offers only that. */
export const withRealNodes = (
  providers: readonly ProviderSpec[],
  count: number,
  gpusPerNode = GPUS_PER_REAL_NODE,
): readonly ProviderSpec[] => {
  if (!Number.isInteger(count) || count < 0 || count > MAX_REAL_NODES) {
    throw new RangeError(`a federation has 0 to ${MAX_REAL_NODES} real nodes, not ${count}`);
  }
  const [first, ...others] = providers;
  if (count === 0 || first === undefined) return providers;
  const { product } = first.pools[0]!;
  const realPool = { product, nodes: count, gpusPerNode };
  return [{ ...first, pools: [], realPool, offers: first.offers.slice(0, 1) }, ...others];
};

/** The names of a provider's real nodes. */
export const realNodeNames = ({ name, realPool }: ProviderSpec): readonly string[] =>
  Array.from({ length: realPool?.nodes ?? 0 }, (_, index) => `${name}-real-${index}`);
