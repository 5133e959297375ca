import { hash } from './basics.ts';
import { address, type Example, money, name, provider, setOnce } from './example.ts';
import { jobExamples } from './jobExamples.ts';
import { transactionName } from './recordSamples.ts';

/** Kind path rule → example. */
export const examples: Readonly<Record<string, Example>> = {
  ...jobExamples,
  'PaymentAccount spec.address addressIsAddress': address('spec.address'),
  'PaymentAccount spec.address addressIsSetOnce': setOnce(
    'spec.address',
    `0x${'9'.repeat(40)}`,
    'PaymentAccount',
  ),
  'PaymentAccount spec.chainName chainNameIsWellFormed': name('spec.chainName'),
  'PaymentAccount spec.chainName chainNameIsSetOnce': setOnce(
    'spec.chainName',
    'other',
    'PaymentAccount',
  ),
  'PaymentAccount spec.caps.perHour caps.perHourIsExactMoney': money('spec.caps.perHour'),
  'PaymentAccount spec.caps.perDay caps.perDayIsExactMoney': money('spec.caps.perDay'),
  'PaymentAccount spec.caps.total caps.totalIsExactMoney': money('spec.caps.total'),
  'PaymentAccount spec.allowedProviders[] allowedProvidersIsWellFormed':
    provider('spec.allowedProviders.0'),
  'PaymentAccount spec.warmChannels[].providerName warmChannels.providerNameIsWellFormed': provider(
    'spec.warmChannels.0.providerName',
  ),
  'PaymentAccount spec.warmChannels[].amount warmChannels.amountIsExactMoney': money(
    'spec.warmChannels.0.amount',
  ),
  'GPUProvider  nameFitsNamespace': {
    path: 'metadata.name',
    accepted: ['x'.repeat(40)],
    refused: ['a.b', 'x'.repeat(41)],
    says: ['at most 40'],
  },
  'GPUProvider spec.address addressIsAddress': address('spec.address'),
  'GPUProvider spec.address addressIsSetOnce': setOnce(
    'spec.address',
    `0x${'9'.repeat(40)}`,
    'GPUProvider',
  ),
  'GPUProvider spec.region regionIsWellFormed': {
    path: 'spec.region',
    accepted: ['us-east-1'],
    refused: ['EU', ''],
    says: ['eu-central'],
  },
  'GPUProvider spec.jurisdiction jurisdictionIsWellFormed': {
    path: 'spec.jurisdiction',
    accepted: ['US'],
    refused: ['de', 'Germany'],
    says: ['two capital letters'],
  },
  'SettlementChain spec.chainId chainIdIsSetOnce': setOnce('spec.chainId', 1, 'SettlementChain'),
  'SettlementChain spec.rpcSecretRef.namespace rpcSecretRef.namespaceIsWellFormed': name(
    'spec.rpcSecretRef.namespace',
  ),
  'SettlementChain spec.rpcSecretRef.name rpcSecretRef.nameIsWellFormed':
    name('spec.rpcSecretRef.name'),
  'SettlementChain spec.escrow escrowIsAddress': address('spec.escrow'),
  'SettlementChain spec.escrow escrowIsSetOnce': setOnce(
    'spec.escrow',
    `0x${'9'.repeat(40)}`,
    'SettlementChain',
  ),
  'SettlementChain spec.token.address token.addressIsAddress': address('spec.token.address'),
  'SettlementChain spec.token.address token.addressIsSetOnce': setOnce(
    'spec.token.address',
    `0x${'9'.repeat(40)}`,
    'SettlementChain',
  ),
  'SettlementChain spec.token.symbol token.symbolIsWellFormed': {
    path: 'spec.token.symbol',
    accepted: ['USDC.e'],
    refused: ['US DC', ''],
    says: ['such as USDC'],
  },
  'SettlementChain spec.anchor.address anchor.addressIsAddress': address('spec.anchor.address'),
  'SettlementChain spec.anchor.keySecretRef.name anchor.keySecretRef.nameIsWellFormed': name(
    'spec.anchor.keySecretRef.name',
  ),
  'ChainTransaction  nameIsNonce': {
    path: 'metadata.name',
    accepted: [transactionName],
    refused: [`tx-31337-${'f'.repeat(40)}-8`, `tx-31338-${'f'.repeat(40)}-7`, 'tx-7'],
    shows: [],
    says: ['made from its chain, signer and nonce'],
  },
  'SettlementChain spec.token.decimals token.decimalsIsSetOnce': setOnce(
    'spec.token.decimals',
    18,
    'SettlementChain',
  ),
};

/** Bounds that the schema itself holds, where people meet them. The API server words these. */
export const bounds: readonly (Omit<Example, 'accepted'> & { readonly kind: string })[] = [
  { kind: 'GPUJob', path: 'spec.gpu.count', refused: ['2'], says: ['must be of type integer'] },
  {
    kind: 'GPUJob',
    path: 'spec.workload.runAsUser',
    refused: [0],
    says: ['greater than or equal to 1'],
  },
  {
    kind: 'GPUJob',
    path: 'spec.workload.env',
    refused: [
      [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    ],
    says: ['Duplicate value'],
    shows: ['A'],
  },
  { kind: 'GPUJob', path: 'spec.workload.egress', refused: ['All'], says: ['"None", "Public"'] },
  {
    kind: 'GPUJob',
    path: 'spec.budget.maxTotal',
    refused: [2.5],
    says: ['must be of type string'],
  },
  { kind: 'GPUJob', path: 'spec.budget', refused: [undefined], says: ['Required value'] },
  { kind: 'GPUJob', path: 'spec.workload', refused: [undefined], says: ['Required value'] },
  { kind: 'SettlementChain', path: 'spec.token.decimals', refused: [5, 19], says: ['should be'] },
  {
    kind: 'GPUOffer',
    path: 'spec.pricePerGPUHour',
    refused: ['2.1000001', '-1'],
    says: ['should match'],
  },
  {
    kind: 'GPUProvider',
    path: 'spec.abandoned.reason',
    refused: [''],
    says: ['at least 1 char'],
  },
  {
    kind: 'GPUProvider',
    path: 'spec.abandoned',
    refused: [{}],
    says: ['spec.abandoned.reason', 'Required value'],
    shows: [],
  },
  {
    kind: 'GPULease',
    path: 'spec.lost',
    refused: [{ time: '2026-01-01T00:00:00Z', reason: 'Bored', message: 'no' }],
    says: ['spec.lost.reason', 'Unsupported value', '"ProviderLost", "Abandoned"'],
    shows: [],
  },
  { kind: 'GPUOffer', path: 'spec.offerHash', refused: ['0x12'], says: ['should match'] },
  {
    kind: 'GPULease',
    path: 'spec.terms.maxAmount',
    refused: ['1.5', '-1', '0x1'],
    says: ['should match'],
  },
  {
    kind: 'GPULease',
    path: 'spec.tasks.indexes',
    refused: ['', '0-', 'a'],
    says: ['spec.tasks.indexes'],
  },
  { kind: 'GPULease', path: 'spec.termsSignature', refused: [hash('1')], says: ['should match'] },
];
