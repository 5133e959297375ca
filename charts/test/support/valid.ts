import { required } from './agent.ts';
import type { ChartName } from './helm.ts';
import { TAKEN } from './kubernetes.ts';

const digest = `sha256:${'a1'.repeat(32)}`;

type Case = { readonly what: string; readonly chart: ChartName; readonly values: object };

const operator = (what: string, values: object): Case => ({
  what,
  chart: 'gridlease-operator',
  values,
});
const agent = (what: string, values: object): Case => ({
  what,
  chart: 'gridlease-provider-agent',
  values: { ...required, ...values },
});
const monitor = { enabled: true, labels: { release: 'monitoring' }, interval: '15s' };

/** Values that users may well give. */
export const VALID: readonly Case[] = [
  { what: 'no values', chart: 'gridlease-crds', values: {} },
  { what: 'a hub', chart: 'gridlease-crds', values: { role: 'hub' } },
  {
    what: 'a provider, with labels',
    chart: 'gridlease-crds',
    values: { role: 'provider', commonLabels: { team: 'gpu' } },
  },
  operator('no values', {}),
  operator('one replica without a budget for disruptions', {
    replicas: 1,
    podDisruptionBudget: { enabled: false },
  }),
  operator('no replica, for a restore', { replicas: 0 }),
  operator('an image by its digest, from a registry with a port and a Secret', {
    image: { registry: 'registry.example.org:5000/mirror', digest, pullPolicy: 'Always' },
    imagePullSecrets: [{ name: 'registry' }],
  }),
  operator('a ServiceMonitor, alerts and dashboards', {
    serviceMonitor: { ...monitor, metricRelabelings: [{ action: 'drop', regex: 'nodejs_.*' }] },
    prometheusRule: { enabled: true, disabled: ['GridleaseProviderFlapping'] },
    dashboards: { enabled: true, folder: 'GPUs' },
  }),
  operator('a PodMonitor', { podMonitor: monitor }),
  operator('a volume that replicas share', {
    persistence: { enabled: true, storageClassName: 'efs', size: '20Gi' },
  }),
  operator("a claim of the user's", {
    persistence: { enabled: true, existingClaim: 'operator-state' },
  }),
  operator('a volume of one replica', {
    replicas: 1,
    persistence: { enabled: true, accessModes: ['ReadWriteOnce'] },
  }),
  operator('settings of the program', {
    config: { hubEpoch: '2', voucherIntervalSeconds: 30, logLevel: 'debug', watch: {} },
  }),
  operator('a closed network', {
    networkPolicy: {
      metricsFrom: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
          podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } },
        },
      ],
      dns: { to: [], ports: [53, 5353] },
      apiServer: { cidrs: ['10.96.0.1/32', 'fd00::1/128'], ports: [6443] },
      chain: { cidrs: ['203.0.113.0/24'], ports: [443] },
      extraEgress: [{ to: [{ ipBlock: { cidr: '192.0.2.7/32' } }], ports: [{ port: 3128 }] }],
    },
  }),
  operator('no network policy', { networkPolicy: { enabled: false } }),
  operator('a place among the nodes', {
    nodeSelector: { 'node-role.kubernetes.io/control-plane': '' },
    tolerations: [
      { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
    ],
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule' },
    ],
    priorityClassName: 'system-cluster-critical',
    podDisruptionBudget: { maxUnavailable: '50%' },
  }),
  operator('traces', {
    tracing: { endpoint: 'http://collector:4318', samplingRatio: 0.1, headersSecretName: 'otel' },
    extraEnv: [{ name: 'OTEL_RESOURCE_ATTRIBUTES', value: 'cluster=hub' }],
  }),
  operator('keys with nothing after them', {
    ...{ nodeSelector: null, tolerations: null, affinity: null, topologySpreadConstraints: null },
    ...{ podLabels: null, podAnnotations: null, commonLabels: null, imagePullSecrets: null },
    ...{ extraEnv: null, extraObjects: null, priorityClassName: null, config: null },
    image: { registry: null, tag: null, digest: null },
    serviceMonitor: { enabled: true, labels: null, relabelings: null },
    prometheusRule: { enabled: true, labels: null, disabled: null },
    dashboards: { enabled: true, annotations: null },
    networkPolicy: { extraEgress: null, apiServer: { cidrs: null } },
    persistence: { enabled: true, existingClaim: null, storageClassName: null },
    tracing: { endpoint: null, headersSecretName: null },
    serviceAccount: { annotations: null },
  }),
  operator('as a part of another chart', {
    global: { imageRegistry: 'x' },
    check: { enabled: false },
  }),
  ...TAKEN.map(({ what, values }) => operator(what, values)),
  agent('the six required values', {}),
  agent('an RPC with a key in its URL, from the Secret', {
    chain: { escrow: required.chain.escrow, rpcURLKey: 'rpc-url', finality: 'Safe' },
  }),
  agent('keys with nothing after them', {
    ...{ podLabels: null, tolerations: null, config: null, extraObjects: null },
    hub: { ...required.hub, namespace: null },
    chain: { ...required.chain, rpcURLKey: null },
    tracing: { endpoint: null },
  }),
  agent('a mapping of the network with nothing after it', { networkPolicy: { hub: null } }),
  agent('several offers with everything', {
    offers: [
      {
        product: 'H100',
        pricePerGPUHour: '2.10',
        spotPricePerGPUHour: '1',
        minGPUs: 1,
        maxGPUs: 8,
        maxDurationSeconds: 86_400,
        validSeconds: 3_600,
      },
      { product: 'L40S', pricePerGPUHour: '0.95' },
      { product: 'NVIDIA A100 MIG-1g.10gb', pricePerGPUHour: '0.30' },
    ],
  }),
  agent('GPUs without a label, an exporter and outputs', {
    config: {
      inventory: {
        products: [
          { nodeName: 'workstation', product: 'NVIDIA-GeForce-RTX-4090', memoryMiB: 24_564 },
          { nodeSelector: { pool: 'h100' }, product: 'NVIDIA-H100-80GB-HBM3' },
        ],
        toleratedTaints: ['dedicated'],
      },
      metering: { exporterURLs: ['http://10.0.0.7:9400/metrics'], discoverExporters: false },
      outputs: { uploaderImage: `registry.example.org/uploader@${digest}` },
      closedRanges: ['198.51.100.0/24'],
      redeem: { minAmount: '5', maxDelaySeconds: 3_600, nativePrice: '2000' },
      networkPolicy: 'Enforced',
    },
  }),
  agent('a hub and a chain inside the cluster, by address', {
    hub: { url: 'https://[fd00::1]:6443', namespace: 'gridlease-provider-a' },
    chain: { rpcURL: 'http://10.213.1.1:8545', escrow: required.chain.escrow },
    listenHost: '::',
  }),
  agent('numbers where Kubernetes takes them', {
    resources: { requests: { cpu: 1, memory: '1Gi' }, limits: { cpu: '2', memory: '1.5Gi' } },
  }),
  agent('more objects, labels and annotations', {
    commonLabels: { team: 'gpu', 'example.org/cost-centre': '42' },
    podLabels: { mesh: 'off' },
    podAnnotations: { 'example.org/scrape': 'true' },
    serviceAccount: { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/x' } },
    extraObjects: [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'extra', labels: { own: 'label' } },
        data: { namespace: '{{ .Release.Namespace }}' },
      },
    ],
  }),
  agent('its own affinity', {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'gpu', operator: 'DoesNotExist' }] }],
        },
      },
    },
  }),
  agent('alerts and dashboards', {
    serviceMonitor: monitor,
    prometheusRule: { enabled: true, runbookURLPrefix: 'https://wiki.example.org/runbooks' },
    dashboards: { enabled: true, labels: { grafana_dashboard: 'yes' } },
  }),
];
