import type { Pod } from './clusterObjects.ts';

/** Labels of NVIDIA's DCGM exporter: as the GPU operator installs it, and as its own chart does. */
const exporterLabels = [
  ['app', 'nvidia-dcgm-exporter'],
  ['app.kubernetes.io/name', 'dcgm-exporter'],
] as const;
const port = 9400;

/** Whether a pod is NVIDIA's DCGM exporter. */
export function isExporter({ metadata }: Pod): boolean {
  return exporterLabels.some(([key, value]) => metadata.labels?.[key] === value);
}

/** Where a pod serves the exporter's page; empty for every other pod. */
export function exporterPagesOf(pod: Pod): readonly string[] {
  const ip = pod.status?.podIP;
  if (ip === undefined || ip === '' || !isExporter(pod)) return [];
  return [`http://${ip.includes(':') ? `[${ip}]` : ip}:${port}/metrics`];
}
