import { expect } from '@jest/globals';
import { kinds } from '../src/kinds.ts';
import { OPERATOR_USER } from '../src/labels.ts';
import { policies } from '../src/policies.ts';
import { policyBinding, policyObject } from '../src/policy.ts';
import type { Answer } from './apiServer.ts';
import { collectionPath, type Hub, messageOf, sample, startHub } from './cluster.ts';
import { withValue } from './paths.ts';
import { type Caller, existing } from './policyExample.ts';
import { statuses } from './samples.ts';
import { serviceJob } from './writtenSamples.ts';

const admission = '/apis/admissionregistration.k8s.io/v1';

/** One field of one of the existing objects, and what it shall become. */
export type Change = { readonly object: string; readonly path: string; readonly value: unknown };

/** A hub with the policies in force, for the objects of this test only: the API server is shared. */
export class PolicyHub {
  readonly hub: Hub;
  readonly labels: Readonly<Record<string, string>>;
  readonly #paths = new Map<string, string>();

  private constructor(hub: Hub) {
    this.hub = hub;
    this.labels = { 'gridlease.dev/test': hub.suffix };
  }

  /** Installs policies and creates the existing objects, each as the one who owns it. */
  static async start(): Promise<PolicyHub> {
    const started = new PolicyHub(await startHub());
    await started.#install();
    for (const key of Object.keys(existing)) await started.#create(key);
    return started;
  }

  /** The path of an existing object. */
  pathOf(object: string): string {
    const path = this.#paths.get(object);
    if (path === undefined) throw new Error(`no object "${object}" among the existing ones`);
    return path;
  }

  /** What makes a call the caller's. */
  as(caller: Caller): { readonly as?: string } {
    if (caller === 'admin') return {};
    if (caller === 'operator') return { as: OPERATOR_USER };
    const home = caller === 'agent' ? this.hub.providerNamespace : 'gridlease-provider-stranger';
    return { as: `system:serviceaccount:${home}:agent` };
  }

  /** Tries a change without storing it. */
  async tryChange({ object, path, value }: Change, caller: Caller): Promise<Answer> {
    return this.tryEdit(
      object,
      (body) => withValue(body, path, value),
      caller,
      path.startsWith('status') ? '/status' : '',
    );
  }

  /** Tries any edit of an existing object without storing it. */
  async tryEdit(
    object: string,
    edit: (body: Answer['body']) => unknown,
    caller: Caller,
    subresource = '',
  ): Promise<Answer> {
    const target = this.pathOf(object);
    const { body } = await this.hub.server.call({ method: 'GET', path: target });
    const path = `${target}${subresource}?dryRun=All`;
    return this.hub.server.call({ method: 'PUT', path, body: edit(body), ...this.as(caller) });
  }

  /** A new policy holds once the API server has seen it: the change is tried until it is refused. */
  async refusal(change: Change, caller: Caller, says: readonly string[]): Promise<Answer> {
    const deadline = Date.now() + 25_000;
    for (;;) {
      const answer = await this.tryChange(change, caller);
      const expected =
        answer.status >= 400 && says.every((part) => messageOf(answer).includes(part));
      if (expected || Date.now() > deadline) return answer;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const policy of policies) {
      for (const plural of ['validatingadmissionpolicybindings', 'validatingadmissionpolicies']) {
        const path = `${admission}/${plural}/${this.#nameOf(policy.name)}`;
        await this.hub.server.call({ method: 'DELETE', path });
      }
    }
    for (const path of this.#paths.values()) {
      await this.hub.server.call({ method: 'DELETE', path });
    }
    await this.hub[Symbol.asyncDispose]();
  }

  #nameOf(policy: string): string {
    return `${this.hub.suffix}.${policy}`;
  }

  async #install(): Promise<void> {
    const selected = { objectSelector: { matchLabels: this.labels } };
    for (const policy of policies) {
      const name = this.#nameOf(policy.name);
      const binding = policyBinding(policy);
      await this.hub.server.apply(`${admission}/validatingadmissionpolicies/${name}`, {
        ...policyObject(policy),
        metadata: { name },
      });
      await this.hub.server.apply(`${admission}/validatingadmissionpolicybindings/${name}`, {
        ...binding,
        metadata: { name },
        spec: { ...binding.spec, policyName: name, matchResources: selected },
      });
    }
  }

  async #create(key: string): Promise<void> {
    const entry = existing[key]!;
    const kind = kinds.find(({ resource }) => resource.kind === entry.kind)!;
    const name = entry.name ?? (kind.resource.namespaced ? key : `${key}-${this.hub.suffix}`);
    const base = sample(kind, name);
    const spec = { ...(entry.service ? serviceJob : (base.spec as object)), ...entry.spec };
    const path = collectionPath(kind, this.hub.providerNamespace);
    this.#paths.set(key, `${path}/${name}`);
    const owner = this.as(entry.kind === 'GPUOffer' ? 'agent' : 'operator');
    const body = { ...base, metadata: { name, labels: this.labels }, spec };
    const created = await this.hub.server.call({ method: 'POST', path, body, ...owner });
    expect([key, messageOf(created), created.status]).toEqual([key, expect.any(String), 201]);
    const known = statuses[entry.kind];
    if (known === undefined) return;
    const status = { ...(known as object), ...entry.status };
    const byAgent = ['GPULease', 'PaymentChannel'].includes(entry.kind);
    const answer = await this.hub.server.call({
      method: 'PUT',
      path: `${path}/${name}/status`,
      body: { ...created.body, status },
      ...this.as(byAgent ? 'agent' : 'operator'),
    });
    expect([key, messageOf(answer), answer.status]).toEqual([key, expect.any(String), 200]);
  }
}
