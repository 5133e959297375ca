import { z } from 'zod';

/** Values that several charts have, and the checks that their keys share. */

export const text = (description: string, value = '') =>
  z.string().default(value).describe(description);

export const flag = (value: boolean, description: string) =>
  z.boolean().default(value).describe(description);

const dnsLabel = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';
const dnsName = `${dnsLabel}(\\.${dnsLabel})*`;

const anyCase = (pattern: string): string => pattern.replaceAll('a-z', 'A-Za-z');

export const labelKey = z
  .string()
  .regex(new RegExp(`^(${dnsName}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`));

export const labelValue = z
  .string()
  .max(63)
  .regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/);

export const labels = (description: string) =>
  z.record(labelKey, labelValue).default({}).describe(description);

/** As a label's, but for a prefix in capitals. */
const annotationKey = z
  .string()
  .regex(new RegExp(`^(${anyCase(dnsName)}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`));

export const annotations = (description: string) =>
  z.record(annotationKey, z.string()).default({}).describe(description);

export const objectNamePattern = new RegExp(`^${dnsName}$`);

/** Name of an object. */
export const objectName = z.string().regex(objectNamePattern).max(253);

/** Name of a namespace: without a dot, that no other is a part of. */
export const namespaceName = z.string().regex(new RegExp(`^${dnsLabel}$`));

/** Name of an object that there need not be. */
export const optionalName = z
  .string()
  .regex(new RegExp(`^(${dnsName})?$`))
  .max(253)
  .default('');

/** As Kubernetes writes it: 250m, 1.5, 512Mi, 1e9. */
export const quantityText = z
  .string()
  .regex(
    /^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi|E|Ei|[eE][0-9]{1,2})?$/,
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

/** A value that has no default: empty until the user gives it, and then it must fit. */
export const needed = (pattern: RegExp, description: string) =>
  z
    .string()
    .regex(new RegExp(`^$|${pattern.source}`))
    .default('')
    .describe(description);

/** As Prometheus writes it, its largest unit first. Empty: Prometheus' own. */
export const duration = (value: string, description: string) =>
  z
    .string()
    .regex(/^([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$/)
    .default(value)
    .describe(description);
