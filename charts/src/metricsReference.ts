import { operatorMetrics } from '@gridlease/operator/metricsCatalog';
import { agentMetrics } from '@gridlease/provider-agent/metricsCatalog';
import type { Registry } from 'prom-client';
import type { Generated } from './generated.ts';
import { metricsIntroduction } from './metricsIntroduction.ts';
import { type DocumentedMetric, documentedMetrics } from './metricsOf.ts';

/** docs/reference/metrics.md, from the metrics that the programs register. */

type Section = {
  readonly title: string;
  readonly text: string;
  readonly metrics: readonly DocumentedMetric[];
};

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const units = [
  ['_timestamp_seconds', 'Unix time, seconds'],
  ['_start_time_seconds', 'Unix time, seconds'],
  ['_tokens_per_hour', 'token units per hour'],
  ['_gpu_seconds', 'GPU-seconds'],
  ['_seconds', 'seconds'],
  ['_bytes', 'bytes'],
  ['_tokens', 'token units'],
  ['_coins', "the chain's coin"],
  ['_info', '1'],
] as const;

/** The unit that a name ends in, as Prometheus names units; of a flag, what it may be. */
export function unitOf({ name, help }: Pick<DocumentedMetric, 'name' | 'help'>): string {
  if (help.startsWith('1 while')) return '0 or 1';
  const base = name.replace(/_total$/, '');
  return units.find(([suffix]) => base.endsWith(suffix))?.[1] ?? 'count';
}

/** What labels mean whose values are names that somebody gives, or figures. */
const openLabels: Readonly<Record<string, string>> = {
  account: 'name of a PaymentAccount',
  chain: 'name of a SettlementChain; of an agent, the chain id',
  target: 'API server: `hub`, or `cluster` for the provider’s own',
  code: 'HTTP status, or what went wrong instead',
  controller: 'name of a controller',
  host: 'host and port of an API server',
  kind: 'kind of object; of garbage collection, which one',
  name: 'name of a queue or lock',
  namespace: 'namespace of the GPUJobs or of the payer',
  priority: 'priority of a queue',
  program: '`operator` or `provider-agent`',
  product: 'GPU product',
  provider: 'name of a GPUProvider',
  region: 'region of a GPUProvider',
  space: 'part of the heap',
  type: 'kind of handle, request or resource',
  verb: 'HTTP method',
  method: 'HTTP method',
  version: 'version',
  major: 'number',
  minor: 'number',
  patch: 'number',
};

function labelText({ label, values }: DocumentedMetric['labels'][number], name: string): string {
  if (values.length > 0) return `\`${label}\`: ${values.map((value) => `\`${value}\``).join(', ')}`;
  const meaning = openLabels[label];
  if (meaning === undefined) throw new Error(`${name}: nothing says what its label ${label} means`);
  return `\`${label}\`: ${meaning}`;
}

function row(metric: DocumentedMetric): string {
  const { name, type, labels, help } = metric;
  const cells = [
    `\`${name}\``,
    type,
    unitOf(metric),
    labels.map((label) => labelText(label, name)).join('<br>'),
    help,
  ];
  return `| ${cells.map(cell).join(' | ')} |`;
}

function section({ title, text, metrics }: Section): string {
  const rows = metrics.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(row);
  const head = '| Name | Type | Unit | Labels | Meaning |\n| --- | --- | --- | --- | --- |';
  return `## ${title}\n\n${text}\n\n${head}\n${rows.join('\n')}\n`;
}

/** What both programs serve is listed once. */
export function metricsSections(): readonly Section[] {
  const of = (registry: Registry) => documentedMetrics(registry);
  const [operator, agent] = [operatorMetrics(), agentMetrics()];
  const [atHub, atAgent] = [of(operator.everyReplica), of(agent.everyReplica)];
  const both = atHub.filter(({ name }) => atAgent.some((other) => other.name === name));
  const only = (metrics: readonly DocumentedMetric[]) =>
    metrics.filter(({ name }) => !both.some((other) => other.name === name));
  return [
    {
      title: 'Operator, leading replica',
      text: 'Served by the replica that leads and by no other: their sum over all replicas is the truth. They begin anew with each term of office.',
      metrics: [...of(operator.leader), ...only(atHub)],
    },
    {
      title: 'Agent, leading replica',
      text: 'Served by the leading replica of each provider’s agent.',
      metrics: of(agent.leader),
    },
    {
      title: 'Agent, every replica',
      text: 'Each replica watches the fence by itself.',
      metrics: only(atAgent),
    },
    {
      title: 'Both programs, every replica',
      text: 'The runtime, under the names that controller-runtime and client-go use, and the process, under those of prom-client.',
      metrics: both,
    },
  ];
}

/** The reference, for `npm run charts`. */
export function metricsFiles(): readonly Generated[] {
  const text = [metricsIntroduction, ...metricsSections().map(section)].join('\n');
  return [{ path: 'docs/reference/metrics.md', text }];
}
