import { GROUP, VERSION } from './labels.ts';

/** One check of an admission policy; see `Rule` for what messages must say. */
export type PolicyRule = {
  /** Names the check in the table of examples; not written to the manifest. */
  readonly name: string;
  /** CEL over object, oldObject and request; true is accepted. */
  readonly expression: string;
  readonly message: string;
  readonly messageExpression?: string;
  /** Invalid: the object is wrong (HTTP 422). Forbidden: the caller is (403). */
  readonly reason: 'Invalid' | 'Forbidden';
};

/** Rules that depend on the caller, or on the object as it was: what a CRD can't check, or not cheaply. */
export type Policy = {
  readonly name: string;
  /** What it protects, for the reader of the manifest and the API reference. */
  readonly description: string;
  /** `gpuleases`, or `gpuleases/status`. */
  readonly resources: readonly string[];
  readonly operations: readonly ('CREATE' | 'UPDATE')[];
  readonly scope?: 'Namespaced' | 'Cluster';
  /** All must be true, else the policy costs nothing more. */
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
  readonly rules: readonly PolicyRule[];
};

/**
 * The spec was touched. The API server raises metadata.generation before it asks policies, so this
 * integer stands for a comparison of whole specs, and a change of labels or finalizers costs nothing.
 */
export const SPEC_CHANGED = {
  name: 'spec-changed',
  expression:
    "request.operation == 'CREATE' || object.metadata.generation != oldObject.metadata.generation",
};

/** The ValidatingAdmissionPolicy. Fails closed: an API server that can't evaluate it refuses the write. */
export function policyObject(policy: Policy) {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: {
      name: `${policy.name}.${GROUP}`,
      annotations: { 'kubernetes.io/description': policy.description },
    },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [GROUP],
            apiVersions: [VERSION],
            operations: policy.operations,
            resources: policy.resources,
            ...(policy.scope === undefined ? {} : { scope: policy.scope }),
          },
        ],
      },
      ...(policy.matchConditions === undefined ? {} : { matchConditions: policy.matchConditions }),
      validations: policy.rules.map(({ name: _, ...rule }) => rule),
    },
  };
}

/** The binding that puts a policy in force for the whole cluster. */
export function policyBinding(policy: Policy) {
  const name = `${policy.name}.${GROUP}`;
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  };
}
