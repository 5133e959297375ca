/** Values that are passed on to Kubernetes as they are: what it takes, and what it would refuse only at the install. */

const expressions = (...matchExpressions: object[]) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
    },
  },
});
const nodeTerm = (term: object) => ({
  affinity: {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: term }],
    },
  },
});
const from = (...metricsFrom: object[]) => ({ networkPolicy: { metricsFrom } });
const egress = (...ports: object[]) => ({ networkPolicy: { extraEgress: [{ ports }] } });
const variable = (valueFrom: object) => ({ extraEnv: [{ name: 'A', valueFrom }] });
const chain = (...cidrs: string[]) => ({ networkPolicy: { chain: { cidrs } } });
const monitor = (over: object) => ({ serviceMonitor: { enabled: true, ...over } });
const extra = (name: string, namespace?: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

export const TAKEN: readonly { readonly what: string; readonly values: object }[] = [
  {
    what: 'expressions of every kind',
    values: expressions(
      { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64', 'arm64'] },
      { key: 'cores', operator: 'Gt', values: ['3'] },
      { key: 'spot', operator: 'DoesNotExist' },
    ),
  },
  {
    what: 'a node by its name, and pods of another namespace',
    values: {
      affinity: {
        ...nodeTerm({ matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['a.b'] }] })
          .affinity,
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'zone', namespaces: ['kube-system'], labelSelector: {} },
          ],
        },
      },
    },
  },
  {
    what: 'names that YAML 1.1 takes for numbers',
    values: {
      priorityClassName: '1e3',
      nodeSelector: { rack: '012' },
      tracing: { endpoint: 'http://collector:4318', headersSecretName: '123' },
      persistence: { enabled: true, storageClassName: '1e3', size: '1000000000' },
    },
  },
  {
    what: 'a claim that YAML 1.1 takes for a number',
    values: { persistence: { enabled: true, existingClaim: '0x10' } },
  },
  {
    what: 'tolerations of every kind',
    values: {
      tolerations: [
        { operator: 'Exists' },
        { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 },
        { key: 'a', value: 'b' },
      ],
    },
  },
  {
    what: 'variables from every source',
    values: {
      extraEnv: [
        { name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'my.key', optional: true } } },
        { name: 'B', valueFrom: { fieldRef: { fieldPath: "metadata.labels['team']" } } },
        { name: 'C', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1' } } },
      ],
    },
  },
  {
    what: 'addresses of IPv6, a range of ports and everything',
    values: {
      networkPolicy: {
        chain: { cidrs: ['::/0', 'fd00::/8', '2001:db8:1:2:3:4:5:6/128'] },
        metricsFrom: [
          { ipBlock: { cidr: '0.0.0.0/0', except: ['255.255.255.255/32', '10.0.0.0/8'] } },
          { ipBlock: { cidr: '172.16.0.0/12', except: ['172.31.255.0/24'] } },
          { ipBlock: { cidr: 'fd00::/8', except: ['fd12::/16'] } },
        ],
        extraEgress: [{}, { ports: [{ port: 4_000, endPort: 4_010 }, { port: 'otlp-http' }] }],
      },
    },
  },
  { what: "Prometheus' own interval", values: monitor({ interval: '' }) },
  {
    what: 'a scrape a day, and actions in capitals',
    values: monitor({ interval: '1d', relabelings: [{ action: 'LabelDrop', regex: 'pod' }] }),
  },
  {
    what: 'objects of one name in two namespaces',
    values: { extraObjects: [extra('same', 'default'), extra('same', 'kube-system')] },
  },
  {
    what: 'annotations that the chart has, too',
    values: { podAnnotations: { 'checksum/config': 'mine', 'Example.Org/x': '1' } },
  },
  {
    what: 'bytes in powers of ten, and a name with two underscores',
    values: {
      resources: { limits: { memory: '1e9' } },
      image: { registry: 'ghcr.io/acme-corp', repository: 'gridlease__mirror/operator' },
    },
  },
  { what: 'no account of its own at all', values: { serviceAccount: null } },
];

/** What is wrong, and the key that the failure must name. */
export const REFUSED: readonly (readonly [values: object, key: string])[] = [
  [{ tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] }, 'tolerations[0].value'],
  [{ tolerations: [{ value: 'b' }] }, 'tolerations[0].key'],
  [{ tolerations: [{ key: 'a', tolerationSeconds: 3 }] }, 'tolerations[0].tolerationSeconds'],
  [expressions({ key: 'a', operator: 'In' }), '/affinity/nodeAffinity'],
  [expressions({ key: 'a', operator: 'Exists', values: ['x'] }), '/affinity/nodeAffinity'],
  [expressions({ key: 'a', operator: 'Gt', values: ['many'] }), '/affinity/nodeAffinity'],
  [expressions({ key: 'a b', operator: 'Exists' }), '/affinity/nodeAffinity'],
  [
    nodeTerm({ matchFields: [{ key: 'spec.unschedulable', operator: 'In', values: ['a'] }] }),
    '/affinity/nodeAffinity',
  ],
  [
    {
      affinity: {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'zone', namespaces: ['Kube_System'] },
          ],
        },
      },
    },
    '/affinity/podAffinity',
  ],
  [from({}), '/networkPolicy/metricsFrom/0'],
  [from({ ipBlock: { cidr: '10.0.0.0/8' }, podSelector: {} }), '/networkPolicy/metricsFrom/0'],
  [
    from({ ipBlock: { cidr: '10.0.0.0/16', except: ['10.0.0.0/16'] } }),
    'networkPolicy.metricsFrom[0].ipBlock.except[0]',
  ],
  [
    from({ ipBlock: { cidr: '10.0.0.0/8', except: ['10.9.0.0/16', 'fd00::/64'] } }),
    'networkPolicy.metricsFrom[0].ipBlock.except[1]',
  ],
  [
    {
      networkPolicy: {
        extraEgress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16'] } }] }],
      },
    },
    'networkPolicy.extraEgress[0].to[0].ipBlock.except[0]',
  ],
  [egress({ port: 4_010, endPort: 4_000 }), 'networkPolicy.extraEgress[0].ports[0].endPort'],
  [egress({ endPort: 4_000 }), 'networkPolicy.extraEgress[0].ports[0].endPort'],
  [egress({ port: 'name-beyond-fifteen' }), '/networkPolicy/extraEgress/0/ports/0/port'],
  [chain(':::/0'), '/networkPolicy/chain/cidrs/0'],
  [chain('12345::/64'), '/networkPolicy/chain/cidrs/0'],
  [chain('1:2:3:4:5:6:7:8:9/64'), '/networkPolicy/chain/cidrs/0'],
  [{ commonLabels: { ['k'.repeat(64)]: 'x' } }, '/commonLabels'],
  [{ nodeSelector: { 'a..b/c': 'x' } }, '/nodeSelector'],
  [{ priorityClassName: 'a..b' }, '/priorityClassName'],
  [{ image: { registry: 'registry.example.org:99999' } }, '/image/registry'],
  [{ image: { registry: 'registry.example.org//mirror/' } }, '/image/registry'],
  [{ persistence: { enabled: true, size: '0' } }, 'persistence.size'],
  [
    { persistence: { enabled: true, accessModes: ['ReadWriteMany', 'ReadWriteOncePod'] } },
    'persistence.accessModes',
  ],
  [variable({}), 'extraEnv[0].valueFrom'],
  [
    variable({ fieldRef: { fieldPath: 'metadata.name' }, secretKeyRef: { name: 'a', key: 'b' } }),
    'extraEnv[0].valueFrom',
  ],
  [variable({ secretKeyRef: { name: 'a', key: 'b c' } }), '/extraEnv/0/valueFrom/secretKeyRef/key'],
  [variable({ fieldRef: { fieldPath: 'spec.nope' } }), '/extraEnv/0/valueFrom/fieldRef/fieldPath'],
  [
    variable({ resourceFieldRef: { resource: 'limits.gpus' } }),
    '/extraEnv/0/valueFrom/resourceFieldRef/resource',
  ],
  [
    {
      topologySpreadConstraints: [1, 2].map((maxSkew) => ({
        ...{ maxSkew, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' },
      })),
    },
    'topologySpreadConstraints[1]',
  ],
  [
    {
      topologySpreadConstraints: [
        { maxSkew: 1, minDomains: 2, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' },
      ],
    },
    'topologySpreadConstraints[0].minDomains',
  ],
  [{ extraObjects: [extra('gridlease-operator-config')] }, 'extraObjects[0].metadata.name'],
  [{ extraObjects: [extra('same'), extra('same', 'tested')] }, 'extraObjects[1]'],
  [monitor({ interval: '30s1m' }), '/serviceMonitor/interval'],
  [monitor({ interval: '0s' }), 'serviceMonitor.interval'],
  [{ config: { leaderElection: { leaseName: 'Bad Name' } } }, '/config/leaderElection/leaseName'],
];
