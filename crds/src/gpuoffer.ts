import { defineKind, type ObjectOf, type SpecOf } from './defineKind.ts';
import { address, bytes32, signature, struct, text, time, uint32, uint64 } from './fields.ts';
import { gpuOffers } from './resources.ts';

/** Exactly representable in every token: at most 6 decimals. */
const price = (description: string) =>
  text(description, { maxLength: 32, pattern: /^(0|[1-9][0-9]{0,17})(\.[0-9]{1,6})?$/ });

const grant = struct(
  'The owner’s signed permission for the agent (EIP-712 AgentGrant).',
  {
    provider: address('Address of the owner.'),
    agent: address('Address of the agent.'),
    notBefore: uint64('Valid from, in unix seconds.'),
    notAfter: uint64('Valid until, in unix seconds.'),
    signature: signature('Signature of the owner.'),
  },
  { atomic: true },
);

const spec = struct(
  'A signed ask (EIP-712 Offer). Written by the agent. No defaults: what is signed is what is here.',
  {
    product: text('Normalised product, as in the inventory; signed as its keccak256.', {
      maxLength: 63,
      minLength: 1,
    }),
    pricePerGPUHour: price(
      'Price of one GPU for one hour, in token units with at most 6 decimals.',
    ),
    spotPricePerGPUHour: price(
      'The same for spot leases; absent when spot is not offered.',
    ).optional(),
    minGPUs: uint32('Smallest lease, in GPUs.'),
    maxGPUs: uint32('Largest lease, in GPUs.'),
    maxDurationSeconds: uint32('Longest lease, in seconds; 0 for no limit.'),
    validUntilTime: time('End of the offer; signed in unix seconds.'),
    provider: address('Address of the owner, who is paid.'),
    hub: bytes32('The hub that it is for: keccak256 of the UID of its kube-system namespace.'),
    policyHash: bytes32('Hash of the provider’s policy document; zero for none.'),
    salt: bytes32('Random; keeps two otherwise equal offers apart.'),
    offerHash: bytes32('Digest of the offer.'),
    agent: address('Address of the agent that signed.'),
    signature: signature('The agent’s signature.'),
    grant,
  },
  { atomic: true },
);

/** A provider's signed ask for one product. */
export const gpuOffer = defineKind({
  resource: gpuOffers,
  shortNames: ['go'],
  cluster: 'hub',
  description:
    'GPUOffer is a provider’s signed ask for one product at this hub. Written by its agent.',
  columns: [
    { name: 'Product', type: 'string', jsonPath: '.spec.product', description: 'GPU product.' },
    {
      name: 'Price',
      type: 'string',
      jsonPath: '.spec.pricePerGPUHour',
      description: 'Price of one GPU for one hour, in token units.',
    },
    {
      name: 'Spot',
      type: 'string',
      jsonPath: '.spec.spotPricePerGPUHour',
      description: 'The same for spot leases.',
      wide: true,
    },
    {
      name: 'Max GPUs',
      type: 'integer',
      jsonPath: '.spec.maxGPUs',
      description: 'Largest lease; 4294967295 is any.',
      wide: true,
    },
    {
      name: 'Valid until',
      type: 'string',
      jsonPath: '.spec.validUntilTime',
      description: 'End of the offer.',
    },
    {
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
      description: 'Time since creation.',
    },
    {
      name: 'Owner',
      type: 'string',
      jsonPath: '.spec.provider',
      description: 'Address that is paid.',
      wide: true,
    },
    {
      name: 'Agent',
      type: 'string',
      jsonPath: '.spec.agent',
      description: 'Address that signed.',
      wide: true,
    },
    {
      name: 'Hash',
      type: 'string',
      jsonPath: '.spec.offerHash',
      description: 'Digest of the offer.',
      wide: true,
    },
  ],
  selectableFields: ['.spec.product', '.spec.provider', '.spec.offerHash'],
  spec,
});

export type GPUOffer = ObjectOf<typeof gpuOffer>;
export type GPUOfferSpec = SpecOf<typeof gpuOffer>;
