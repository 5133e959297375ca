import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { type LocalServer, startLocalServer } from './localServer.ts';

/** A span as it came over the wire; the attributes of its resource are among its own. */
export type ReceivedSpan = {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined for a root. */
  readonly parentSpanId: string | undefined;
  /** OTLP's number: 1 internal, 3 client. */
  readonly kind: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly failed: boolean;
};

type Value = {
  readonly stringValue?: string;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
};
type Attribute = { readonly key: string; readonly value: Value };
type WireSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly Attribute[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status?: { readonly code?: number };
};
type ExportRequest = {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly Attribute[] };
    readonly scopeSpans?: readonly { readonly spans?: readonly WireSpan[] }[];
  }[];
};

const spansFile = (dir: string) => join(dir, 'spans.jsonl');

/** A collector as far as tests need one: takes OTLP/HTTP in JSON on loopback and keeps the spans in `dir`. */
export async function startTraceReceiver(dir: string): Promise<LocalServer> {
  // There from the start: whether somebody receives is not a question of what has come yet.
  appendFileSync(spansFile(dir), '');
  return startLocalServer(async (request, response) => {
    try {
      const body = JSON.parse(await textOf(request)) as ExportRequest;
      const lines = spansIn(body).map((span) => `${JSON.stringify(span)}\n`);
      appendFileSync(spansFile(dir), lines.join(''));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    } catch (error) {
      response.writeHead(400).end(String(error));
    }
  });
}

/** All spans that a receiver of this folder has kept; undefined where there was none. */
export function receivedSpans(dir: string): readonly ReceivedSpan[] | undefined {
  if (!existsSync(spansFile(dir))) return undefined;
  const lines = readFileSync(spansFile(dir), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as ReceivedSpan);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const source =
    request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request;
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function spansIn({ resourceSpans = [] }: ExportRequest): readonly ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const shared = valuesOf(resource?.attributes);
    return scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => received(span, shared)));
  });
}

function received(span: WireSpan, shared: ReceivedSpan['attributes']): ReceivedSpan {
  const { traceId, spanId, name, kind, links = [] } = span;
  return {
    service: String(shared['service.name']),
    ...{ name, traceId, spanId, kind },
    parentSpanId: span.parentSpanId || undefined,
    startMs: Number(BigInt(span.startTimeUnixNano) / 1_000_000n),
    endMs: Number(BigInt(span.endTimeUnixNano) / 1_000_000n),
    attributes: { ...shared, ...valuesOf(span.attributes) },
    links: links.map((link) => ({ traceId: link.traceId, spanId: link.spanId })),
    failed: span.status?.code === 2,
  };
}

function valuesOf(attributes: readonly Attribute[] = []): ReceivedSpan['attributes'] {
  return Object.fromEntries(
    attributes.flatMap(({ key, value }) => {
      const { stringValue, intValue, doubleValue, boolValue } = value;
      const found =
        stringValue ?? boolValue ?? doubleValue ?? (intValue && Number(intValue)) ?? undefined;
      return found === undefined ? [] : [[key, found] as const];
    }),
  );
}
