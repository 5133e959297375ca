import { z } from 'zod';

/** Values that several charts have, and the checks that their keys share. */

export const text = (description: string, value = '') =>
  z.string().default(value).describe(description);

export const flag = (value: boolean, description: string) =>
  z.boolean().default(value).describe(description);

export const labelKey = z
  .string()
  .regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/);

export const labelValue = z
  .string()
  .max(63)
  .regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/);

export const labels = (description: string) =>
  z.record(labelKey, labelValue).default({}).describe(description);

export const annotations = (description: string) =>
  z.record(labelKey, z.string()).default({}).describe(description);

/** Name of an object that there need not be. */
export const optionalName = z
  .string()
  .regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/)
  .max(253)
  .default('');

/** As Kubernetes writes it: 250m, 1.5, 512Mi. */
export const quantityText = z
  .string()
  .regex(
    /^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi|E|Ei)?$/,
    'must be a quantity such as 500m or 512Mi',
  );

/** Written 2 or "2": YAML makes a number of the first. */
const quantityOrNumber = z.union([quantityText, z.number().min(0)]);

const amounts = (description: string, cpu: string | undefined, memory: string) =>
  z
    .strictObject({
      cpu: (cpu === undefined
        ? quantityOrNumber.optional()
        : quantityOrNumber.default(cpu)
      ).describe('CPUs.'),
      memory: quantityOrNumber.default(memory).describe('Bytes of memory.'),
      'ephemeral-storage': quantityOrNumber.optional().describe("Bytes on the node's disk."),
    })
    .prefault({})
    .describe(description);

export const resources = (cpu: string, memory: string, memoryLimit: string) =>
  z
    .strictObject({
      requests: amounts('What the pod is sure to get.', cpu, memory),
      limits: amounts(
        'What it may use at most. No limit on CPU: a throttled program misses the renewal of its lease.',
        undefined,
        memoryLimit,
      ),
    })
    .prefault({})
    .describe('CPU and memory of each replica.');

/** A port of TCP. */
export const port = z.int().min(1).max(65_535);

const octet = '(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])';

export const cidr = z
  .string()
  .regex(
    new RegExp(
      `^(${octet}(\\.${octet}){3}/([0-9]|[12][0-9]|3[0-2])|[0-9a-fA-F:]*:[0-9a-fA-F:]*/([0-9]|[1-9][0-9]|1[01][0-9]|12[0-8]))$`,
    ),
    'must be an address range such as 10.0.0.0/8',
  );

const host = '([A-Za-z0-9]([-A-Za-z0-9._]*[A-Za-z0-9])?|\\[[0-9a-fA-F:]+\\])';
const portNumber =
  '([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])';

/** A URL of one of these schemes, with a host, and a port that there is. */
export const urlPattern = (schemes: string) =>
  new RegExp(`^${schemes}://([^\\s/?#@]+@)?${host}(:${portNumber})?(/[^\\s]*)?(\\?[^\\s]*)?$`);

/** A value that has no default: empty until the user gives it, and then it must fit. */
export const needed = (pattern: RegExp, description: string) =>
  z
    .string()
    .regex(new RegExp(`^$|${pattern.source}`))
    .default('')
    .describe(description);

/** Seconds, minutes, hours as Prometheus writes them. */
export const duration = (value: string, description: string) =>
  z
    .string()
    .regex(/^([0-9]+(ms|s|m|h))+$|^$/)
    .default(value)
    .describe(description);
