import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Declares metrics in one registry; `collectors` are asked for values only worth computing when somebody looks. */
export function declarations(registry: Registry, collectors: ReadonlySet<() => void>) {
  const registers = [registry];
  const collect = (): void => {
    for (const collector of collectors) collector();
  };
  return {
    counter: <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
      new Counter({ name, help, labelNames, registers }),
    gauge: <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
      new Gauge({ name, help, labelNames, registers }),
    /** A gauge that the collectors set. */
    computed: <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
      new Gauge<L>({ name, help, labelNames, registers, collect }),
    histogram: <L extends string>(
      name: string,
      help: string,
      labelNames: readonly L[],
      buckets: number[],
    ) => new Histogram({ name, help, labelNames, buckets, registers }),
  };
}

export type Declare = ReturnType<typeof declarations>;
