import { hashDocument } from '@gridlease/contracts/canonicalJson';
import { describe, expect, test } from '@jest/globals';
import { type GPUJob, type GPUJobSpecInput, gpuJob } from './gpujob.ts';
import { buildWorkloadDocument, workloadDocumentSchema } from './workloadDocument.ts';

const image = `registry.example/train@sha256:${'a'.repeat(64)}`;
type Workload = GPUJobSpecInput['workload'];

function aJob(workload: Partial<Workload> = {}, spec: Partial<GPUJobSpecInput> = {}): GPUJob {
  return gpuJob.parse({
    apiVersion: 'gridlease.dev/v1alpha1',
    kind: 'GPUJob',
    metadata: { name: 'finetune', namespace: 'team-a', uid: 'job-uid' },
    spec: {
      batch: { completions: 12 },
      workload: { image, ...workload },
      gpu: { count: 1 },
      budget: { accountName: 'team-a' },
      ...spec,
    },
  });
}

describe('the workload document', () => {
  test('holds what the tasks run, with the defaults filled in', () => {
    expect(buildWorkloadDocument(aJob({ env: [{ name: 'LR', value: '1e-4' }] }))).toEqual({
      protocolVersion: 1,
      job: { namespace: 'team-a', name: 'finetune', uid: 'job-uid' },
      completions: 12,
      image,
      env: [{ name: 'LR', value: '1e-4' }],
      runAsUser: 65_532,
      resources: { cpu: '1', memory: '4Gi', ephemeralStorage: '10Gi', sharedMemory: '1Gi' },
      egress: 'None',
      allow: [],
      gpu: { count: 1 },
      minIsolation: 'runc',
      maxDurationSeconds: 86_400,
      startDeadlineSeconds: 900,
      terminationGracePeriodSeconds: 60,
    });
  });

  test('is the same for the same job, so that leases share it', () => {
    const one = hashDocument(buildWorkloadDocument(aJob({ command: ['a'] })));
    expect(hashDocument(buildWorkloadDocument(aJob({ command: ['a'] })))).toBe(one);
    expect(hashDocument(buildWorkloadDocument(aJob({ command: ['b'] })))).not.toBe(one);
  });

  test('does not depend on who pays, where it may run or how often it is tried', () => {
    const one = hashDocument(buildWorkloadDocument(aJob()));
    const other = aJob({}, { budget: { accountName: 'team-b' }, placement: { regions: ['eu'] } });
    expect(hashDocument(buildWorkloadDocument(other))).toBe(one);
  });

  test('is not made from a Secret that nobody has sealed', () => {
    const job = aJob({ env: [{ name: 'TOKEN', secretKeyRef: { name: 's', key: 'k' } }] });
    expect(() => buildWorkloadDocument(job)).toThrow();
  });

  test('of a batch job is the same bytes as ever', () => {
    expect(hashDocument(buildWorkloadDocument(aJob()))).toBe(
      '0x02a92b7b88193b2d4570f503fa6bf730b8a2e5beb6c695019bdb7149cec800c0',
    );
  });

  const port = { name: 'http', port: 8000, probe: { path: '/health' } };
  const aService = (replicas: number, ports: readonly object[] = [port]): GPUJob =>
    aJob({}, { batch: undefined, service: { replicas, ports } } as never);

  test('of a service says what is served, not how often, and has no end of its own', () => {
    const document = buildWorkloadDocument(aService(1));
    const probe = { path: '/health', periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 3 };
    expect(document.service).toEqual({ ports: [{ ...port, probe }] });
    expect(document).not.toHaveProperty('completions');
    expect(document).not.toHaveProperty('maxDurationSeconds');
    expect(hashDocument(buildWorkloadDocument(aService(5)))).toBe(hashDocument(document));
    const limited = { ...aService(1).spec, runtime: { maxDurationSeconds: 60 } };
    const job = gpuJob.parse({ ...aService(1), spec: limited });
    expect(buildWorkloadDocument(job).maxDurationSeconds).toBe(60);
  });

  test.each([
    ['two probes', [port, { ...port, name: 'admin', port: 9000 }]],
    ['a port twice', [port, { name: 'admin', port: 8000 }]],
    ['a name twice', [port, { name: 'http', port: 9000 }]],
    ['no port', []],
  ])('of a service with %s can not be made', (_, ports) => {
    expect(() => buildWorkloadDocument({ ...aService(1), spec: withPorts(ports) })).toThrow();
  });

  // Past the schema of GPUJob: an agent trusts no hub to have checked it.
  const withPorts = (ports: readonly object[]): GPUJob['spec'] => ({
    ...aService(1).spec,
    service: { replicas: 1, ports: ports as never },
  });

  const good = buildWorkloadDocument(aJob());
  test.each([
    ['an unknown field', { ...good, hostNetwork: true }],
    ['an unknown field further down', { ...good, resources: { ...good.resources, gpu: '9' } }],
    ['another version', { ...good, protocolVersion: 2 }],
    ['root', { ...good, runAsUser: 0 }],
    ['an image without digest', { ...good, image: 'ubuntu:24.04' }],
    ['a reserved variable', { ...good, env: [{ name: 'LD_PRELOAD', value: '/x.so' }] }],
    ['MPS', { ...good, env: [{ name: 'CUDA_MPS_PIPE_DIRECTORY', value: '/x' }] }],
    [
      'a variable twice',
      {
        ...good,
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      },
    ],
    ['a quantity that is none', { ...good, resources: { ...good.resources, cpu: '-1' } }],
    ['a path that leaves the root', { ...good, workingDir: 'work' }],
    ['tasks that never end', { ...good, maxDurationSeconds: undefined }],
    ['neither tasks nor a service', { ...good, completions: undefined }],
    ['both tasks and a service', { ...good, service: { ports: [{ name: 'a', port: 1 }] } }],
  ])('an agent refuses %s', (_, document) => {
    expect(workloadDocumentSchema.safeParse(document).success).toBe(false);
  });

  test('an agent accepts what the hub builds', () => {
    expect(workloadDocumentSchema.parse(JSON.parse(JSON.stringify(good)))).toEqual(good);
  });
});
