import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Hex } from 'viem';

/** The API servers and the chain that a test run shares; how they come up is e2e's business. */
export type TestEnvironment = {
  readonly hub: { readonly kubeconfig: string };
  readonly provider: { readonly kubeconfig: string };
  readonly chain: {
    readonly rpcURL: string;
    readonly chainId: number;
    readonly accounts: readonly { readonly privateKey: Hex }[];
  };
  readonly assets: { readonly kubectl: string };
};

/** From the file that GRIDLEASE_TEST_ENV names (the test runner sets it), else the one left running. */
export function testEnvironment(): TestEnvironment {
  const running = join(tmpdir(), `gridlease-test-env-${process.getuid?.() ?? 0}`, 'env.json');
  const file = process.env['GRIDLEASE_TEST_ENV'] ?? running;
  return JSON.parse(readFileSync(file, 'utf8')) as TestEnvironment;
}

/** The repository's root. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Runs kubectl as the clusters' admin and returns what it printed. Throws when it fails. */
export function kubectl(kubeconfig: string, args: readonly string[], input?: string): string {
  const { kubectl: program } = testEnvironment().assets;
  return execFileSync(program, ['--kubeconfig', kubeconfig, ...args], {
    encoding: 'utf8',
    ...(input === undefined ? {} : { input }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Applies an object, or a file's objects, as the admin. */
export function apply(kubeconfig: string, what: string | object): void {
  const args = ['apply', '--server-side', '--force-conflicts', '-f'];
  if (typeof what === 'string') kubectl(kubeconfig, [...args, what]);
  else kubectl(kubeconfig, [...args, '-'], JSON.stringify(what));
}

/** A simulated node with 8 GPUs of a product that no other test knows. */
export function createNode(kubeconfig: string, name: string, product: string): void {
  const labels = {
    'kubernetes.io/hostname': name,
    'gridlease.dev/simulated': 'true',
    'nvidia.com/gpu.product': `NVIDIA-${product}`,
    'nvidia.com/gpu.memory': '81559',
  };
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } };
  kubectl(kubeconfig, ['create', '-f', '-'], JSON.stringify(node));
  const amounts = {
    cpu: '64',
    memory: '512Gi',
    pods: '110',
    'ephemeral-storage': '1Ti',
    'nvidia.com/gpu': '8',
  };
  const patch = JSON.stringify({ status: { capacity: amounts, allocatable: amounts } });
  kubectl(kubeconfig, ['patch', 'node', name, '--subresource=status', '--type=merge', '-p', patch]);
}
