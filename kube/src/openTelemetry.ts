import {
  type Attributes,
  DiagLogLevel,
  diag,
  type HrTime,
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  type SpanExporter,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { TraceContext } from './traceContext.ts';
import type { FinishedSpan, SpanAttributes } from './tracing.ts';
import type { TracingOptions } from './tracingSetup.ts';

/** Spans that wait at most; what comes beyond is dropped, so that a dead collector costs no memory. */
const queue = { maxQueueSize: 4_096, maxExportBatchSize: 512, exportTimeoutMillis: 10_000 };
const defaultDelayMs = 5_000;

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The one file that loads the SDK; import it when it is needed. Turns finished spans into the SDK's,
 * which batches and sends them. Sampling was decided before.
 */
export function openTelemetry(
  options: Omit<TracingOptions, 'env'> & { readonly env: Env; readonly url: string | undefined },
) {
  const { log, url, env } = options;
  // One line when it begins to fail and one when it is over, instead of one for each batch.
  diag.setLogger(
    quiet((message) => log.debug({ message }, 'OpenTelemetry')),
    DiagLogLevel.WARN,
  );
  // Without `url` the exporter reads the standard variables itself; headers always come from them.
  const exporter = reported(new OTLPTraceExporter(url === undefined ? {} : { url }), log);
  const scheduledDelayMillis = positive(env['OTEL_BSP_SCHEDULE_DELAY']) ?? defaultDelayMs;
  const next = { traceId: '', spanId: '' };
  const provider = new TracerProvider({
    sampler: new AlwaysOnSampler(),
    resource: resourceFromAttributes({
      'service.name': options.serviceName,
      'service.version': options.serviceVersion,
      ...options.resource,
    }).merge(detectResources({ detectors: [envDetector] })),
    // Ids are derived from objects, so that programs agree on them without a word.
    idGenerator: { generateTraceId: () => next.traceId, generateSpanId: () => next.spanId },
    spanLimits: { attributeValueLengthLimit: 1_024, attributeCountLimit: 64, linkCountLimit: 128 },
    spanProcessors: [new BatchSpanProcessor({ exporter, ...queue, scheduledDelayMillis })],
  });
  const tracer = provider.getTracer('gridlease', options.serviceVersion);
  return {
    finished(span: FinishedSpan): void {
      const { traceId, spanId } = span.context;
      // Read within startSpan, which is synchronous.
      Object.assign(next, { traceId, spanId });
      const made = tracer.startSpan(
        span.name,
        {
          kind: span.kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL,
          startTime: hrTime(span.startMs),
          attributes: attributesOf(span.attributes),
          links: span.links.map((link): Link => ({ context: spanContext(link) })),
        },
        parentOf(span),
      );
      if (span.error !== undefined) {
        made.setStatus({ code: SpanStatusCode.ERROR, message: span.error });
      }
      made.end(hrTime(span.endMs));
    },
    shutdown: () => provider.shutdown(),
  };
}

/** Seconds and nanoseconds: the SDK takes a small number for one of another clock. */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1e6)];
}

function parentOf({ context: own, parentSpanId }: FinishedSpan) {
  if (parentSpanId === undefined) return ROOT_CONTEXT;
  const parent = { ...spanContext({ ...own, spanId: parentSpanId }), isRemote: true };
  return trace.setSpanContext(ROOT_CONTEXT, parent);
}

function spanContext({ traceId, spanId, sampled }: TraceContext): SpanContext {
  return { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE };
}

function attributesOf(attributes: SpanAttributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

/** Says once that exporting fails, and once that it works again. */
function reported(exporter: SpanExporter, log: TracingOptions['log']): SpanExporter {
  let isFailing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.error !== undefined || result.code !== 0;
        if (failed && !isFailing) {
          const error = result.error?.message ?? 'no answer';
          log.warn({ error, spans: spans.length }, 'Spans can’t be exported; these are lost');
        }
        if (!failed && isFailing) log.info('Spans are exported again');
        isFailing = failed;
        done(result);
      });
    },
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  };
}

function quiet(say: (message: string) => void) {
  return { error: say, warn: say, info: say, debug: say, verbose: say };
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return value > 0 ? value : undefined;
}
