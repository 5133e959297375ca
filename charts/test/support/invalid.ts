import { required } from './agent.ts';
import type { ChartName } from './helm.ts';
import { REFUSED } from './kubernetes.ts';

/** What is wrong, and the key that the failure must name. */
type Case = readonly [values: object, key: string];

const offer = required.offers[0];
const offering = (...offers: object[]) => ({ offers });

/** Over the six required values. */
const AGENT: readonly Case[] = [
  [{ provider: { name: '' } }, 'provider.name'],
  [{ provider: { name: 'Alpha_1' } }, '/provider/name'],
  [{ provider: { name: 'a'.repeat(41) } }, '/provider/name'],
  [{ provider: { name: 7 } }, '/provider/name'],
  [{ provider: { nam: 'alpha' } }, "'nam'"],
  [{ hub: { url: '' } }, 'hub.url'],
  [{ hub: { url: 'http://hub.example.org' } }, '/hub/url'],
  [{ hub: { url: 'hub.example.org:6443' } }, '/hub/url'],
  [{ hub: { ...required.hub, ca: 'x' } }, "'ca'"],
  [{ credentials: { secretName: '' } }, 'credentials.secretName'],
  [{ credentials: { secretName: 'My Secret' } }, '/credentials/secretName'],
  [{ credentials: { secretName: 's', token: 'x' } }, "'token'"],
  [{ chain: { escrow: required.chain.escrow } }, 'chain.rpcURL'],
  [{ chain: { ...required.chain, rpcURL: 'rpc.example.org' } }, '/chain/rpcURL'],
  [{ chain: { ...required.chain, rpcURL: 'wss://rpc.example.org' } }, '/chain/rpcURL'],
  [{ chain: { ...required.chain, rpcURLKey: 'rpc-url' } }, 'chain.rpcURLKey'],
  [{ chain: { escrow: required.chain.escrow, rpcURLKey: 'token' } }, 'chain.rpcURLKey: token'],
  [offering({ ...offer, product: 'H100!!' }), '/offers/0/product'],
  [{ chain: { rpcURL: required.chain.rpcURL } }, 'chain.escrow'],
  [{ chain: { ...required.chain, escrow: '0x5FbDB2315678' } }, '/chain/escrow'],
  [{ chain: { ...required.chain, escrow: `0x${'0'.repeat(40)}` } }, 'chain.escrow'],
  [{ chain: { ...required.chain, escrow: 'escrow.eth' } }, '/chain/escrow'],
  [{ chain: { ...required.chain, finality: 'finalized' } }, '/chain/finality'],
  [{ offers: [] }, 'offers'],
  [{ offers: { H100: '2.10' } }, '/offers'],
  [offering({ product: 'H100' }), 'pricePerGPUHour'],
  [offering({ pricePerGPUHour: '2.10' }), 'product'],
  [offering({ ...offer, pricePerGPUHour: 2.1 }), '/offers/0/pricePerGPUHour'],
  [offering({ ...offer, pricePerGPUHour: '-1' }), '/offers/0/pricePerGPUHour'],
  [offering({ ...offer, pricePerGPUHour: '0.00' }), 'offers[0].pricePerGPUHour'],
  [offering({ ...offer, price: '1' }), "'price'"],
  [offering(offer, { ...offer, pricePerGPUHour: '3' }), 'offers[1].product'],
  [offering(offer, { ...offer, product: 'NVIDIA_h100' }), 'offers[1].product'],
  [offering({ ...offer, spotPricePerGPUHour: '2.11' }), 'offers[0].spotPricePerGPUHour'],
  [{ networkPolicy: { hub: { cidrs: ['hub'] } } }, '/networkPolicy/hub/cidrs/0'],
  [offering({ ...offer, minGPUs: 8, maxGPUs: 4 }), 'offers[0].minGPUs'],
  [offering({ ...offer, validSeconds: 10 }), '/offers/0/validSeconds'],
  [{ hub: { url: 'https://hub.example.org:99999' } }, '/hub/url'],
  [{ hub: { url: 'https://:6443' } }, '/hub/url'],
  [{ hub: { url: 'https://300.1.2.3:6443' } }, '/hub/url'],
  [{ hub: { url: 'https://[fd00:::1]' } }, '/hub/url'],
  [{ hub: { url: 'https://hub..example.org' } }, '/hub/url'],
  [{ hub: { url: 'https://me:secret@hub.example.org' } }, '/hub/url'],
  [{ hub: { url: 'https://hub.example.org?x=1' } }, '/hub/url'],
  ...['ftp://exporter/metrics', 'http://', '10.0.0.7:9400'].map(
    (url): Case => [
      { config: { metering: { exporterURLs: [url] } } },
      '/config/metering/exporterURLs/0',
    ],
  ),
  [
    { config: { metering: { exporterNamespaces: ['GPU_operator'] } } },
    '/config/metering/exporterNamespaces/0',
  ],
  [
    { config: { inventory: { toleratedTaints: ['dedicated=gpu:NoSchedule'] } } },
    '/config/inventory/toleratedTaints/0',
  ],
  [{ hub: null }, "'hub'"],
  [{ provider: null }, 'provider.name'],
  [{ credentials: null }, 'credentials.secretName'],
  [{ credentials: { secretName: 'a..b' } }, '/credentials/secretName'],
  [offering({ ...offer, pricePerGPUHour: '2.1234567' }), '/offers/0/pricePerGPUHour'],
  [
    {
      config: {
        inventory: {
          products: [
            { nodeName: 'a', product: 'x' },
            { nodeName: 'a', product: 'y' },
          ],
        },
      },
    },
    'config.inventory.products[1].nodeName',
  ],
  [{ config: { leaderElection: { replicaName: 'agent' } } }, "'replicaName'"],
  [{ config: { networkPolicy: 'enforced' } }, '/config/networkPolicy'],
  [{ config: { redeem: { minAmount: 5 } } }, '/config/redeem/minAmount'],
  [{ config: { redeem: { minAmout: '5' } } }, "'minAmout'"],
  [{ config: { closedRanges: ['10.0.0.300/8'] } }, '/config/closedRanges/0'],
  [{ config: { outputs: { uploaderImage: 'uploader:1' } } }, '/config/outputs/uploaderImage'],
  [{ config: { metering: { exporterURLs: ['exporter'] } } }, '/config/metering/exporterURLs/0'],
  [{ config: { providerName: 'alpha' } }, "'providerName'"],
  [{ config: { inventory: { products: [{ product: 'x' }] } } }, 'config.inventory.products[0]'],
  [{ config: { heartbeatSeconds: 0 } }, '/config/heartbeatSeconds'],
];

const OPERATOR: readonly Case[] = [
  [{ replicas: -1 }, '/replicas'],
  [{ replicas: 11 }, '/replicas'],
  [{ replicas: 'two' }, '/replicas'],
  [{ replicas: 1.5 }, '/replicas'],
  [{ replicas: null }, 'replicas'],
  [{ replica: 2 }, "'replica'"],
  [{ image: { tag: 'latest' } }, 'image.tag'],
  [{ image: { tag: '1', digest: `sha256:${'a'.repeat(64)}` } }, 'image.digest'],
  [{ image: { digest: 'sha256:abc' } }, '/image/digest'],
  [{ image: { tag: 1.0 } }, '/image/tag'],
  [{ image: { repository: 'Gridlease/Operator' } }, '/image/repository'],
  [{ image: { repository: 'gridlease/operator:1' } }, '/image/repository'],
  [{ image: { registry: 'https://registry.example.org' } }, '/image/registry'],
  [{ image: { pullPolicy: 'ifNotPresent' } }, '/image/pullPolicy'],
  [{ image: { name: 'operator' } }, "'name'"],
  [{ imagePullSecrets: ['registry'] }, '/imagePullSecrets/0'],
  [{ imagePullSecrets: [{ name: 'a' }, { name: 'a' }] }, 'imagePullSecrets'],
  [{ resources: { requests: { memory: '12XB' } } }, '/resources/requests/memory'],
  [{ resources: { requests: { cpu: 'lots' } } }, '/resources/requests/cpu'],
  [{ resources: { requests: { cpu: -1 } } }, '/resources/requests/cpu'],
  [{ resources: { requests: { memory: '2Gi' } } }, 'resources.requests.memory'],
  [{ resources: { request: {} } }, "'request'"],
  [{ podDisruptionBudget: { maxUnavailable: 0 } }, '/podDisruptionBudget/maxUnavailable'],
  [{ podDisruptionBudget: { enabled: 'yes' } }, '/podDisruptionBudget/enabled'],
  [{ networkPolicy: { apiServer: { cidrs: ['10.0.0.0'] } } }, '/networkPolicy/apiServer/cidrs/0'],
  [{ networkPolicy: { chain: { ports: ['https'] } } }, '/networkPolicy/chain/ports/0'],
  [{ networkPolicy: { chain: { ports: [70_000] } } }, '/networkPolicy/chain/ports/0'],
  [{ networkPolicy: { metricsFrom: [{ podselector: {} }] } }, "'podselector'"],
  [{ tolerations: [{ key: 'a', effect: 'Noschedule' }] }, '/tolerations/0/effect'],
  [{ tolerations: [{ kee: 'a' }] }, "'kee'"],
  [{ nodeSelector: { gpu: true } }, '/nodeSelector/gpu'],
  [{ affinity: { nodeaffinity: {} } }, "'nodeaffinity'"],
  [
    { topologySpreadConstraints: [{ topologyKey: 'zone', whenUnsatisfiable: 'Ignore' }] },
    '/topologySpreadConstraints/0',
  ],
  [{ serviceMonitor: { enabled: true }, podMonitor: { enabled: true } }, 'podMonitor.enabled'],
  [{ serviceMonitor: { interval: 'often' } }, '/serviceMonitor/interval'],
  [{ serviceMonitor: { scrapeTimeout: '1m' } }, 'serviceMonitor.scrapeTimeout'],
  [{ serviceMonitor: { renderMode: 'skip' } }, '/serviceMonitor/renderMode'],
  [{ serviceMonitor: { labels: { release: 1 } } }, '/serviceMonitor/labels/release'],
  [{ prometheusRule: { disabled: ['GridleaseNope'] } }, 'prometheusRule.disabled'],
  [{ prometheusRule: { runbookURLPrefix: 'wiki' } }, '/prometheusRule/runbookURLPrefix'],
  [{ dashboards: { enable: true } }, "'enable'"],
  [{ dashboards: { labels: { grafana_dashboard: 'a board' } } }, '/dashboards/labels'],
  [{ podAnnotations: { 'not a key': 'x' } }, '/podAnnotations'],
  [{ tracing: { samplingRatio: 2 } }, '/tracing/samplingRatio'],
  [{ tracing: { endpoint: 'collector:4318' } }, '/tracing/endpoint'],
  [{ tracing: { headersSecretName: 'My_Secret' } }, '/tracing/headersSecretName'],
  [{ persistence: { existingClaim: 'mine' } }, 'persistence.existingClaim'],
  [{ image: { tag: 'Latest' } }, 'image.tag'],
  [{ persistence: { size: 'big' } }, '/persistence/size'],
  [{ persistence: { accessModes: ['ReadWriteTwice'] } }, '/persistence/accessModes/0'],
  [{ persistence: { enabled: true, accessModes: ['ReadWriteOnce'] } }, 'persistence.accessModes'],
  [{ config: { fenceSeconds: '60' } }, '/config/fenceSeconds'],
  [{ config: { fenceSeconds: 90 } }, 'config.replaceSeconds'],
  [{ config: { hubEpoch: 1 } }, '/config/hubEpoch'],
  [{ config: { stateDir: '/tmp' } }, "'stateDir'"],
  [{ config: { leaderElection: { retrySeconds: 10 } } }, 'config.leaderElection'],
  [{ config: { logLevel: 'verbose' } }, '/config/logLevel'],
  [{ extraEnv: [{ value: 'x' }] }, '/extraEnv/0'],
  [{ extraEnv: [{ name: 'A' }, { name: 'A' }] }, 'extraEnv'],
  [
    { extraEnv: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'y' } } }] },
    'extraEnv',
  ],
  [
    {
      extraObjects: [1, 2].map(() => ({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'a' },
      })),
    },
    'extraObjects',
  ],
  [
    { affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{}] } } },
    '/affinity/podAntiAffinity',
  ],
  [{ podDisruptionBudget: { maxUnavailable: '200%' } }, '/podDisruptionBudget/maxUnavailable'],
  [{ extraObjects: [{ kind: 'ConfigMap' }] }, '/extraObjects/0'],
  [{ podAnnotations: { 'example.org/scrape': true } }, '/podAnnotations/example.org'],
  [{ commonLabels: { 'not a key': 'x' } }, '/commonLabels'],
  [{ check: { timeoutSeconds: '2m' } }, '/check/timeoutSeconds'],
  [{ serviceAccount: { name: 'mine' } }, "'name'"],
];

const CRDS: readonly Case[] = [
  [{ role: 'Hub' }, '/role'],
  [{ keep: false }, "'keep'"],
  [{ crds: { keep: false } }, "'crds'"],
];

export const INVALID: readonly {
  readonly chart: ChartName;
  readonly values: object;
  readonly key: string;
}[] = [
  ...CRDS.map(([values, key]) => ({ chart: 'gridlease-crds' as const, values, key })),
  ...[...OPERATOR, ...REFUSED].map(([values, key]) => ({
    chart: 'gridlease-operator' as const,
    values,
    key,
  })),
  ...AGENT.map(([values, key]) => ({
    chart: 'gridlease-provider-agent' as const,
    values: { ...required, ...values },
    key,
  })),
];
