import { hash } from './samples.ts';

/**
 * For each rule one value that is accepted and one that is refused, with what the refusal must say: the
 * field, the value, the remedy. The keys are `Kind path rule`; a rule without an entry fails the test.
 */
export type Example = {
  /** Where the value goes, in an otherwise valid object. */
  readonly path: string;
  readonly accepted: readonly unknown[];
  readonly refused: readonly unknown[];
  /** Besides the path and the refused value (when it is text or a number). */
  readonly says: readonly string[];
  /** For rules over a change: the object exists with its sample value first. */
  readonly update?: true;
  /** The sample is a service instead of a batch. */
  readonly service?: true;
  /** The refused value is an object or list: what of it is in the message. */
  readonly shows?: readonly string[];
};

const digest = 'a'.repeat(64);
const noMoney = ['-1', '1.0000001', '1e3', '', '+1', '.5', '01', '1,5'];
const money = (path: string): Example => ({
  path,
  accepted: ['0', '2.10', '0.000001', '1000000'],
  refused: noMoney,
  says: ['at most 6 decimals'],
});
const name = (path: string): Example => ({
  path,
  accepted: ['a', 'my.secret-1'],
  refused: ['My_Secret', '-a', 'a/b'],
  says: ['lower-case'],
});
const provider = (path: string): Example => ({
  path,
  accepted: ['delta', 'd'.repeat(40)],
  refused: ['Delta', 'd'.repeat(41), 'a.b'],
  says: ['at most 40'],
});
const address = (path: string): Example => ({
  path,
  accepted: [`0x${'9'.repeat(40)}`, `0x${'aB'.repeat(20)}`],
  refused: ['0x12', 'alice.eth', '9'.repeat(40), `0x${'0'.repeat(40)}`, `0x${'g'.repeat(40)}`],
  says: ['40 hexadecimal digits'],
});
const quantity = (path: string): Example => ({
  path,
  accepted: ['8', '500m', '64Gi'],
  refused: ['0', '-1', 'many', '64GB'],
  says: ['64Gi'],
});
const place = (path: string): Example => ({
  path,
  accepted: ['s3://bucket/path', 'https://example.org/x'],
  refused: ['bucket/path', 's3:/bucket', 's3://a b'],
  says: ['scheme://place'],
});
const setOnce = (path: string, value: unknown, remedy: string): Example => ({
  path,
  accepted: [],
  refused: [value],
  says: ["can't change from", `create a new ${remedy}`],
  update: true,
});

/** Kind path rule → example. */
export const examples: Readonly<Record<string, Example>> = {
  'GPUJob  nameFitsLabel': {
    path: 'metadata.name',
    accepted: ['x'.repeat(63)],
    refused: ['a.b', 'x'.repeat(64)],
    says: ['at most 63'],
  },
  'GPUJob spec exactlyOneOfBatchAndService': {
    path: 'spec.service',
    accepted: [undefined],
    refused: [{ replicas: 1, ports: [{ name: 'http', port: 80 }] }],
    says: ['both batch and service', 'remove one'],
    shows: [],
  },
  'GPUJob spec.batch parallelismWithinCompletions': {
    path: 'spec.batch.parallelism',
    accepted: [12, undefined],
    refused: [13],
    says: ['batch.completions is 12', 'lower parallelism'],
  },
  'GPUJob spec.service.ports[].name port nameIsWellFormed': {
    path: 'spec.service.ports.0.name',
    accepted: ['web-1'],
    refused: ['Web', 'a_b'],
    says: ['lower-case'],
    service: true,
  },
  'GPUJob spec.service.ports[].probe.path probe.pathIsWellFormed': {
    path: 'spec.service.ports.0.probe.path',
    accepted: ['/'],
    refused: ['health', '/a b'],
    says: ['begins with /'],
    service: true,
  },
  'GPUJob spec.workload.image imageHasDigest': {
    path: 'spec.workload.image',
    accepted: [`a@sha256:${digest}`, `localhost:5000/a/b:v1@sha256:${digest}`],
    refused: [
      'ubuntu:24.04',
      'ubuntu',
      'a@sha256:12',
      `a@sha256:${'A'.repeat(64)}`,
      `a@sha512:${digest}`,
    ],
    says: ['@sha256:<64 hex digits>'],
  },
  'GPUJob spec.workload.env[] envHasOneSource': {
    path: 'spec.workload.env',
    accepted: [[{ name: 'A', value: '' }], [{ name: 'A', secretKeyRef: { name: 's', key: 'k' } }]],
    refused: [
      [{ name: 'TOKEN' }],
      [{ name: 'TOKEN', value: '1', secretKeyRef: { name: 's', key: 'k' } }],
    ],
    says: ['exactly one of value and secretKeyRef', 'keep one'],
    shows: ['TOKEN'],
  },
  'GPUJob spec.workload.env[].name envNameIsWellFormed': {
    path: 'spec.workload.env.0.name',
    accepted: ['_A1'],
    refused: ['1A', 'A-B', ''],
    says: ['letters, digits and _'],
  },
  'GPUJob spec.workload.env[].name envNameIsAllowed': {
    path: 'spec.workload.env.0.name',
    accepted: ['LD_LIBRARY_PATH', 'CUDA_VISIBLE_DEVICES'],
    refused: [
      'LD_PRELOAD',
      'LD_AUDIT',
      'NVIDIA_VISIBLE_DEVICES',
      'NVIDIA_DRIVER_CAPABILITIES',
      'CUDA_MPS_PIPE_DIRECTORY',
      'JOB_COMPLETION_INDEX',
    ],
    says: ['reserved', 'remove it'],
  },
  'GPUJob spec.workload.env[].secretKeyRef.name secretKeyRef.nameIsWellFormed': name(
    'spec.workload.env.1.secretKeyRef.name',
  ),
  'GPUJob spec.workload.workingDir workingDirIsWellFormed': {
    path: 'spec.workload.workingDir',
    accepted: ['/'],
    refused: ['work', '/a:b'],
    says: ['absolute path'],
  },
  'GPUJob spec.workload.imagePullSecretName imagePullSecretNameIsWellFormed': name(
    'spec.workload.imagePullSecretName',
  ),
  'GPUJob spec.workload.resources.cpu resources.cpuIsQuantity': quantity(
    'spec.workload.resources.cpu',
  ),
  'GPUJob spec.workload.resources.memory resources.memoryIsQuantity': quantity(
    'spec.workload.resources.memory',
  ),
  'GPUJob spec.workload.resources.ephemeralStorage resources.ephemeralStorageIsQuantity': quantity(
    'spec.workload.resources.ephemeralStorage',
  ),
  'GPUJob spec.workload.resources.sharedMemory resources.sharedMemoryIsQuantity': quantity(
    'spec.workload.resources.sharedMemory',
  ),
  'GPUJob spec.workload.allow[].cidr cidrIsValid': {
    path: 'spec.workload.allow.0.cidr',
    accepted: ['10.0.0.0/8', '2001:db8::/32'],
    refused: ['10.0.0.0', '10.0.0.0/33', 'example.org'],
    says: ['203.0.113.0/24'],
  },
  'GPUJob spec.gpu.products[] gpu.productsIsWellFormed': {
    path: 'spec.gpu.products.0',
    accepted: ['RTX 3090', 'A100-SXM4-80GB'],
    refused: ['', 'H100*', '-H100'],
    says: ['RTX-4090'],
  },
  'GPUJob spec.placement.regions[] placement.regionsIsWellFormed': {
    path: 'spec.placement.regions.0',
    accepted: ['us-east-1'],
    refused: ['EU', 'eu central'],
    says: ['eu-central'],
  },
  'GPUJob spec.placement.jurisdictions[] placement.jurisdictionsIsWellFormed': {
    path: 'spec.placement.jurisdictions.0',
    accepted: ['US'],
    refused: ['de', 'DEU', 'D'],
    says: ['two capital letters'],
  },
  'GPUJob spec.placement.providers providersNotAllowedAndDenied': {
    path: 'spec.placement.providers',
    accepted: [{ allow: ['alpha'] }, { deny: ['alpha'] }, { allow: ['alpha'], deny: ['bravo'] }],
    refused: [{ allow: ['alpha', 'bravo'], deny: ['bravo'] }],
    says: ['remove it from allow or from deny'],
    shows: ['bravo'],
  },
  'GPUJob spec.placement.providers.allow[] providers.allowIsWellFormed': provider(
    'spec.placement.providers.allow.0',
  ),
  'GPUJob spec.placement.providers.deny[] providers.denyIsWellFormed': provider(
    'spec.placement.providers.deny.0',
  ),
  'GPUJob spec.budget.accountName budget.accountNameIsWellFormed': name('spec.budget.accountName'),
  'GPUJob spec.budget.maxPricePerGPUHour budget.maxPricePerGPUHourIsExactMoney': money(
    'spec.budget.maxPricePerGPUHour',
  ),
  'GPUJob spec.budget.maxTotal budget.maxTotalIsExactMoney': money('spec.budget.maxTotal'),
  'GPUJob spec.failover.checkpointURI failover.checkpointURIIsWellFormed': place(
    'spec.failover.checkpointURI',
  ),
  'GPUJob spec.outputs[].path outputs.pathIsWellFormed': {
    path: 'spec.outputs.0.path',
    accepted: ['/data'],
    refused: ['data'],
    says: ['absolute path'],
  },
  'GPUJob spec.outputs[].uri outputs.uriIsWellFormed': place('spec.outputs.0.uri'),
  'GPUJob spec.outputs[].secretName outputs.secretNameIsWellFormed': name(
    'spec.outputs.0.secretName',
  ),
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
  'SettlementChain spec.token.decimals token.decimalsIsSetOnce': setOnce(
    'spec.token.decimals',
    18,
    'SettlementChain',
  ),
};

/** Bounds that the schema itself holds, where people meet them. The API server words these. */
export const bounds: readonly (Omit<Example, 'accepted'> & { readonly kind: string })[] = [
  { kind: 'GPUJob', path: 'spec.gpu.count', refused: [0, -1, 65], says: ['should be'] },
  { kind: 'GPUJob', path: 'spec.gpu.count', refused: ['2'], says: ['must be of type integer'] },
  { kind: 'GPUJob', path: 'spec.batch.completions', refused: [0, 10_001], says: ['should be'] },
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
