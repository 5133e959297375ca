import {
  electionLeaseName,
  leaderElectionConfig,
  watchConfig,
} from '@gridlease/crds/programConfig';
import { tracingConfig } from '@gridlease/crds/tracingConfig';
import { z } from 'zod';
import { address, path, price, seconds, signature, unixSeconds } from './configFields.ts';
import { inventoryConfig, meteringConfig, offerConfig } from './configGPUs.ts';

/** Of the hub's kube-system namespace. */
export const hubUid = z.string().min(1).max(64);
const isOne = (one: unknown, other: unknown): boolean =>
  (one === undefined) !== (other === undefined);

/** What the provider's owner signs: this agent's key may act for it. */
export const grant = z.strictObject({
  provider: address,
  agent: address,
  notBefore: unixSeconds,
  notAfter: unixSeconds,
  signature,
});

/** The agent's configuration. Strict: a misspelt field is an error, not a silent default. */
export const agentConfigSchema = z
  .strictObject({
    providerName: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/, 'must be a DNS label'),
    hub: z
      .strictObject({
        name: z.string().min(1).max(253).default('hub'),
        uid: hubUid
          .optional()
          .describe("UID of the hub's kube-system namespace; or a file that holds it."),
        uidPath: path.optional(),
        kubeconfigPath: path
          .optional()
          .describe('How to reach the hub and as whom: a kubeconfig, or all of the next three.'),
        url: z
          .url({ protocol: /^https$/, error: 'must be an https URL' })
          .optional()
          .describe("The hub's API server."),
        caPath: path.optional().describe('PEM file of the authority that signed its certificate.'),
        tokenPath: path
          .optional()
          .describe(
            'File of the token to begin with; the agent renews it, and reads the file again when it is refused.',
          ),
        namespace: z
          .string()
          .min(1)
          .max(63)
          .optional()
          .describe("Default: gridlease-provider- and the provider's name."),
        serviceAccountName: z.string().default('agent'),
      })
      .refine(({ uid, uidPath }) => isOne(uid, uidPath), 'give either uid or uidPath')
      .refine(
        ({ kubeconfigPath, url, caPath, tokenPath }) =>
          kubeconfigPath === undefined
            ? url !== undefined && caPath !== undefined && tokenPath !== undefined
            : (url ?? caPath ?? tokenPath) === undefined,
        'give either kubeconfigPath, or url, caPath and tokenPath',
      ),
    cluster: z.strictObject({
      kubeconfigPath: z.string().optional(),
      namespace: z.string().default('gridlease-agent'),
    }),
    chain: z
      .strictObject({
        rpcURL: z
          .url()
          .optional()
          .describe(
            "The provider's own, never a hub's; or a file that holds it, for a URL that is a secret.",
          ),
        rpcURLPath: path.optional(),
        chainId: z
          .int()
          .min(1)
          .optional()
          .describe(
            'What is stated is compared with the chain; what is left out is asked of it at the start.',
          ),
        escrow: address,
        token: z
          .strictObject({
            address,
            symbol: z.string().min(1).max(32),
            decimals: z.int().min(6).max(18),
          })
          .optional(),
        finality: z.enum(['Finalized', 'Safe', 'Latest']).default('Finalized'),
      })
      .refine(
        ({ rpcURL, rpcURLPath }) => isOne(rpcURL, rpcURLPath),
        'give either rpcURL or rpcURLPath',
      ),
    owner: address
      .optional()
      .describe(
        "Address that is paid: the provider's own, not the agent's. Default: who gave the grant.",
      ),
    agentKeyPath: z.string(),
    gasKeyPath: z.string(),
    grant: grant
      .optional()
      .describe("The owner's permission for the agent's key; or a JSON file that holds it."),
    grantPath: path.optional(),
    offers: z.array(offerConfig).max(64),
    redeem: z
      .strictObject({
        minAmount: price.default('0').describe('Smallest amount worth a transaction, token units.'),
        maxDelaySeconds: seconds(1)
          .default(86_400)
          .describe('Longest time that money owed waits for its transaction.'),
        nativePrice: price
          .optional()
          .describe(
            "Price of the chain's coin, token units; without it gas is not weighed against what it brings.",
          ),
        maxGasBps: z
          .int()
          .min(1)
          .max(10_000)
          .default(500)
          .describe(
            'The largest share of a settlement that gas may cost, in 1/10,000; waits up to maxDelaySeconds.',
          ),
        withdrawAbove: price
          .optional()
          .describe(
            'Credit from which it is withdrawn to the payout address, token units; without it, never.',
          ),
      })
      .prefault({})
      .describe('When what is owed is fetched from the chain.'),
    stopSeconds: seconds(1)
      .default(20)
      .describe('Longest time that killing pods may take when nobody pays for it.'),
    listen: z.strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.int().min(0).max(65_535),
    }),
    heartbeatSeconds: seconds(1).default(10).describe('Between two signs of life at the hub.'),
    watch: watchConfig.describe('How long to trust the watches, at the hub and at home.'),
    inventoryMinSeconds: seconds(0)
      .default(5)
      .describe('Between two inventories at the hub, at least.'),
    inventory: inventoryConfig,
    metering: meteringConfig,
    networkPolicy: z
      .enum(['Check', 'Enforced', 'NotEnforced'])
      .default('Check')
      .describe(
        'Whether the cluster keeps NetworkPolicies. Check: the agent looks for a known network plugin that does, on every node with GPUs. Enforced, NotEnforced: what the provider states instead.',
      ),
    fundDeadlineSeconds: seconds(1)
      .default(120)
      .describe('How long an accepted lease waits for money.'),
    outputs: z
      .strictObject({
        uploaderImage: z
          .string()
          .regex(/@sha256:[0-9a-f]{64}$/, 'must end with @sha256: and a digest')
          .describe(
            'Image with a digest, that the nodes can pull; see docs/job-ends.md for what it must do.',
          ),
      })
      .optional()
      .describe(
        'Copies what tasks leave in spec.outputs; without it leases with outputs are refused.',
      ),
    podRetentionSeconds: seconds(0)
      .default(600)
      .describe('How long finished Jobs and their pods stay for who wants to read them.'),
    recordRetentionSeconds: seconds(0)
      .default(604_800)
      .describe(
        'How long the record of a settled lease stays; when its lease is gone it goes at once.',
      ),
    closedRanges: z
      .array(z.string())
      .max(128)
      .default([])
      .describe(
        "Address ranges that stay closed to tenants beside the private ones: nodes' public networks, the hub.",
      ),
    leaderElection: leaderElectionConfig(
      electionLeaseName
        .optional()
        .describe(
          "Name of the Lease in the agent's namespace, the same in all its replicas. Default: one for each hub.",
        ),
    ).prefault({}),
    stateDir: z.string(),
    tracing: tracingConfig.optional(),
    logLevel: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
      .default('info')
      .describe('What is logged: this and all that is graver.'),
  })
  .refine(
    ({ grant: given, grantPath }) => isOne(given, grantPath),
    'give either grant or grantPath',
  );
