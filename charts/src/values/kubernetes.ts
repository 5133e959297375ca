import { z } from 'zod';
import { cidr, port } from './addresses.ts';
import { labelKey, labelValue, namespaceName, objectName, quantityText } from './pieces.ts';

/** Objects of Kubernetes that a user gives, closed as far as a typing error would otherwise pass unseen. */

const labels = z.record(labelKey, labelValue);

const among = (key: z.ZodString, value: z.ZodString) =>
  z.strictObject({ key, operator: z.enum(['In', 'NotIn']), values: z.array(value).min(1) });

const existing = (key: z.ZodString) =>
  z.strictObject({ key, operator: z.enum(['Exists', 'DoesNotExist']) });

const selector = z.strictObject({
  matchLabels: labels.optional(),
  matchExpressions: z.array(z.union([among(labelKey, labelValue), existing(labelKey)])).optional(),
});

/** Addresses, or pods: never both, and never neither. */
export const peers = z.array(
  z.union([
    z.strictObject({ ipBlock: z.strictObject({ cidr, except: z.array(cidr).optional() }) }),
    z.strictObject({ namespaceSelector: selector, podSelector: selector.optional() }),
    z.strictObject({ podSelector: selector }),
  ]),
);

/** A port's name has a letter, or it would be a number. */
const portName = z
  .string()
  .regex(/^([0-9]+-?)*[a-z](-?[a-z0-9])*$/)
  .max(15);

export const egressRules = z.array(
  z.strictObject({
    to: peers.optional(),
    ports: z
      .array(
        z.strictObject({
          protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional(),
          port: z.union([port, portName]).optional(),
          endPort: port.optional(),
        }),
      )
      .optional(),
  }),
);

export const tolerations = z.array(
  z.strictObject({
    key: labelKey.optional(),
    operator: z.enum(['Exists', 'Equal']).optional(),
    value: labelValue.optional(),
    effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
    tolerationSeconds: z.int().optional(),
  }),
);

export const spread = z.array(
  z.strictObject({
    maxSkew: z.int().min(1),
    topologyKey: labelKey,
    whenUnsatisfiable: z.enum(['DoNotSchedule', 'ScheduleAnyway']),
    labelSelector: selector.optional(),
    matchLabelKeys: z.array(labelKey).optional(),
    minDomains: z.int().min(1).optional(),
    nodeAffinityPolicy: z.enum(['Honor', 'Ignore']).optional(),
    nodeTaintsPolicy: z.enum(['Honor', 'Ignore']).optional(),
  }),
);

const expressions = z.array(
  z.union([
    among(labelKey, z.string()),
    existing(labelKey),
    z.strictObject({
      key: labelKey,
      operator: z.enum(['Gt', 'Lt']),
      values: z.array(z.string().regex(/^-?[0-9]+$/)).length(1),
    }),
  ]),
);

/** Of a node's fields an API server compares the name alone, with one value. */
const fields = z.array(
  z.strictObject({
    key: z.literal('metadata.name'),
    operator: z.enum(['In', 'NotIn']),
    values: z.array(objectName).length(1),
  }),
);

const nodeTerm = z.strictObject({
  matchExpressions: expressions.optional(),
  matchFields: fields.optional(),
});

const podTerm = z.strictObject({
  topologyKey: labelKey,
  labelSelector: selector.optional(),
  namespaces: z.array(namespaceName).optional(),
  namespaceSelector: selector.optional(),
  matchLabelKeys: z.array(labelKey).optional(),
  mismatchLabelKeys: z.array(labelKey).optional(),
});

const weight = z.int().min(1).max(100);

const podTerms = z.strictObject({
  requiredDuringSchedulingIgnoredDuringExecution: z.array(podTerm).optional(),
  preferredDuringSchedulingIgnoredDuringExecution: z
    .array(z.strictObject({ weight, podAffinityTerm: podTerm }))
    .optional(),
});

export const affinity = z.strictObject({
  nodeAffinity: z
    .strictObject({
      requiredDuringSchedulingIgnoredDuringExecution: z
        .strictObject({ nodeSelectorTerms: z.array(nodeTerm).min(1) })
        .optional(),
      preferredDuringSchedulingIgnoredDuringExecution: z
        .array(z.strictObject({ weight, preference: nodeTerm }))
        .optional(),
    })
    .optional(),
  podAffinity: podTerms.optional(),
  podAntiAffinity: podTerms.optional(),
});

const actions = [
  ...(['replace', 'keep', 'drop', 'hashmod', 'labelmap', 'labeldrop', 'labelkeep'] as const),
  ...(['lowercase', 'uppercase', 'keepequal', 'dropequal'] as const),
  // Prometheus Operator takes them in both ways.
  ...(['Replace', 'Keep', 'Drop', 'HashMod', 'LabelMap', 'LabelDrop', 'LabelKeep'] as const),
  ...(['Lowercase', 'Uppercase', 'KeepEqual', 'DropEqual'] as const),
] as const;

export const relabelings = z.array(
  z.strictObject({
    sourceLabels: z.array(z.string()).optional(),
    separator: z.string().optional(),
    targetLabel: z.string().optional(),
    regex: z.string().optional(),
    modulus: z.int().min(0).optional(),
    replacement: z.string().optional(),
    action: z.enum(actions).optional(),
  }),
);

const key = z.strictObject({
  name: objectName,
  key: z
    .string()
    .regex(/^[-._a-zA-Z0-9]+$/)
    .max(253),
  optional: z.boolean().optional(),
});

/** What a container may learn of its pod. */
const fieldPath = z
  .string()
  .regex(
    /^(metadata\.(name|namespace|uid|(labels|annotations)\['[^']+'\])|spec\.(nodeName|serviceAccountName)|status\.(hostIP|podIP)s?)$/,
  );

export const environment = z.array(
  z.strictObject({
    name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
    value: z.string().optional(),
    valueFrom: z
      .strictObject({
        secretKeyRef: key.optional(),
        configMapKeyRef: key.optional(),
        fieldRef: z.strictObject({ fieldPath, apiVersion: z.literal('v1').optional() }).optional(),
        resourceFieldRef: z
          .strictObject({
            resource: z.string().regex(/^(limits|requests)\.(cpu|memory|ephemeral-storage)$/),
            containerName: z.string().optional(),
            divisor: quantityText.optional(),
          })
          .optional(),
      })
      .optional(),
  }),
);
