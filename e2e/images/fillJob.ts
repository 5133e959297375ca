import type { GPUJobSpecInput } from '@gridlease/crds/gpujob';
import { type S3Store, s3Environment } from '../cluster/s3.ts';

/** A GPUJob as a person would write it. */
export type JobManifest = {
  readonly apiVersion: 'gridlease.dev/v1alpha1';
  readonly kind: 'GPUJob';
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: GPUJobSpecInput;
};

/** What differs between a written example and a run of it. Everything left out stays as it is written. */
export type JobChanges = {
  /** `name@sha256:…` of the built image. */
  readonly reference: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly accountName?: string;
  readonly products?: readonly string[];
  /** Its address and keys become the AWS_… variables. Development only: they are readable in the object. */
  readonly store?: S3Store;
  readonly checkpointURI?: string;
  /** Where the first of the outputs goes. */
  readonly outputURI?: string;
  /** Set, or set anew. */
  readonly env?: Readonly<Record<string, string>>;
  /** Blocks of the spec that are replaced as a whole: batch, runtime, failover, … */
  readonly spec?: Partial<GPUJobSpecInput>;
};

/** The manifest with the changes. Pure. */
export const fillJob = (manifest: JobManifest, changes: JobChanges): JobManifest => {
  const spec = { ...manifest.spec, ...changes.spec };
  const set = {
    ...(changes.store === undefined ? {} : s3Environment(changes.store)),
    ...changes.env,
  };
  const kept = (spec.workload.env ?? []).filter(({ name }) => !(name in set));
  const added = Object.entries(set).map(([name, value]) => ({ name, value }));
  const { products, accountName, checkpointURI, outputURI, name, namespace } = changes;
  return {
    ...manifest,
    metadata: {
      name: name ?? manifest.metadata.name,
      namespace: namespace ?? manifest.metadata.namespace,
    },
    spec: {
      ...spec,
      workload: { ...spec.workload, image: changes.reference, env: [...kept, ...added] },
      gpu: { ...spec.gpu, ...(products === undefined ? {} : { products: [...products] }) },
      budget: { ...spec.budget, ...(accountName === undefined ? {} : { accountName }) },
      ...(checkpointURI === undefined ? {} : { failover: { ...spec.failover, checkpointURI } }),
      ...(outputURI === undefined
        ? {}
        : {
            outputs: (spec.outputs ?? []).map((o, i) => (i === 0 ? { ...o, uri: outputURI } : o)),
          }),
    },
  };
};
