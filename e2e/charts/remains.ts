import type { ApiClient } from '../cluster/apiClient.ts';

type ResourceList = {
  readonly groupVersion: string;
  readonly resources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly verbs: readonly string[];
  }[];
};
type ObjectList = {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly namespace?: string };
  }[];
};

/** `Kind namespace/name` of every object that Helm made, of whatever kind the cluster knows. */
export const objectsOfReleases = async (client: ApiClient): Promise<readonly string[]> => {
  const { groups } = await client.get<{
    readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
  }>('/apis');
  const roots = [
    '/api/v1',
    ...groups.map((group) => `/apis/${group.preferredVersion.groupVersion}`),
  ];
  const selector = encodeURIComponent('app.kubernetes.io/managed-by=Helm');
  const lists = roots.map(async (root) => {
    const { resources } = await client.get<ResourceList>(root);
    const listed = resources.filter(
      ({ verbs, name }) => verbs.includes('list') && !name.includes('/'),
    );
    const found = listed.map(async ({ name, kind }) => {
      const { items } = await client.get<ObjectList>(`${root}/${name}?labelSelector=${selector}`);
      return items.map(({ metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
    });
    return (await Promise.all(found)).flat();
  });
  return (await Promise.all(lists)).flat().sort();
};
