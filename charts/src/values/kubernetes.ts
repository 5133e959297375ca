import { z } from 'zod';
import { cidr, labelKey, labelValue, port } from './pieces.ts';

/** Objects of Kubernetes that a user gives, closed as far as a typing error would otherwise pass unseen. */

const labels = z.record(labelKey, labelValue);

const selector = z.strictObject({
  matchLabels: labels.optional(),
  matchExpressions: z
    .array(
      z.strictObject({
        key: labelKey,
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: z.array(labelValue).optional(),
      }),
    )
    .optional(),
});

export const peers = z.array(
  z.strictObject({
    namespaceSelector: selector.optional(),
    podSelector: selector.optional(),
    ipBlock: z.strictObject({ cidr, except: z.array(cidr).optional() }).optional(),
  }),
);

export const egressRules = z.array(
  z.strictObject({
    to: peers.optional(),
    ports: z
      .array(
        z.strictObject({
          protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional(),
          port: z.union([port, z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)]).optional(),
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
  z.strictObject({
    key: z.string().min(1),
    operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']),
    values: z.array(z.string()).optional(),
  }),
);

const nodeTerm = z.strictObject({
  matchExpressions: expressions.optional(),
  matchFields: expressions.optional(),
});

const podTerm = z.strictObject({
  topologyKey: labelKey,
  labelSelector: selector.optional(),
  namespaces: z.array(z.string()).optional(),
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

export const relabelings = z.array(
  z.strictObject({
    sourceLabels: z.array(z.string()).optional(),
    separator: z.string().optional(),
    targetLabel: z.string().optional(),
    regex: z.string().optional(),
    modulus: z.int().min(0).optional(),
    replacement: z.string().optional(),
    action: z
      .enum([
        'replace',
        'keep',
        'drop',
        'hashmod',
        'labelmap',
        'labeldrop',
        'labelkeep',
        'lowercase',
        'uppercase',
        'keepequal',
        'dropequal',
      ])
      .optional(),
  }),
);

const key = z.strictObject({
  name: z.string().min(1),
  key: z.string().min(1),
  optional: z.boolean().optional(),
});

export const environment = z.array(
  z.strictObject({
    name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
    value: z.string().optional(),
    valueFrom: z
      .strictObject({
        secretKeyRef: key.optional(),
        configMapKeyRef: key.optional(),
        fieldRef: z
          .strictObject({ fieldPath: z.string().min(1), apiVersion: z.string().optional() })
          .optional(),
        resourceFieldRef: z
          .strictObject({
            resource: z.string().min(1),
            containerName: z.string().optional(),
            divisor: z.string().optional(),
          })
          .optional(),
      })
      .optional(),
  }),
);
