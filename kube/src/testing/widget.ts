import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../apiError.ts';
import { customResourceDefinitions } from '../builtins.ts';
import type { Cluster } from '../cluster.ts';
import type { Condition, KubeObject, ResourceDefinition } from '../object.ts';
import { type ResourceClient, resourceClient } from '../resources.ts';

/** A kind with a status, for tests of the runtime alone. */
export type Widget = KubeObject & {
  readonly spec?: { readonly size?: number };
  readonly status?: {
    readonly count?: number;
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
  };
};

export const widgets: ResourceDefinition = {
  group: 'kubetest.gridlease.dev',
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
};

export function aWidget(namespace: string, name: string, size = 1): Widget {
  return {
    apiVersion: 'kubetest.gridlease.dev/v1',
    kind: 'Widget',
    metadata: { name, namespace },
    spec: { size },
  };
}

/** Installs the kind (the same for every test file, never removed) and waits until it is served. */
export async function widgetClient(cluster: Cluster): Promise<ResourceClient<Widget>> {
  const definitions = resourceClient<KubeObject>(cluster, customResourceDefinitions);
  await definitions.apply(definition, { fieldManager: 'gridlease-kube-test', force: true });
  const client = resourceClient<Widget>(cluster, widgets);
  for (let tries = 0; ; tries++) {
    try {
      await client.list({ limit: 1 });
      return client;
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isNotFound || tries > 200) throw error;
      await sleep(50);
    }
  }
}

const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${widgets.plural}.${widgets.group}` },
  spec: {
    group: widgets.group,
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: open, status: open } } },
      },
    ],
  },
};
