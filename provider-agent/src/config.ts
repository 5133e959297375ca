import { readFileSync } from 'node:fs';
import { TerminalError } from '@gridlease/kube/errors';
import { z } from 'zod';

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'must be 0x and 40 hexadecimal digits')
  .transform((text) => text as `0x${string}`);
const signature = z
  .string()
  .regex(/^0x[0-9a-fA-F]{130}$/, 'must be 0x and 130 hexadecimal digits')
  .transform((text) => text as `0x${string}`);
const unixSeconds = z.string().regex(/^(0|[1-9][0-9]{0,19})$/, 'must be unix seconds as a string');
const price = z
  .string()
  .regex(/^(0|[1-9][0-9]*)(\.[0-9]+)?$/, 'must be token units such as "2.10"');
const seconds = (smallest: number) => z.int().min(smallest);

const offer = z.strictObject({
  /** A product as jobs write it ("H100"); offered for every kind of it in the cluster. */
  product: z.string().min(1).max(63),
  pricePerGPUHour: price,
  spotPricePerGPUHour: price.optional(),
  minGPUs: z.int().min(1).optional(),
  maxGPUs: z.int().min(1).optional(),
  maxDurationSeconds: seconds(0).optional(),
  validSeconds: seconds(60).optional(),
});

/** GPUs of nodes that carry no product label, as the provider states them. */
const statedProduct = z
  .strictObject({
    /** One node; or all nodes with these labels. */
    nodeName: z.string().min(1).max(253).optional(),
    nodeSelector: z.record(z.string(), z.string()).optional(),
    /** As GPU Feature Discovery would write it, such as "NVIDIA-H100-80GB-HBM3". */
    product: z.string().min(1).max(63),
    /** Memory of one GPU; 0 when it isn't stated: then jobs that ask for memory go elsewhere. */
    memoryMiB: z.int().min(0).max(16_777_216).default(0),
  })
  .refine(
    ({ nodeName, nodeSelector }) => (nodeName === undefined) !== (nodeSelector === undefined),
    'give either nodeName or nodeSelector',
  );

/** The agent's configuration. Strict: a misspelt field is an error, not a silent default. */
const schema = z.strictObject({
  providerName: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/, 'must be a DNS label'),
  hub: z.strictObject({
    name: z.string().min(1).max(253),
    /** UID of the hub's kube-system namespace. */
    uid: z.string().min(1).max(64),
    kubeconfigPath: z.string(),
    namespace: z.string(),
    serviceAccountName: z.string().default('agent'),
  }),
  cluster: z.strictObject({
    kubeconfigPath: z.string().optional(),
    namespace: z.string().default('gridlease-agent'),
  }),
  chain: z.strictObject({
    rpcURL: z.url(),
    chainId: z.int().min(1),
    escrow: address,
    token: z.strictObject({
      address,
      symbol: z.string().min(1).max(32),
      decimals: z.int().min(6).max(18),
    }),
    finality: z.enum(['Finalized', 'Safe', 'Latest']).default('Finalized'),
  }),
  /** Address that is paid: the provider's own, not the agent's. */
  owner: address,
  agentKeyPath: z.string(),
  gasKeyPath: z.string(),
  grant: z.strictObject({
    provider: address,
    agent: address,
    notBefore: unixSeconds,
    notAfter: unixSeconds,
    signature,
  }),
  offers: z.array(offer).max(64),
  redeem: z.strictObject({
    /** Smallest amount worth a transaction, token units. */
    minAmount: price.default('0'),
    maxDelaySeconds: seconds(1).default(86_400),
    /** Price of the chain's coin, token units; without it gas is not weighed against what it brings. */
    nativePrice: price.optional(),
    /** The largest share of a settlement that gas may cost, in 1/10,000; waits up to maxDelaySeconds. */
    maxGasBps: z.int().min(1).max(10_000).default(500),
    /** Credit from which it is withdrawn to the payout address, token units; without it, never. */
    withdrawAbove: price.optional(),
  }),
  /** Longest time that killing pods may take when nobody pays for it. */
  stopSeconds: seconds(1).default(20),
  listen: z.strictObject({
    host: z.string().default('127.0.0.1'),
    port: z.int().min(0).max(65_535),
  }),
  heartbeatSeconds: seconds(1).default(10),
  /** How long to trust the watches, at the hub and at home. */
  watch: z
    .strictObject({
      /** Without a word a watch counts as dead; an API server speaks about once a minute. */
      silenceSeconds: seconds(1).default(90),
      /** Between two full lists: until then an event that the API server left out can be missing. */
      relistSeconds: seconds(1).default(600),
    })
    .prefault({}),
  inventoryMinSeconds: seconds(0).default(5),
  inventory: z
    .strictObject({
      /** For nodes with GPUs and without a product label; a label wins. The first that fits counts. */
      products: z.array(statedProduct).max(64).default([]),
      /**
       * Keys of taints that don't keep tenants off, beside nvidia.com/gpu. In a cluster of one node those
       * of the control plane are tolerated without being named.
       */
      toleratedTaints: z.array(z.string().min(1).max(316)).max(16).default([]),
    })
    .prefault({}),
  metering: z
    .strictObject({
      /** Pages of DCGM exporters, such as http://10.0.0.7:9400/metrics. */
      exporterURLs: z.array(z.url()).max(256).default([]),
      /** Also ask the pods labelled as NVIDIA's exporter, on their port 9400, each about its own node. */
      discoverExporters: z.boolean().default(true),
      /** Namespaces in which nobody but the provider can make such pods. */
      exporterNamespaces: z
        .array(z.string().min(1).max(63))
        .max(16)
        .default(['gpu-operator', 'nvidia-gpu-operator', 'kube-system']),
      exporterSeconds: seconds(1).default(10),
    })
    .prefault({}),
  /**
   * Whether the cluster keeps NetworkPolicies. Check: the agent looks for a known network plugin that
   * does, on every node with GPUs. Enforced, NotEnforced: what the provider states instead.
   */
  networkPolicy: z.enum(['Check', 'Enforced', 'NotEnforced']).default('Check'),
  /** How long an accepted lease waits for money. */
  fundDeadlineSeconds: seconds(1).default(120),
  /** Copies what tasks leave in spec.outputs; without it leases with outputs are refused. */
  outputs: z
    .strictObject({
      /** Image with a digest, that the nodes can pull; see docs/job-ends.md for what it must do. */
      uploaderImage: z
        .string()
        .regex(/@sha256:[0-9a-f]{64}$/, 'must end with @sha256: and a digest'),
    })
    .optional(),
  /** How long finished Jobs and their pods stay for who wants to read them. */
  podRetentionSeconds: seconds(0).default(600),
  /** How long the record of a settled lease stays; when its lease is gone it goes at once. */
  recordRetentionSeconds: seconds(0).default(604_800),
  /** Address ranges that stay closed to tenants beside the private ones: nodes' public networks, the hub. */
  closedRanges: z.array(z.string()).max(128).default([]),
  /** Of several replicas one acts; the others take over when it is gone. */
  leaderElection: z
    .strictObject({
      /** Name of the Lease in the agent's namespace, the same in all its replicas. Default: one for each hub. */
      leaseName: z.string().min(1).max(253).optional(),
      /** This replica's own name, kept over restarts: its successor need not wait for its Lease to run out. */
      replicaName: z.string().min(1).max(200).optional(),
      /** Without renewal so long, another replica leads. */
      durationSeconds: seconds(2).default(12),
      /** Without renewal so long, the leader itself stops; the difference is what its stages stop in. */
      renewDeadlineSeconds: seconds(1).default(9),
      /** Between two renewals. */
      retrySeconds: seconds(1).default(2),
    })
    .refine(
      ({ durationSeconds, renewDeadlineSeconds, retrySeconds }) =>
        retrySeconds < renewDeadlineSeconds && renewDeadlineSeconds < durationSeconds,
      'retrySeconds must be less than renewDeadlineSeconds, and that less than durationSeconds',
    )
    .prefault({}),
  stateDir: z.string(),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type AgentConfig = z.output<typeof schema>;
export type AgentConfigInput = z.input<typeof schema>;

/** Checks a configuration. Throws a TerminalError that names every field that is wrong. */
export function parseConfig(value: unknown): AgentConfig {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`,
  );
  throw new TerminalError(`The configuration is not valid: ${problems.join('; ')}`);
}

/** Reads and checks a configuration file. Throws a TerminalError that says what to do. */
export function loadConfig(path: string): AgentConfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new TerminalError(`The configuration ${path} can't be read: give --config FILE`, {
      cause: error,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new TerminalError(`The configuration ${path} is not JSON`, { cause: error });
  }
  return parseConfig(value);
}
