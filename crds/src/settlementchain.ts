import {
  defineKind,
  type ObjectOf,
  type SpecInput,
  type SpecOf,
  type StatusOf,
} from './defineKind.ts';
import { choice, conditions, integer, observedGeneration, struct, text } from './fields.ts';
import { settlementChains } from './resources.ts';
import type { Rule } from './rule.ts';
import { nameOf, writtenAddress, writtenAs } from './userFields.ts';

function setOnce(field: string): Rule {
  return {
    name: `${field}IsSetOnce`,
    rule: 'self == oldSelf',
    message: `${field} is set once: channels are bound to it; create a new SettlementChain`,
    messageExpression: `'${field} can\\'t change from %s to %s: channels are bound to it; create a new SettlementChain'.format([oldSelf, self])`,
  };
}

const spec = struct('A chain and the contract on it. Written by a hub admin.', {
  chainId: integer('Number of the chain (EIP-155). Set once.', {
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    rules: [setOnce('chainId')],
  }),
  rpcSecretRef: struct('Key of a Secret that holds the RPC address; it may carry credentials.', {
    namespace: nameOf('rpcSecretRef.namespace', 'Namespace of the Secret.'),
    name: nameOf('rpcSecretRef.name', 'Name of the Secret.'),
    key: text('Key in the Secret.', { maxLength: 253, minLength: 1 }),
  }),
  escrow: writtenAddress('escrow', 'Address of the GpuEscrow contract. Set once.', [
    setOnce('escrow'),
  ]),
  token: struct('The ERC-20 token that is paid in.', {
    address: writtenAddress('token.address', 'Address of the token. Set once.', [
      setOnce('token.address'),
    ]),
    symbol: writtenAs('token.symbol', 'Its symbol, shown in messages.', {
      maxLength: 16,
      pattern: '^[A-Za-z0-9.]{1,16}$',
      remedy: 'write the symbol of the token, such as USDC',
    }),
    decimals: integer('Its decimals, 6 to 18: amounts with 6 decimals are exact. Set once.', {
      min: 6,
      max: 18,
      rules: [setOnce('token.decimals')],
    }),
  }),
  finality: choice(
    'Which block counts as final: Finalized, Safe, or Latest for chains without reorganisations. Default Finalized.',
    ['Finalized', 'Safe', 'Latest'],
  ).default('Finalized'),
  anchor: struct(
    'Where digests of placement records are anchored, and who pays for it. Default: nothing is anchored.',
    {
      address: writtenAddress('anchor.address', 'Address of the PlacementAnchor contract.'),
      keySecretRef: struct(
        'Key of a Secret in the operator’s namespace that holds a private key (0x and 64 hexadecimal digits). Its address is the publisher of the roots and pays the gas; it needs nothing but the chain’s coin and may own nothing else.',
        {
          name: nameOf('anchor.keySecretRef.name', 'Name of the Secret.'),
          key: text('Key in the Secret.', { maxLength: 253, minLength: 1 }),
        },
      ),
    },
  ).optional(),
});

const status = struct(
  'Whether the chain answers. Written by the operator; holds no block numbers.',
  {
    observedGeneration: observedGeneration().optional(),
    conditions: conditions(['Ready', 'AnchorReady']).optional(),
  },
);

/** A chain that payments settle on. */
export const settlementChain = defineKind({
  resource: settlementChains,
  shortNames: ['schain'],
  cluster: 'hub',
  description:
    'SettlementChain names a chain, the escrow contract and its token. Written by a hub admin; agents never trust it, they have their own configuration.',
  columns: [
    {
      name: 'State',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
      description: 'Whether it answers, or why not.',
    },
    {
      name: 'Chain ID',
      type: 'integer',
      jsonPath: '.spec.chainId',
      description: 'Number of the chain.',
    },
    {
      name: 'Token',
      type: 'string',
      jsonPath: '.spec.token.symbol',
      description: 'Token that is paid in.',
    },
    {
      name: 'Finality',
      type: 'string',
      jsonPath: '.spec.finality',
      description: 'Which block counts as final.',
    },
    {
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
      description: 'Time since creation.',
    },
    {
      name: 'Escrow',
      type: 'string',
      jsonPath: '.spec.escrow',
      description: 'The contract.',
      wide: true,
    },
    {
      name: 'Token address',
      type: 'string',
      jsonPath: '.spec.token.address',
      description: 'The token.',
      wide: true,
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].message',
      description: 'The state in words.',
      wide: true,
    },
  ],
  spec,
  status,
});

export type SettlementChain = ObjectOf<typeof settlementChain>;
export type SettlementChainSpec = SpecOf<typeof settlementChain>;
export type SettlementChainStatus = StatusOf<typeof settlementChain>;
/** What an admin writes: fields with a default may be missing. */
export type SettlementChainSpecInput = SpecInput<typeof settlementChain>;
