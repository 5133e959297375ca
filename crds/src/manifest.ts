import type { AnyKind } from './defineKind.ts';
import { type Rule, VALIDATIONS } from './rule.ts';
import { type SchemaNode, structuralSchema } from './structuralSchema.ts';

/** The schema of a kind's whole object, rules with their names. */
export function objectSchema(kind: AnyKind): SchemaNode {
  const name = kind.resource.kind;
  return {
    description: kind.description,
    type: 'object',
    ...(kind.rules === undefined ? {} : { [VALIDATIONS]: kind.rules }),
    required: ['spec'],
    properties: {
      apiVersion: {
        description: 'Version of the schema of this object: gridlease.dev/v1alpha1.',
        type: 'string',
      },
      kind: { description: `The kind: ${name}.`, type: 'string' },
      // The bound is what object names have anyway; the cost estimate of rules over the name needs it.
      metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 253 } } },
      spec: structuralSchema(kind.spec, `${name} spec`),
      ...(kind.status === undefined
        ? {}
        : { status: structuralSchema(kind.status, `${name} status`) }),
    },
  };
}

/** The names of rules serve the tests and the reference; Kubernetes doesn't know them. */
function withoutRuleNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRuleNames);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      key === VALIDATIONS
        ? (child as readonly Rule[]).map(({ name: _, ...rule }) => rule)
        : withoutRuleNames(child),
    ]),
  );
}

function subresources({ status, scale }: AnyKind) {
  if (status === undefined) return {};
  return { subresources: { status: {}, ...(scale === undefined ? {} : { scale }) } };
}

/** The CustomResourceDefinition of a kind, ready to be applied. */
export function customResourceDefinition(kind: AnyKind) {
  const { resource } = kind;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${resource.plural}.${resource.group}` },
    spec: {
      group: resource.group,
      scope: resource.namespaced ? 'Namespaced' : 'Cluster',
      names: {
        kind: resource.kind,
        listKind: `${resource.kind}List`,
        plural: resource.plural,
        singular: resource.kind.toLowerCase(),
        shortNames: kind.shortNames,
        categories: ['gridlease'],
      },
      versions: [
        {
          name: resource.version,
          served: true,
          storage: true,
          ...subresources(kind),
          additionalPrinterColumns: kind.columns.map(({ wide, ...column }) => ({
            ...column,
            ...(wide === true ? { priority: 1 } : {}),
          })),
          ...(kind.selectableFields === undefined
            ? {}
            : { selectableFields: kind.selectableFields.map((jsonPath) => ({ jsonPath })) }),
          schema: { openAPIV3Schema: withoutRuleNames(objectSchema(kind)) },
        },
      ],
    },
  };
}
