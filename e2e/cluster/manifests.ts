import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { ApiClient, Manifest } from './apiClient.ts';
import { waitFor } from './waitFor.ts';

/** What others stand on comes first: a binding needs its role's namespace, an object its definition. */
const ORDER = [
  'Namespace',
  'CustomResourceDefinition',
  'ServiceAccount',
  'ClusterRole',
  'Role',
  'ClusterRoleBinding',
  'RoleBinding',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
] as const;

const rank = (manifest: Manifest): number => {
  const at = (ORDER as readonly string[]).indexOf(manifest.kind);
  return at < 0 ? ORDER.length : at;
};

/** All objects in the YAML files of these folders and their subfolders, in an order in which they can be applied. */
export const loadManifests = (...folders: readonly string[]): Manifest[] =>
  folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.ya?ml$/.test(file))
        .sort()
        .flatMap((file) => {
          const text = readFileSync(join(folder, file), 'utf8');
          return parseAllDocuments(text).map((document) => document.toJS() as Manifest | null);
        }),
    )
    .filter((manifest): manifest is Manifest => manifest !== null)
    .sort((a, b) => rank(a) - rank(b));

type Definition = Manifest & {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
};

/** The Established condition comes a moment before the server can answer for a kind, so the kind itself is asked. */
const waitServed = (client: ApiClient, definition: Definition, signal?: AbortSignal) => {
  const { group, names, versions } = definition.spec;
  return Promise.all(
    versions
      .filter((version) => version.served)
      .map((version) =>
        waitFor(
          async () => {
            await client.get(`/apis/${group}/${version.name}/${names.plural}?limit=1`);
            return true;
          },
          { what: `the kind ${definition.metadata.name} served`, signal },
        ),
      ),
  );
};

/** Applies objects of one rank at a time, in parallel, and waits until new kinds are served. Safe to repeat. */
export const applyManifests = async (
  client: ApiClient,
  manifests: readonly Manifest[],
  signal?: AbortSignal,
): Promise<void> => {
  for (const group of Map.groupBy(manifests, rank).values()) {
    await Promise.all(group.map((manifest) => client.apply(manifest)));
    await Promise.all(
      group
        .filter((manifest) => manifest.kind === 'CustomResourceDefinition')
        .map((definition) => waitServed(client, definition as Definition, signal)),
    );
  }
};
