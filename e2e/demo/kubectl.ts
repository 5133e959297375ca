import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type Kubectl = (...args: readonly string[]) => Promise<string>;

/** kubectl against one cluster, as a person would type it; rejects with what kubectl printed. */
export function kubectlFor(binary: string, kubeconfig: string, signal?: AbortSignal): Kubectl {
  return async (...args) => {
    // Longer than any --timeout that is given to it.
    const options = {
      maxBuffer: 64 * 1024 * 1024,
      timeout: 120_000,
      ...(signal ? { signal } : {}),
    };
    const { stdout } = await run(binary, ['--kubeconfig', kubeconfig, ...args], options);
    return stdout;
  };
}

/** `kubectl get … -o json`, parsed. The caller names the shape it reads. */
export async function getJson<T>(kubectl: Kubectl, ...args: readonly string[]): Promise<T> {
  return JSON.parse(await kubectl('get', ...args, '-o', 'json')) as T;
}
