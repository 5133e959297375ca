import type { ApiClient } from '../cluster/apiClient.ts';

/** Requests that an API server has answered, by "VERB resource[/subresource]". */
export type RequestCounts = Readonly<Record<string, number>>;

const writeVerbs = new Set(['POST', 'PUT', 'PATCH', 'APPLY', 'DELETE', 'DELETECOLLECTION']);

/** Whether a count of RequestCounts is of requests that change something. */
export const isWrite = (name: string): boolean => writeVerbs.has(name.split(' ')[0] ?? '');

/** Whether a count is of requests that read many objects, or go on for minutes. */
export const isListOrWatch = (name: string): boolean => /^(LIST|WATCH)/.test(name);

/** What the server says of itself in apiserver_request_total. */
export async function requestCounts(client: ApiClient): Promise<RequestCounts> {
  return parseRequestCounts(await client.request<string>('GET', '/metrics'));
}

/** Sums apiserver_request_total over everything but verb, resource and subresource. */
export function parseRequestCounts(metrics: string): RequestCounts {
  const counts: Record<string, number> = {};
  for (const line of metrics.split('\n')) {
    if (!line.startsWith('apiserver_request_total{')) continue;
    const label = (name: string) => new RegExp(`[{,]${name}="([^"]*)"`).exec(line)?.[1] ?? '';
    const subresource = label('subresource');
    const resource = `${label('resource')}${subresource === '' ? '' : `/${subresource}`}`;
    // Health checks and the like are of no resource.
    if (label('resource') === '') continue;
    const key = `${label('verb')} ${resource}`;
    counts[key] = (counts[key] ?? 0) + Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return counts;
}

/** Requests between two looks; what did not happen in between is left out. */
export function difference(before: RequestCounts, after: RequestCounts): RequestCounts {
  const entries = Object.entries(after)
    .map(([name, count]) => [name, count - (before[name] ?? 0)] as const)
    .filter(([, count]) => count !== 0)
    .sort(([, a], [, b]) => b - a);
  return Object.fromEntries(entries);
}

/** The sum of the counts whose name satisfies `holds`. */
export function total(counts: RequestCounts, holds: (name: string) => boolean): number {
  return Object.entries(counts).reduce((sum, [name, n]) => (holds(name) ? sum + n : sum), 0);
}

/** Writes that a program has sent, by the host and port of the API server. */
export type SentWrites = Readonly<Record<string, number>>;

/** What one of Gridlease's programs says it has sent, from rest_client_requests_total of its /metrics. */
export async function sentWrites(metricsURL: string): Promise<SentWrites> {
  const answer = await fetch(metricsURL, { signal: AbortSignal.timeout(10_000) });
  return parseSentWrites(await answer.text());
}

export function parseSentWrites(metrics: string): SentWrites {
  const sent: Record<string, number> = {};
  for (const line of metrics.split('\n')) {
    const found = /^rest_client_requests_total\{(.*)\} (\d+)/.exec(line);
    if (found === null) continue;
    const label = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(found[1]!)?.[1] ?? '';
    if (!writeVerbs.has(label('method'))) continue;
    const host = label('host');
    sent[host] = (sent[host] ?? 0) + Number(found[2]);
  }
  return sent;
}
