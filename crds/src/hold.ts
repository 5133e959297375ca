import { FINALIZER_LEASES, GROUP, VERSION } from './labels.ts';
import { gpuJobs } from './resources.ts';

const name = `gpujob-is-held.${GROUP}`;
const path = '/metadata/finalizers';

/**
 * Puts the operator's finalizer on a GPUJob as it is created: one write less for every job. Ignored
 * where it fails or the API server is older than 1.36: the operator adds the finalizer before the
 * first lease to whatever job has none.
 */
export function holdPolicy(): readonly unknown[] {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  return [
    {
      apiVersion,
      kind: 'MutatingAdmissionPolicy',
      metadata: {
        name,
        annotations: {
          'kubernetes.io/description':
            'A GPUJob is not gone before what was made for it at providers is: the operator takes its finalizer off then.',
        },
      },
      spec: {
        failurePolicy: 'Ignore',
        reinvocationPolicy: 'Never',
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: [GROUP],
              apiVersions: [VERSION],
              operations: ['CREATE'],
              resources: [gpuJobs.plural],
              scope: 'Namespaced',
            },
          ],
        },
        matchConditions: [
          {
            name: 'not-held',
            expression: `!has(object.metadata.finalizers) || !('${FINALIZER_LEASES}' in object.metadata.finalizers)`,
          },
        ],
        mutations: [
          {
            patchType: 'JSONPatch',
            jsonPatch: {
              expression: `has(object.metadata.finalizers) ? [JSONPatch{op: 'add', path: '${path}/-', value: '${FINALIZER_LEASES}'}] : [JSONPatch{op: 'add', path: '${path}', value: ['${FINALIZER_LEASES}']}]`,
            },
          },
        ],
      },
    },
    {
      apiVersion,
      kind: 'MutatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name },
    },
  ];
}
