import { agentConfigSchema } from '@gridlease/provider-agent/configSchema';
import { z } from 'zod';
import { cidr, serverPattern, urlPattern } from './addresses.ts';
import { destinationOfURL, programValues } from './common.ts';
import { settingsOf } from './operator.ts';
import { needed, objectNamePattern, resources } from './pieces.ts';

/** What the chart itself decides, or asks for under a name of its own. */
const DECIDED = [
  'providerName',
  'hub',
  'cluster',
  'chain',
  'owner',
  'agentKeyPath',
  'gasKeyPath',
  'grant',
  'grantPath',
  'offers',
  'listen',
  'stateDir',
  'tracing',
];

/** values.yaml of gridlease-provider-agent. The first six have no default. */
export const agentValues = z.strictObject({
  provider: z
    .strictObject({
      name: needed(
        /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/,
        "Required. The name under which the hub's admin let you in: that of your GPUProvider.",
      ),
    })
    .prefault({})
    .describe('Who you are.'),
  hub: z
    .strictObject({
      url: needed(
        serverPattern,
        "Required. URL of the hub's API server, such as https://hub.example.org:6443.",
      ),
      name: z
        .string()
        .min(1)
        .max(253)
        .default('hub')
        .describe("The hub's name in your logs and metrics."),
      namespace: z
        .string()
        .regex(/^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$/)
        .default('')
        .describe('Your namespace at the hub. Empty: `gridlease-provider-<provider.name>`.'),
    })
    .prefault({})
    .describe('The hub that you join.'),
  credentials: z
    .strictObject({
      secretName: needed(
        objectNamePattern,
        "Required. Secret in the release's namespace with the keys `token`, `ca.crt`, `hub-uid` (all three from the hub's admin), `agent.key`, `gas.key` and `grant.json` (yours).",
      ),
    })
    .prefault({})
    .describe('What proves who you are; the chart never holds it.'),
  chain: z
    .strictObject({
      rpcURL: needed(
        urlPattern('https?'),
        'Required. URL of an RPC server of the chain. With a key in it: use rpcURLKey.',
      ),
      rpcURLKey: z
        .string()
        .regex(/^[-._a-zA-Z0-9]*$/)
        .max(253)
        .default('')
        .describe('Key of the Secret that holds the URL instead of rpcURL.'),
      escrow: needed(
        /^0x[0-9a-fA-F]{40}$/,
        'Required. Address of the escrow contract that pays you; token and chain id are read from it.',
      ),
      finality: z
        .enum(['Finalized', 'Safe', 'Latest'])
        .default('Finalized')
        .describe('Which block counts as final.'),
    })
    .prefault({})
    .describe('The chain on which you are paid.'),
  offers: agentConfigSchema.shape.offers
    .default([])
    .describe(
      'Required. What you offer, one entry a product and price: see the example. The first that fits a GPU counts, so that `H100-80GB` stands before `H100`.',
    ),
  ...programValues('gridlease/provider-agent', {
    hub: destinationOfURL(
      "The hub's API server; its port is that of hub.url.",
      "the hub's API server",
    ),
  }),
  resources: resources('100m', '192Mi', '512Mi'),
  config: settingsOf(
    {
      ...agentConfigSchema.shape,
      // The agent takes a bare address too, and says what is wrong only once it runs.
      closedRanges: z
        .array(cidr)
        .max(128)
        .default([])
        .describe(agentConfigSchema.shape.closedRanges.description ?? ''),
    },
    DECIDED,
  ).describe("The agent's other settings. Left out, they have the agent's defaults."),
});
