import { LABEL_PROVIDER } from '@gridlease/crds/labels';
import { createOnce, NameTakenError } from '@gridlease/kube/apply';
import type { Clock } from '@gridlease/kube/clock';
import { type KubeObject, objectKey } from '@gridlease/kube/object';
import type { ResourceClient } from '@gridlease/kube/resources';
import {
  bindsTheSame,
  namespaceOf,
  type RoleBinding,
  roleBindingOf,
  serviceAccountOf,
} from './objects.ts';

export type EnsureDeps = {
  readonly clients: {
    readonly namespaces: ResourceClient<KubeObject>;
    readonly serviceAccounts: ResourceClient<KubeObject>;
    readonly roleBindings: ResourceClient<RoleBinding>;
  };
  readonly clock: Clock;
};

const fieldManager = 'gridlease-federation';
/** How long what was seen to be there is believed to be there; asking each time would cost the API server more than all the rest. */
const trustMs = 300_000;

/** Makes and unmakes what a provider needs in the hub. */
export function providerObjects({ clients, clock }: EnsureDeps) {
  const madeAtMs = new Map<string, number>();

  /** Namespace and ServiceAccount. Returns why not, when a namespace of that name is somebody else's. */
  async function make(providerName: string, signal: AbortSignal): Promise<string | undefined> {
    const madeAt = madeAtMs.get(providerName);
    if (madeAt !== undefined && clock.monotonicMs() - madeAt < trustMs) return undefined;
    const namespace = namespaceOf(providerName);
    const ours = (existing: KubeObject) =>
      existing.metadata.labels?.[LABEL_PROVIDER] === providerName;
    try {
      await createOnce(clients.namespaces, namespace, { accept: ours, fieldManager, signal });
    } catch (error) {
      if (!(error instanceof NameTakenError)) throw error;
      return `Namespace ${namespace.metadata.name} exists and was not made for this provider: delete it, or label it ${LABEL_PROVIDER}=${providerName}.`;
    }
    const account = serviceAccountOf(providerName);
    await createOnce(clients.serviceAccounts, account, {
      accept: () => true,
      fieldManager,
      signal,
    });
    madeAtMs.set(providerName, clock.monotonicMs());
    return undefined;
  }

  /** Gives the agent its rights, and no others. */
  async function admit(
    providerName: string,
    existing: RoleBinding | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const wanted = roleBindingOf(providerName);
    if (existing !== undefined && bindsTheSame(existing, wanted)) return;
    const found = await clients.roleBindings.find(wanted.metadata, { signal });
    if (found !== undefined && bindsTheSame(found, wanted)) return;
    // roleRef can't be changed in place.
    if (found !== undefined) await remove(found, signal);
    await createOnce(clients.roleBindings, wanted, {
      accept: (other) => bindsTheSame(other, wanted),
      fieldManager,
      signal,
    });
  }

  /** Takes the agent's rights away: its next request is refused. */
  async function expel(providerName: string, signal: AbortSignal): Promise<void> {
    const found = await clients.roleBindings.find(roleBindingOf(providerName).metadata, { signal });
    if (found !== undefined) await remove(found, signal);
  }

  async function remove(binding: RoleBinding, signal: AbortSignal): Promise<void> {
    const { uid } = binding.metadata;
    if (uid === undefined) throw new TypeError(`RoleBinding ${objectKey(binding)} has no uid`);
    await clients.roleBindings.delete(binding.metadata, { uid, signal });
  }

  return { make, admit, expel, forget: (providerName: string) => madeAtMs.delete(providerName) };
}
