import type { Registry } from 'prom-client';
import { runtimeMetrics } from './metrics.ts';

export type QueueMetrics = {
  added(): void;
  retried(): void;
  /** One key more or less is ready, at this priority. */
  queued(priority: number, change: 1 | -1): void;
  /** A worker took a key that was ready for `ms` milliseconds. */
  taken(ms: number): void;
  /** A worker gave a key back after `ms` milliseconds. */
  finished(ms: number): void;
  /** The queue is empty for good. */
  closed(): void;
};

/** The workqueue_* series of one queue, from zero. `heldMs`: how long each key has been held. */
export function queueMetrics(
  registry: Registry,
  name: string,
  heldMs: () => readonly number[],
): QueueMetrics {
  const metrics = runtimeMetrics(registry);
  const labels = { name, controller: name };
  metrics.queueDepth.set({ ...labels, priority: '0' }, 0);
  metrics.queueAdds.inc(labels, 0);
  metrics.queueRetries.inc(labels, 0);
  metrics.queueDuration.zero(labels);
  metrics.workDuration.zero(labels);
  const collect = (): void => {
    const held = heldMs();
    const total = held.reduce((sum, ms) => sum + ms, 0);
    metrics.unfinishedWork.set(labels, total / 1000);
    metrics.longestRunning.set(labels, Math.max(0, ...held) / 1000);
  };
  metrics.collectors.add(collect);
  return {
    added: () => metrics.queueAdds.inc(labels),
    retried: () => metrics.queueRetries.inc(labels),
    queued: (priority, change) =>
      metrics.queueDepth.inc({ ...labels, priority: String(priority) }, change),
    taken: (ms) => metrics.queueDuration.observe(labels, ms / 1000),
    finished: (ms) => metrics.workDuration.observe(labels, ms / 1000),
    closed: () => {
      collect();
      metrics.collectors.delete(collect);
    },
  };
}
