import { delay } from './abort.ts';
import type { Cluster } from './cluster.ts';
import { describeError } from './errors.ts';
import type { HealthCheck } from './http.ts';
import type { ResourceDefinition } from './object.ts';

/** A check's name and what is wrong, if anything is. */
export type PreflightResult = { readonly name: string; readonly problem: string | undefined };

/**
 * Repeats checks until all of them pass or `timeoutMs` is over, since what an install has just made takes a moment.
 * Resolves with the last result of each, in their order; one that passed is not asked again.
 */
export async function runPreflight(options: {
  readonly checks: readonly HealthCheck[];
  /** Milliseconds. */
  readonly timeoutMs: number;
  /** Between two tries, milliseconds. Default: 2,000. */
  readonly pauseMs?: number;
  readonly signal: AbortSignal;
}): Promise<readonly PreflightResult[]> {
  const { checks, timeoutMs, pauseMs = 2_000, signal } = options;
  const endsAt = performance.now() + timeoutMs;
  let results: readonly PreflightResult[] = [];
  for (;;) {
    const before = results;
    results = await Promise.all(
      checks.map(async (check, index) => {
        const known = before[index];
        const isPassed = known !== undefined && known.problem === undefined;
        return isPassed ? known : { name: check.name, problem: await problemOf(check) };
      }),
    );
    const isOver = performance.now() + pauseMs > endsAt;
    if (isOver || results.every(({ problem }) => problem === undefined)) return results;
    await delay(pauseMs, signal);
  }
}

async function problemOf({ check }: HealthCheck): Promise<string | undefined> {
  try {
    return await check();
  } catch (error) {
    return describeError(error);
  }
}

/** One line a check, for a person who reads the log of a Job. */
export const preflightReport = (results: readonly PreflightResult[]): string =>
  results
    .map(({ name, problem }) =>
      problem === undefined ? `[+] ${name} ok\n` : `[-] ${name} failed: ${problem}\n`,
    )
    .join('');

type Discovery = { readonly resources?: readonly { readonly name: string }[] };

/** Whether the API server serves these kinds, all of one group and version; else which are missing. */
export function servedCheck(
  cluster: Cluster,
  definitions: readonly ResourceDefinition[],
): HealthCheck {
  const { group, version } = definitions[0]!;
  return {
    name: `kinds/${cluster.name}`,
    check: async () => {
      const path = `/apis/${group}/${version}`;
      const found = await cluster
        .request<Discovery>({ method: 'GET', path })
        .catch((error: unknown) => {
          // A group without any kind is not there at all.
          if ((error as { readonly status?: unknown }).status === 404) return {};
          throw error;
        });
      const served = new Set((found as Discovery).resources?.map(({ name }) => name));
      const missing = definitions.filter(({ plural }) => !served.has(plural));
      if (missing.length === 0) return undefined;
      const names = missing.map(({ plural }) => `${plural}.${group}`).join(', ');
      return `not served: ${names}; install the chart gridlease-crds first`;
    },
  };
}
