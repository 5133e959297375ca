import { delay } from './abort.ts';
import { describeError } from './errors.ts';
import type { Logger } from './log.ts';
import { installTracer } from './tracing.ts';

export type TracingConfig = {
  /** Base URL of an OTLP/HTTP receiver, such as http://collector:4318. Default: OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint?: string | undefined;
  /** Part of the traces that are kept, 0 to 1. Default: OTEL_TRACES_SAMPLER_ARG with a ratio sampler, else 1. */
  readonly samplingRatio?: number | undefined;
};

export type TracingOptions = {
  readonly config: TracingConfig | undefined;
  /** `service.name`; OTEL_SERVICE_NAME wins. */
  readonly serviceName: string;
  readonly serviceVersion: string;
  /** More of what is said once for all spans; OTEL_RESOURCE_ATTRIBUTES wins. */
  readonly resource?: Readonly<Record<string, string>>;
  readonly log: Logger;
  /** Aborts when the program is to stop: the last spans have what is left of its time then. */
  readonly signal: AbortSignal;
  readonly env?: Readonly<Record<string, string | undefined>>;
};

/** Disposing of it sends what is left, as long as there is time, and ends tracing. Never rejects. */
export type Tracing = AsyncDisposable;

const off: Tracing = { [Symbol.asyncDispose]: () => Promise.resolve() };

/** Programs end 4.5 s after they are asked to; exporting has a part of that, and less when others were slow. */
const stopMs = 4_300;
const longestFlushMs = 1_500;
const shortestFlushMs = 100;

/** What tracing does, read from configuration and environment; undefined where it is off. */
export function tracingSettings(
  config: TracingConfig | undefined,
  env: Readonly<Record<string, string | undefined>>,
): { readonly url: string | undefined; readonly ratio: number } | undefined {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return undefined;
  if (env['OTEL_TRACES_EXPORTER'] === 'none') return undefined;
  const base = config?.endpoint;
  const named = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (!base && !named) return undefined;
  const url = base ? `${base.replace(/\/+$/, '')}/v1/traces` : undefined;
  const ratio = config?.samplingRatio ?? ratioIn(env) ?? 1;
  return ratio > 0 ? { url, ratio: Math.min(1, ratio) } : undefined;
}

function ratioIn(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const sampler = env['OTEL_TRACES_SAMPLER'] ?? '';
  if (sampler.endsWith('always_off')) return 0;
  const ratio = Number(env['OTEL_TRACES_SAMPLER_ARG']);
  return sampler.endsWith('traceidratio') && ratio >= 0 ? ratio : undefined;
}

/** How long the last spans may take, in milliseconds, so long after the program was asked to stop. */
export function flushMs(sinceAskedMs: number): number {
  return Math.max(shortestFlushMs, Math.min(longestFlushMs, stopMs - sinceAskedMs));
}

/**
 * Begins to send spans to a collector, when one is configured; else it does nothing, and no line of
 * the OpenTelemetry SDK is loaded. A collector that can't be reached costs spans, never work.
 */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  const { config, env = process.env, log, signal } = options;
  const settings = tracingSettings(config, env);
  if (settings === undefined) return off;
  try {
    const { openTelemetry } = await import('./openTelemetry.ts');
    const sdk = openTelemetry({ ...options, env, url: settings.url });
    const uninstall = installTracer({ ratio: settings.ratio, finished: sdk.finished });
    log.info({ samplingRatio: settings.ratio }, 'Traces are exported');
    let askedMs: number | undefined;
    const note = () => {
      askedMs = performance.now();
    };
    if (signal.aborted) note();
    else signal.addEventListener('abort', note, { once: true });
    return {
      async [Symbol.asyncDispose]() {
        uninstall();
        signal.removeEventListener('abort', note);
        const sinceAskedMs = askedMs === undefined ? 0 : performance.now() - askedMs;
        using limit = stopAfter(flushMs(sinceAskedMs));
        await Promise.race([sdk.shutdown(), limit.over]).catch((error: unknown) =>
          log.warn({ error: describeError(error) }, 'The last spans were not exported'),
        );
      },
    };
  } catch (error) {
    // Whoever asked for traces has a job to run first.
    log.error({ error }, 'Tracing could not be started: there will be no traces');
    return off;
  }
}

function stopAfter(timeoutMs: number) {
  const controller = new AbortController();
  const over = delay(timeoutMs, controller.signal).then(
    () => Promise.reject(new Error(`no answer within ${timeoutMs} ms`)),
    () => undefined,
  );
  return { over, [Symbol.dispose]: () => controller.abort() };
}
