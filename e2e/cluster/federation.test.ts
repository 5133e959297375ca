import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApiClient, type Manifest } from './apiClient.ts';
import { readEnvironment } from './environment.ts';
import { type Federation, startFederation } from './federation.ts';
import { readKubeconfig } from './kubeconfig.ts';
import { isRunning } from './processIdentity.ts';
import { silentProgress } from './progress.ts';
import { waitFor } from './waitFor.ts';

type Pod = Manifest & {
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly containerStatuses?: readonly {
      readonly allocatedResourcesStatus?: readonly {
        readonly resources: readonly { readonly resourceID: string }[];
      }[];
      readonly state: {
        readonly terminated?: {
          readonly exitCode: number;
          readonly startedAt: string;
          readonly finishedAt: string;
        };
      };
    }[];
  };
};

const NAMESPACE = 'trial';

const job = (name: string, container: Readonly<Record<string, unknown>>): Manifest => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { namespace: NAMESPACE, name },
  spec: {
    backoffLimit: 0,
    template: {
      spec: {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'task',
            image: 'example',
            resources: { limits: { 'nvidia.com/gpu': '2' } },
            ...container,
          },
        ],
      },
    },
  },
});

describe('a federation of clusters', () => {
  let dir: string;
  let federation: Federation;
  let provider: ApiClient;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'gridlease-federation-'));
    federation = await startFederation({
      dir,
      components: 'clusters',
      progress: silentProgress,
      providers: [
        {
          name: 'alpha',
          region: 'eu-central',
          jurisdiction: 'DE',
          pools: [{ product: 'H100', nodes: 2, gpusPerNode: 8 }],
          offers: [{ product: 'H100', pricePerGPUHour: '2.10' }],
        },
      ],
    });
    // As the provider's admin, with the kubeconfig that people are given.
    provider = new ApiClient(readKubeconfig(federation.environment.providers[0]?.kubeconfig ?? ''));
    await provider.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  }, 120_000);

  afterAll(async () => {
    provider?.close();
    await federation?.stop();
    rmSync(dir, { recursive: true, force: true });
  }, 30_000);

  type Terminated = { readonly startedAt: string; readonly finishedAt: string };
  const secondsOf = (ended: Terminated | undefined): number =>
    (Date.parse(ended?.finishedAt ?? '') - Date.parse(ended?.startedAt ?? '')) / 1000;
  const endOf = (pod: Pod) => pod.status.containerStatuses?.[0]?.state.terminated;

  const finishedPod = (jobName: string): Promise<Pod> =>
    waitFor(
      async () => {
        const list = await provider.get<{ items: Pod[] }>(
          `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=job-name=${jobName}`,
        );
        return list.items.find((pod) => ['Succeeded', 'Failed'].includes(pod.status.phase));
      },
      { what: `the pod of ${jobName} finished` },
    );

  test.each([
    {
      name: 'by-variable',
      container: { env: [{ name: 'SIMULATED_SECONDS', value: '2' }], command: ['sleep', '60'] },
      seconds: 2,
      exitCode: 0,
    },
    {
      name: 'by-sleep',
      container: { command: ['sh', '-c', 'sleep 1; sleep 1; exit 7'] },
      seconds: 2,
      exitCode: 7,
    },
    { name: 'by-args', container: { args: ['sleep', '1'] }, seconds: 1, exitCode: 0 },
    { name: 'by-default', container: { command: ['train'] }, seconds: 5, exitCode: 0 },
    {
      name: 'by-exit-code',
      container: {
        env: [
          { name: 'SIMULATED_SECONDS', value: '1' },
          { name: 'SIMULATED_EXIT_CODE', value: '3' },
        ],
      },
      seconds: 1,
      exitCode: 3,
    },
    { name: 'by-false', container: { command: ['false'] }, seconds: 5, exitCode: 1 },
  ])(
    'a pod runs $seconds s on simulated GPUs and ends with $exitCode ($name)',
    async (expected) => {
      const run = async (name: string) => {
        await provider.apply(job(name, expected.container));
        const pod = await finishedPod(name);
        // Less would be a wrong plan.
        expect(secondsOf(endOf(pod))).toBeGreaterThanOrEqual(expected.seconds);
        return pod;
      };
      // A second more is the API's resolution. kwok writes the time at which it came to end the pod: a machine that
      // stood still may make one run longer, a wrong plan makes each.
      const isOnTime = (pod: Pod) => secondsOf(endOf(pod)) <= expected.seconds + 1;
      let pod = await run(`${expected.name}-1`);
      if (!isOnTime(pod)) pod = await run(`${expected.name}-2`);
      if (!isOnTime(pod)) pod = await run(`${expected.name}-3`);
      expect(secondsOf(endOf(pod))).toBeLessThanOrEqual(expected.seconds + 1);
      const container = pod.status.containerStatuses?.[0];
      const ended = endOf(pod);
      expect(pod.spec.nodeName).toMatch(/^alpha-h100-/);
      expect(pod.status.podIP).toMatch(/^10\.244\./);
      expect(ended?.exitCode).toBe(expected.exitCode);
      expect(pod.status.phase).toBe(expected.exitCode === 0 ? 'Succeeded' : 'Failed');
      const devices = container?.allocatedResourcesStatus?.flatMap((status) => status.resources);
      expect(new Set(devices?.map((device) => device.resourceID)).size).toBe(2);
    },
    120_000,
  );

  test('people come as bound platform admins, not as system:masters', async () => {
    const hub = new ApiClient(readKubeconfig(federation.environment.hub.kubeconfig));
    const review = await hub.request<{ status: { userInfo: { groups: string[] } } }>(
      'POST',
      '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    );
    expect(review.status.userInfo.groups).toContain('gridlease:platform-admins');
    expect(review.status.userInfo.groups).not.toContain('system:masters');
    hub.close();
  });

  test('what it writes down is readable by its owner only', () => {
    expect(readEnvironment(dir)).toEqual(federation.environment);
    expect(statSync(join(dir, 'env.json')).mode & 0o077).toBe(0);
    expect(statSync(federation.environment.hub.kubeconfig).mode & 0o077).toBe(0);
  });

  test('ends with all its processes', async () => {
    const records = federation.processes.records();
    expect(records.length).toBeGreaterThan(8);
    await federation.stop();
    expect(records.filter(isRunning)).toEqual([]);
  });
});
