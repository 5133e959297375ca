import { z } from 'zod';
import { urlPattern } from './addresses.ts';
import { relabelings } from './kubernetes.ts';
import {
  annotations,
  duration,
  flag,
  labelKey,
  labels,
  labelValue,
  optionalName,
  text,
} from './pieces.ts';

const renderMode = z
  .enum(['skipIfMissing', 'failIfMissing', 'alwaysRender'])
  .default('failIfMissing')
  .describe(
    "When the cluster doesn't serve the kind (install Prometheus Operator's CRDs): leave the object out, fail and say so, or render it all the same (`helm template` knows no cluster).",
  );

const monitor = (kind: string, other: string) =>
  z
    .strictObject({
      enabled: flag(
        false,
        `Make a ${kind}, from which Prometheus Operator learns what to scrape. Not together with ${other}.`,
      ),
      labels: labels(
        `Labels of the ${kind}. Most Prometheus objects select by one: with kube-prometheus-stack it is \`release: <its release name>\`. Without it nothing is scraped, and nothing says so.`,
      ),
      interval: duration('30s', 'Time between two scrapes.'),
      scrapeTimeout: duration('10s', 'Longest time of one scrape.'),
      sampleLimit: z
        .int()
        .min(0)
        .default(50_000)
        .describe('A scrape with more samples is refused; 0 is no limit.'),
      relabelings: relabelings.default([]).describe('Relabelings before the scrape.'),
      metricRelabelings: relabelings.default([]).describe('Relabelings of what was scraped.'),
      renderMode,
    })
    .prefault({})
    .describe(`${kind} of Prometheus Operator.`);

/** What Prometheus and Grafana get. */
export const monitoringValues = {
  serviceMonitor: monitor('ServiceMonitor', 'podMonitor'),
  podMonitor: monitor('PodMonitor', 'serviceMonitor'),
  prometheusRule: z
    .strictObject({
      enabled: flag(false, 'Make a PrometheusRule with the alerts and the SLOs.'),
      labels: labels('Labels of the PrometheusRule, see serviceMonitor.labels.'),
      runbookURLPrefix: z
        .string()
        .regex(/^https?:\/\/[^\s]+$/)
        .default('https://gridlease.dev/docs/runbooks/')
        .describe(
          "Where the alerts' runbooks are; each alert's link is this and the name of its page.",
        ),
      disabled: z
        .array(z.string().regex(/^[A-Z][A-Za-z0-9]*$/))
        .default([])
        .describe('Names of alerts to leave out, such as GridleaseProviderFlapping.'),
      renderMode,
    })
    .prefault({})
    .describe('Alerts and SLOs, see docs/runbooks.'),
  dashboards: z
    .strictObject({
      enabled: flag(false, "Make a ConfigMap for each dashboard, for Grafana's sidecar."),
      labels: z
        .record(labelKey, labelValue)
        .default({ grafana_dashboard: '1' })
        .describe("Labels by which Grafana's sidecar finds them."),
      annotations: annotations('Annotations of the ConfigMaps.'),
      folder: text('Folder in Grafana, written as the annotation `grafana_folder`.', 'Gridlease'),
    })
    .prefault({})
    .describe('Dashboards for Grafana.'),
  tracing: z
    .strictObject({
      endpoint: z
        .string()
        .regex(new RegExp(`^$|${urlPattern('https?').source}`))
        .default('')
        .describe(
          'Base URL of an OpenTelemetry collector, such as http://collector.observability:4318. Empty: no traces.',
        ),
      samplingRatio: z
        .number()
        .min(0)
        .max(1)
        .default(1)
        .describe('Share of the jobs that is traced.'),
      headersSecretName: optionalName.describe(
        'Secret whose key `headers` holds what the collector asks for, such as authorization=….',
      ),
    })
    .prefault({})
    .describe('Traces of jobs, see docs/tracing.md.'),
} as const;
