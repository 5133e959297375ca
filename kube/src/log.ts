import { destination, type Logger as PinoLogger, pino, stdSerializers } from 'pino';
import { activeContext } from './tracing.ts';

export type Logger = PinoLogger;

export type LoggerOptions = {
  /** The program: `operator`, `provider-agent`. */
  readonly name: string;
  /** Default: LOG_LEVEL, or info. */
  readonly level?: string;
  readonly bindings?: Readonly<Record<string, unknown>>;
};

/** JSON lines on standard error with RFC 3339 times and level names, as log collectors expect them. */
export function createLogger(options: LoggerOptions): Logger {
  const level = options.level ?? process.env['LOG_LEVEL'] ?? 'info';
  return pino(
    {
      level,
      base: { program: options.name, ...options.bindings },
      messageKey: 'message',
      errorKey: 'error',
      serializers: { error: stdSerializers.err },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      mixin: traceFields,
    },
    // Written at once: a log that dies with the process helps nobody.
    destination({ fd: 2, sync: true }),
  );
}

/** Names as in OpenTelemetry's data model for logs, so that a viewer leads from a line to its trace. */
function traceFields(): object {
  const context = activeContext();
  if (context === undefined) return {};
  const { traceId, spanId, sampled } = context;
  return { trace_id: traceId, span_id: spanId, trace_flags: sampled ? '01' : '00' };
}

/** Drops everything; the default of parts that can run without a log. */
export const silentLogger: Logger = pino({ enabled: false });
