import { LABEL_LEASE_UID } from '@gridlease/crds/labels';

/** As much of a Pod as says whether it is an exporter, and where. */
export type PodView = {
  readonly metadata: {
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly nodeName?: string };
  readonly status?: { readonly podIP?: string };
};

/** Labels of NVIDIA's DCGM exporter: as the GPU operator installs it, and as its own chart does. */
const exporterLabels = [
  ['app', 'nvidia-dcgm-exporter'],
  ['app.kubernetes.io/name', 'dcgm-exporter'],
] as const;
const port = 9400;

/** Where a DCGM exporter serves its page. */
export type ExporterSource = {
  readonly url: string;
  /** The only node that it is believed about; undefined: all of them, as the provider says so. */
  readonly nodeName: string | undefined;
};

/** Whether a pod carries the labels of NVIDIA's DCGM exporter, and no tenant's. */
export function isExporter({ metadata }: PodView): boolean {
  const { labels } = metadata;
  if (labels?.[LABEL_LEASE_UID] !== undefined) return false;
  return exporterLabels.some(([key, value]) => labels?.[key] === value);
}

/**
 * Where a pod serves the exporter's page; empty for every other pod. Anybody who may make a pod may
 * label it, and the page decides what is billed: so only in the namespaces that the provider keeps for
 * its own, and each about the node that it runs on.
 */
export function exporterPagesOf(
  pod: PodView,
  namespaces: readonly string[],
): readonly ExporterSource[] {
  const ip = pod.status?.podIP;
  const nodeName = pod.spec?.nodeName;
  const isOwn = namespaces.includes(pod.metadata.namespace ?? '');
  if (!isOwn || ip === undefined || ip === '' || nodeName === undefined) return [];
  if (!isExporter(pod)) return [];
  return [{ url: `http://${ip.includes(':') ? `[${ip}]` : ip}:${port}/metrics`, nodeName }];
}
