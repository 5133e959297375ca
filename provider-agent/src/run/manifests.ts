import type { KubeObject } from '@gridlease/kube/object';
import { ApiObject, type ApiObjectProps, App, Chart } from 'cdk8s';

/** Any object of the provider's cluster before it is stored. */
export type Manifest = KubeObject & {
  readonly spec?: unknown;
  readonly metadata: { readonly name: string; readonly namespace?: string };
};

/**
 * Builds objects as one cdk8s chart: the chart puts its namespace and labels on each, keys come out
 * sorted and undefined members are dropped, so equal input gives equal text. The tree is mutable and
 * lives only in here. Names are ours: a hash of cdk8s's would change with the shape of the tree.
 */
export function synthesise(
  options: { readonly namespace?: string; readonly labels: Readonly<Record<string, string>> },
  objects: readonly Manifest[],
): readonly Manifest[] {
  const chart = new Chart(new App(), 'lease', {
    disableResourceNameHashes: true,
    labels: { ...options.labels },
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
  });
  objects.forEach((object, position) => {
    new ApiObject(chart, String(position), object as ApiObjectProps);
  });
  return chart.toJson() as Manifest[];
}
