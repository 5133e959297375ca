import { Gauge, type Registry } from 'prom-client';
import type { Capacity } from './capacity.ts';

/** The cluster's GPUs by product, read from the shared view when somebody looks. */
export function capacityMetrics(registry: Registry, capacity: () => Capacity | undefined): void {
  new Gauge({
    name: 'gridlease_gpus',
    help: 'GPUs of the cluster by normalised product: capacity, healthy, used by others, leased, free.',
    labelNames: ['product', 'state'] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const node of capacity()?.nodes ?? []) {
        const { product } = node;
        this.inc({ product, state: 'capacity' }, node.capacity);
        this.inc({ product, state: 'healthy' }, node.schedulable ? node.allocatable : 0);
        this.inc({ product, state: 'used' }, node.used);
        this.inc({ product, state: 'leased' }, node.leased);
        this.inc({ product, state: 'free' }, node.free);
      }
    },
  });
}
