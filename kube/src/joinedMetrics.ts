import type { Registry } from 'prom-client';
import { unreadableName } from './metricDeclarations.ts';
import { runtimeMetrics } from './metrics.ts';

/** What is served at /metrics; a Registry is one. */
export type MetricsSource = {
  readonly contentType: string;
  metrics(): Promise<string>;
};

/**
 * One page of several registries, as they are at each look; no metric may be in two of them. A metric
 * whose reading throws is left off and counted: the rest of the page must not go dark with it.
 */
export function joinedMetrics(
  base: Registry,
  others: () => readonly (Registry | undefined)[],
  onUnreadable: (metric: string, error: unknown) => void = () => undefined,
): MetricsSource {
  const { unreadable } = runtimeMetrics(base);

  async function read(registry: Registry, name: string): Promise<string | undefined> {
    try {
      return await registry.getSingleMetricAsString(name);
    } catch (error) {
      onUnreadable(name, error);
      return undefined;
    }
  }

  return {
    contentType: base.contentType,
    async metrics() {
      const registries = [base, ...others().filter((registry) => registry !== undefined)];
      const parts = await Promise.all(
        registries.flatMap((registry) =>
          registry
            .getMetricsAsArray()
            .filter(({ name }) => name !== unreadableName)
            .map(({ name }) => read(registry, name)),
        ),
      );
      const texts = parts.filter((part) => part !== undefined);
      unreadable.set(parts.length - texts.length);
      return `${[...texts, await base.getSingleMetricAsString(unreadableName)].join('\n')}\n`;
    },
  };
}
