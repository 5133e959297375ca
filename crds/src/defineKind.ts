import type { KubeObject, ResourceDefinition } from '@gridlease/kube/object';
import type { z } from 'zod';
import { API_VERSION } from './labels.ts';
import type { Rule } from './rule.ts';

/** One column of `kubectl get`. */
export type Column = {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date' | 'boolean';
  readonly jsonPath: string;
  readonly description: string;
  /** Only with `-o wide`. */
  readonly wide?: boolean;
};

/** Where `kubectl scale` and autoscalers read and write: the /scale subresource. */
export type Scale = {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath: string;
};

type Options<Spec extends z.ZodType, Status extends z.ZodType> = {
  readonly resource: ResourceDefinition;
  readonly shortNames: readonly string[];
  /** What the kind is for, who writes it; the first lines of `kubectl explain`. */
  readonly description: string;
  /** Which cluster has the kind: the hub, the provider's own, or each of them its own objects. */
  readonly cluster: 'hub' | 'provider' | 'both';
  readonly columns: readonly Column[];
  /** Paths that `--field-selector` understands, such as `.spec.providerName`. */
  readonly selectableFields?: readonly string[];
  readonly scale?: Scale;
  readonly spec: Spec;
  readonly status?: Status;
  /** Rules over the whole object; only metadata.name is visible to them besides spec and status. */
  readonly rules?: readonly Rule[];
};

/** A kind: its place in the API, its schema, and the type of its objects. */
export type Kind<Spec extends z.ZodType, Status extends z.ZodType> = Options<Spec, Status> & {
  /**
   * Checks an object against the schema, fills in the defaults as the API server would, and drops
   * unknown fields. CEL rules are not evaluated. Throws a ZodError that names the field.
   */
  readonly parse: (
    object: KubeObject & { readonly spec: z.input<Spec> },
  ) => KindObject<Spec, Status>;
};

/** A stored object of a kind: defaults are present, status only once somebody wrote it. */
export type KindObject<Spec extends z.ZodType, Status extends z.ZodType> = KubeObject & {
  readonly spec: z.output<Spec>;
  readonly status?: z.output<Status>;
};

/** Any kind, whatever its spec and status: what manifests and reference are made from. */
export type AnyKind = Omit<Kind<z.ZodType, z.ZodType>, 'parse' | 'status'> & {
  readonly status?: z.ZodType | undefined;
};

type SpecSchema<K> = K extends { readonly spec: infer Spec extends z.ZodType } ? Spec : never;
type StatusSchema<K> = K extends { readonly status?: infer Status extends z.ZodType | undefined }
  ? NonNullable<Status>
  : never;

/** The type of a kind's objects, spec and status. */
export type ObjectOf<K> = KindObject<SpecSchema<K>, StatusSchema<K>>;
export type SpecOf<K> = z.output<SpecSchema<K>>;
export type StatusOf<K> = z.output<StatusSchema<K>>;
/** What a person may write: fields with a default may be left out. */
export type SpecInput<K> = z.input<SpecSchema<K>>;

/** Declares a kind. The manifest, the types and the API reference all follow from it. */
export function defineKind<Spec extends z.ZodType, Status extends z.ZodType = z.ZodType<never>>(
  options: Options<Spec, Status>,
): Kind<Spec, Status> {
  const parse: Kind<Spec, Status>['parse'] = (object) => {
    const parsed = { ...object, apiVersion: API_VERSION, kind: options.resource.kind };
    const status = (object as { status?: unknown }).status;
    return {
      ...parsed,
      spec: options.spec.parse(object.spec),
      ...(status === undefined || options.status === undefined
        ? {}
        : { status: options.status.parse(status) }),
    };
  };
  return { ...options, parse };
}
