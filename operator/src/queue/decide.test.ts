import type { GPUJob, GPUJobSpecInput } from '@gridlease/crds/gpujob';
import type { PaymentAccount } from '@gridlease/crds/paymentaccount';
import { describe, expect, test } from '@jest/globals';
import { aCondition, aJob, anAccount, image } from '../testing/builders.ts';
import { decide } from './decide.ts';

type Case = {
  readonly name: string;
  readonly spec?: Partial<GPUJobSpecInput>;
  readonly status?: GPUJob['status'];
  readonly account?: PaymentAccount | 'none';
  readonly reason: string;
  readonly says: RegExp;
};

const ready = (status: 'True' | 'False' | 'Unknown', reason: string) =>
  anAccount({ status: { conditions: [aCondition('Ready', status, reason)] } });

const cases: readonly Case[] = [
  {
    name: 'nothing: a service',
    spec: { service: { replicas: 3, ports: [{ name: 'http', port: 8000 }] } },
    reason: 'Admitted',
    says: /team-a pays/,
  },
  {
    name: 'nothing: KeepRunning',
    spec: { failover: { onDisconnect: 'KeepRunning' } },
    reason: 'Admitted',
    says: /team-a pays/,
  },
  {
    name: 'all replicas together, though no provider may run them all',
    spec: {
      service: { replicas: 4, ports: [{ name: 'http', port: 8000 }] },
      gpu: { count: 1, locality: 'SameProvider' },
      placement: { maxProviderSharePercent: 50 },
    },
    reason: 'InvalidSpec',
    says: /wants all 4 replicas at one provider, placement\.maxProviderSharePercent 50 allows 2/,
  },
  {
    name: 'outputs of what never ends',
    spec: {
      service: { replicas: 1, ports: [{ name: 'http', port: 8000 }] },
      outputs: [{ path: '/out', uri: 's3://bucket/out' }],
    },
    reason: 'FieldNotSupported',
    says: /spec\.outputs/,
  },
  {
    name: 'a secret in the environment',
    spec: {
      workload: { image, env: [{ name: 'TOKEN', secretKeyRef: { name: 'hf', key: 'token' } }] },
    },
    reason: 'SecretNotSealed',
    says: /spec\.workload\.env\[TOKEN\]\.secretKeyRef/,
  },
  {
    name: 'a secret for outputs',
    spec: {
      outputs: [
        { path: '/a', uri: 's3://bucket/a' },
        { path: '/b', uri: 's3://bucket/b', secretName: 's3' },
      ],
    },
    reason: 'SecretNotSealed',
    says: /spec\.outputs\[1\]\.secretName/,
  },
  ...(['/', '/dev/shm', '/a/../etc', '//proc'] as const).map((path) => ({
    name: `outputs in ${path}`,
    spec: { outputs: [{ path, uri: 's3://bucket/a' }] },
    reason: 'InvalidSpec',
    says: /outputs\.0\.path: is no folder of the task’s own/,
  })),
  {
    name: 'one folder for two outputs',
    spec: {
      outputs: [
        { path: '/a', uri: 's3://bucket/a' },
        { path: '/a', uri: 's3://bucket/b' },
      ],
    },
    reason: 'InvalidSpec',
    says: /outputs: has a path twice/,
  },
  {
    name: 'a secret for the registry',
    spec: { workload: { image, imagePullSecretName: 'ghcr' } },
    reason: 'SecretNotSealed',
    says: /spec\.workload\.imagePullSecretName/,
  },
  {
    name: 'all tasks together, though no provider may run them all',
    spec: {
      batch: { completions: 4 },
      gpu: { count: 1, locality: 'SameProvider' },
      placement: { maxProviderSharePercent: 50 },
    },
    reason: 'InvalidSpec',
    says: /wants all 4 tasks at one provider, placement\.maxProviderSharePercent 50 allows 2/,
  },
  {
    name: 'a workload document that is too large',
    spec: {
      workload: {
        image,
        env: Array.from({ length: 128 }, (_, at) => ({ name: `V${at}`, value: 'x'.repeat(4096) })),
        command: Array.from({ length: 64 }, () => 'y'.repeat(4096)),
        args: Array.from({ length: 256 }, () => 'z'.repeat(4096)),
      },
    },
    reason: 'InvalidSpec',
    says: /spec\.workload is 1\d{6} characters long, 1000000 is the most/,
  },
  {
    name: 'no account',
    account: 'none',
    reason: 'AccountNotFound',
    says: /no PaymentAccount team-a in namespace team-a/,
  },
  {
    name: 'an account that nobody has looked at',
    account: anAccount({ status: { conditions: [] } }),
    reason: 'AccountNotReady',
    says: /has not been read yet/,
  },
  {
    name: 'an account without its chain',
    account: ready('False', 'ChainNotFound'),
    reason: 'AccountNotReady',
    says: /PaymentAccount team-a is not ready: ChainNotFound/,
  },
  {
    name: 'a chain that does not answer, before the job was admitted',
    account: ready('Unknown', 'ChainNotReady'),
    status: { conditions: [] },
    reason: 'AccountNotReady',
    says: /ChainNotReady/,
  },
  {
    name: 'a chain that does not answer for a while',
    account: ready('Unknown', 'ChainNotReady'),
    reason: 'Admitted',
    says: /team-a pays/,
  },
  {
    name: 'an account that lacks only money: match knows how much',
    account: ready('False', 'EscrowEmpty'),
    reason: 'Admitted',
    says: /team-a pays/,
  },
  {
    name: 'an account that lacks only the permission to move it',
    account: ready('False', 'DelegateNotAuthorized'),
    reason: 'Admitted',
    says: /team-a pays/,
  },
  { name: 'suspension', spec: { suspend: true }, reason: 'Suspended', says: /spec\.suspend/ },
  { name: 'nothing', reason: 'Admitted', says: /^PaymentAccount team-a pays$/ },
];

describe('a job is admitted unless something stands in its way', () => {
  test.each(cases)('$name', ({ spec = {}, status, account = anAccount(), reason, says }) => {
    const job = aJob({ spec, ...(status === undefined ? {} : { status }) });
    const admission = decide({ job, account: account === 'none' ? undefined : account });
    expect(admission.reason).toBe(reason);
    expect(admission.status).toBe(reason === 'Admitted' ? 'True' : 'False');
    expect(admission.message).toMatch(says);
  });

  test('what only its author can mend comes before what others can', () => {
    const workload = { image, imagePullSecretName: 'ghcr' };
    const job = aJob({ spec: { suspend: true, workload } });
    expect(decide({ job, account: undefined }).reason).toBe('SecretNotSealed');
  });
});
