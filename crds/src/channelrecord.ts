import { defineKind, type ObjectOf, type SpecOf } from './defineKind.ts';
import { address, bytes32, integer, list, struct, text, uint32, uint64, uint96 } from './fields.ts';
import { channelRecords } from './resources.ts';
import { chainId, redeemed, usageRow, usageStatement, voucher } from './statement.ts';

const channel = struct(
  'The channel on the chain.',
  {
    tenant: address('Address whose escrow pays.'),
    provider: address('Address that is paid.'),
    signer: address('Address that signs vouchers.'),
    generation: uint32('Generation that is in use.', 1),
    chainId: chainId(),
    escrow: address('The GpuEscrow contract.'),
  },
  { atomic: true },
);

const spec = struct(
  'Everything the agent must not forget about a channel.',
  {
    hub: text('Name of the hub in the agent’s configuration that bound the channel.', {
      maxLength: 253,
      minLength: 1,
    }),
    hubEpoch: uint64('Highest epoch of the hub seen; lower ones are refused.'),
    channel,
    statement: usageStatement.optional(),
    statementRows: list('Rows of the last signed statement, in its order.', usageRow, {
      max: 256,
    }).optional(),
    rows: list('Rows of the next statement.', usageRow, { max: 256 }),
    folded: struct(
      'Final rows that a reply accepted.',
      {
        amount: uint96('Their sum, in the token’s smallest units.'),
        head: bytes32('Hash chain over them.'),
      },
      { atomic: true },
    ),
    voucher: voucher.optional(),
    redeemed: redeemed.optional(),
    retiredGenerations: list(
      'Generations that were closed; their vouchers are worthless.',
      integer('One generation.', { min: 1, max: 4_294_967_295 }),
      { max: 1024 },
    ),
  },
  { atomic: true },
);

/** The agent's durable memory of one payment channel. */
export const channelRecord = defineKind({
  resource: channelRecords,
  shortNames: ['chr'],
  cluster: 'provider',
  description:
    'ChannelRecord is the agent’s durable memory of one payment channel, in the provider’s own cluster: last statement, best voucher, retired generations. Written by the agent only.',
  columns: [
    { name: 'Hub', type: 'string', jsonPath: '.spec.hub', description: 'The hub.' },
    {
      name: 'Generation',
      type: 'integer',
      jsonPath: '.spec.channel.generation',
      description: 'Generation in use.',
    },
    {
      name: 'Owed',
      type: 'string',
      jsonPath: '.spec.statement.cumulative',
      description: 'Stated, in smallest units.',
    },
    {
      name: 'Promised',
      type: 'string',
      jsonPath: '.spec.voucher.cumulative',
      description: 'Best voucher, in smallest units.',
    },
    {
      name: 'Redeemed',
      type: 'string',
      jsonPath: '.spec.redeemed.cumulative',
      description: 'Paid out, in smallest units.',
    },
    {
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
      description: 'Time since creation.',
    },
    {
      name: 'Tenant',
      type: 'string',
      jsonPath: '.spec.channel.tenant',
      description: 'Address that pays.',
      wide: true,
    },
    {
      name: 'Signer',
      type: 'string',
      jsonPath: '.spec.channel.signer',
      description: 'Address that signs.',
      wide: true,
    },
  ],
  spec,
});

export type ChannelRecord = ObjectOf<typeof channelRecord>;
export type ChannelRecordSpec = SpecOf<typeof channelRecord>;
