import { type Example, money, name, place, provider, quantity } from './example.ts';

const digest = 'a'.repeat(64);

/** Rules of GPUJob. */
export const jobExamples: Readonly<Record<string, Example>> = {
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
  'GPUJob spec.gpu.count gpu.countIsInRange': {
    path: 'spec.gpu.count',
    accepted: [1, 64],
    refused: [0, -1, 65],
    says: ['write 1 to 64', 'raise batch.completions'],
  },
  'GPUJob spec.batch.completions batch.completionsIsInRange': {
    path: 'spec.batch.completions',
    accepted: [4, 10_000],
    refused: [0, -1, 10_001],
    says: ['write 1 to 10000', 'several GPUJobs'],
  },
  'GPUJob spec.batch.parallelism batch.parallelismIsInRange': {
    path: 'spec.batch.parallelism',
    accepted: [1],
    refused: [0, -1],
    says: ['write 1 to 10000'],
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
    refused: ['Web', 'a_b', '80', 'a--b'],
    says: ['lower-case', 'beginning with a letter'],
    service: true,
  },
  'GPUJob spec.service.replicas service.replicasIsInRange': {
    path: 'spec.service.replicas',
    accepted: [0, 256],
    refused: [-1, 257],
    says: ['write 0 to 256', 'several GPUJobs'],
    service: true,
  },
  'GPUJob spec.service.ports onePortHasProbe': {
    path: 'spec.service.ports.1',
    accepted: [{ name: 'grpc', port: 9000 }],
    refused: [{ name: 'grpc', port: 9000, probe: { path: '/' } }],
    says: ['several probes among its 2 ports', 'keep one'],
    shows: [],
    service: true,
  },
  'GPUJob spec.service.ports portsDiffer': {
    path: 'spec.service.ports.1',
    accepted: [{ name: 'grpc', port: 8001 }],
    refused: [{ name: 'grpc', port: 8000 }],
    says: ['port number twice among its 2', 'remove one'],
    shows: [],
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
};
