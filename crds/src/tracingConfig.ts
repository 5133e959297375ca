import { z } from 'zod';

/** How both programs are told to trace. */
export const tracingConfig = z
  .strictObject({
    endpoint: z
      .url({ protocol: /^https?$/ })
      .max(2_048)
      .optional()
      .describe(
        'OTLP/HTTP receiver that spans are sent to, such as http://collector:4318; /v1/traces is added. Without it OTEL_EXPORTER_OTLP_ENDPOINT counts; without either nothing is traced.',
      ),
    samplingRatio: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe(
        'Part of the jobs whose traces are kept, 0 to 1. A job has the same answer in the hub and at providers with the same ratio. Default: 1.',
      ),
  })
  .describe('OpenTelemetry traces, from the GPUJob to its settlement; see docs/tracing.md.');
