import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import type { Manifest } from '../cluster/apiClient.ts';

const examples = resolve(import.meta.dirname, '../../examples');

type Example = Manifest & {
  readonly spec: {
    readonly workload: {
      readonly env: readonly { readonly name: string; readonly value: string }[];
    };
  };
};

/** One of the demo's jobs under another name, running for `seconds`. */
function jobFrom(file: string, name: string, seconds: number): Manifest {
  const example = parse(readFileSync(resolve(examples, file), 'utf8')) as Example;
  const { workload } = example.spec;
  const env = workload.env.map((variable) =>
    variable.name === 'SIMULATED_SECONDS' ? { ...variable, value: String(seconds) } : variable,
  );
  return {
    ...example,
    metadata: { ...example.metadata, name },
    spec: { ...example.spec, workload: { ...workload, env } },
  };
}

/** The demo's array with another number of tasks, all at once. */
export function arrayJob(name: string, tasks: number, seconds: number): Manifest {
  const job = jobFrom('array.yaml', name, seconds);
  const batch = { completions: tasks, parallelism: tasks, retryLimit: 2 };
  return { ...job, spec: { ...(job['spec'] as object), batch } };
}

/** The demo's two jobs, under names of their own: one task, and an array of twelve over two providers. */
export const demoJobs = (
  suffix: string,
  seconds: { readonly single: number; readonly array: number },
): readonly Manifest[] => [
  jobFrom('single-gpu.yaml', `finetune-${suffix}`, seconds.single),
  jobFrom('array.yaml', `render-frames-${suffix}`, seconds.array),
];

export const jobPath = (manifest: Manifest): string =>
  `/apis/gridlease.dev/v1alpha1/namespaces/${manifest.metadata.namespace}/gpujobs/${manifest.metadata.name}`;
