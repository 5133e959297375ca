import { Gauge, type Registry } from 'prom-client';
import { type ClosedValues, withValues } from './closedValues.ts';

/** One series and its value. */
export type Series<L extends string> = readonly [
  labels: Readonly<Record<L, string>>,
  value: number,
];

/**
 * A gauge that is read when somebody looks: its series are what `read` says, so that what is gone from
 * there is gone from the page too. `read` must be cheap, it holds up everything else.
 */
export function seriesGauge<L extends string>(
  registry: Registry,
  options: {
    readonly name: string;
    readonly help: string;
    readonly labelNames: readonly L[];
    /** For the reference: what a label may say, where that is a closed list. */
    readonly values?: ClosedValues<L>;
    readonly read: () => Iterable<Series<L>>;
  },
): void {
  const { name, help, labelNames, read } = options;
  const gauge = new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      this.reset();
      for (const [labels, value] of read()) this.set(labels, value);
    },
  });
  if (options.values !== undefined) withValues(gauge, options.values);
}

/** A gauge without labels that is read when somebody looks; no sample while `read` has no answer. */
export function readGauge(
  registry: Registry,
  options: {
    readonly name: string;
    readonly help: string;
    readonly read: () => number | undefined;
  },
): void {
  const { name, help, read } = options;
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      const value = read();
      if (value === undefined) this.remove();
      else this.set(value);
    },
  });
}
