import type { GPUJobSpec } from '@gridlease/crds/gpujob';

/**
 * Paths of the fields that were written and that nothing here can honour yet. No field is silently
 * ignored: a job that asks for one of them is not admitted.
 */
export function unsupportedFields(spec: GPUJobSpec): readonly string[] {
  const found: string[] = [];
  // A service never ends by itself: there is no moment at which its files are complete.
  if ((spec.outputs ?? []).length > 0 && spec.service !== undefined) found.push('spec.outputs');
  return found;
}

/** Paths of the fields that name a Secret: they would have to travel sealed to the provider. */
export function secretFields(spec: GPUJobSpec): readonly string[] {
  const { env = [], imagePullSecretName } = spec.workload;
  const found = env
    .filter(({ secretKeyRef }) => secretKeyRef !== undefined)
    .map(({ name }) => `spec.workload.env[${name}].secretKeyRef`);
  if (imagePullSecretName !== undefined) found.push('spec.workload.imagePullSecretName');
  for (const [position, { secretName }] of (spec.outputs ?? []).entries()) {
    if (secretName !== undefined) found.push(`spec.outputs[${position}].secretName`);
  }
  return found;
}
