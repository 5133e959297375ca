import type { ReasonOf } from '@gridlease/crds/conditionReasons';
import type { GPUInventory } from '@gridlease/crds/gpuinventory';
import type { GPUProvider, GPUProviderStatus } from '@gridlease/crds/gpuprovider';
import { agentUser, providerNamespace } from '@gridlease/crds/labels';
import { type ConditionUpdate, getCondition, setCondition } from '@gridlease/kube/conditions';
import type { Address } from 'viem';

/** One GPUOffer and what verifying it gave. */
export type OfferFacts = {
  readonly name: string;
  readonly product: string;
  readonly agent: Address;
  /** Undefined when it verifies. */
  readonly refusal: { readonly reason: string; readonly message: string } | undefined;
};

export type ProviderFacts = {
  readonly provider: GPUProvider;
  /** Why the namespace could not be made; undefined when all is there. */
  readonly problem: string | undefined;
  /** Whether a heartbeat Lease exists. */
  readonly heardOf: boolean;
  /** Milliseconds since a renewal was seen to change; undefined when none was since this program started. */
  readonly heartbeatAgeMs: number | undefined;
  /** Milliseconds since this program started: before the limit it can't know that an agent is silent. */
  readonly watchingMs: number;
  /** For so long after a renewal was seen the agent counts as there, in milliseconds. */
  readonly unreachableMs: number;
  /** Unix milliseconds of the last renewal seen; for the message. */
  readonly lastSeenMs: number | undefined;
  readonly offers: readonly OfferFacts[];
  readonly inventory: GPUInventory | undefined;
};

type Type = 'Joined' | 'Accepted' | 'Ready' | 'OffersValid';
type Finding<T extends Type> = {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: ReasonOf<'GPUProvider', T>;
  readonly message: string;
};

/** Whether the provider's agent may use the hub at all. */
export function mayConnect(provider: GPUProvider | undefined): boolean {
  return (
    provider !== undefined &&
    provider.metadata.deletionTimestamp === undefined &&
    provider.spec.hubAccepted &&
    !provider.spec.suspended &&
    provider.spec.abandoned === undefined
  );
}

/** The whole status of a provider. Nothing in it changes while nothing happens. */
export function decideStatus(facts: ProviderFacts, now: Date): GPUProviderStatus {
  const { provider, inventory } = facts;
  const valid = facts.offers.filter(({ refusal }) => refusal === undefined);
  const products = [...new Set(valid.map(({ product }) => product))].sort().join(',');
  const agent =
    valid[0]?.agent ?? (facts.offers.length === 0 ? provider.status?.agentAddress : undefined);
  const { agentAddress: _agent, gpus: _gpus, ...kept } = provider.status ?? {};
  const observedGeneration = provider.metadata.generation ?? 0;
  const updates: readonly ConditionUpdate[] = [
    { type: 'Joined', ...joined(facts) },
    { type: 'Accepted', ...accepted(provider) },
    { type: 'Ready', ...ready(facts) },
    { type: 'OffersValid', ...offersValid(facts.offers) },
  ];
  return {
    ...kept,
    observedGeneration,
    namespace: providerNamespace(provider.metadata.name),
    ...(agent === undefined ? {} : { agentAddress: agent }),
    ...(inventory === undefined ? {} : { gpus: gpusOf(inventory) }),
    products: products.slice(0, 1_024),
    trustTier: provider.status?.trustTier ?? 0,
    conditions: updates.reduce(
      (conditions, update) => setCondition(conditions, { ...update, observedGeneration }, now),
      provider.status?.conditions ?? [],
    ),
  };
}

function gpusOf({ spec }: GPUInventory): string {
  const free = spec.pools.reduce((sum, pool) => sum + pool.free, 0);
  return `${free}/${spec.pools.reduce((sum, pool) => sum + pool.healthy, 0)}`;
}

function joined({ provider, problem, heardOf }: ProviderFacts): Finding<'Joined'> {
  const { name } = provider.metadata;
  const namespace = providerNamespace(name);
  if (problem !== undefined) return { status: 'False', reason: 'Pending', message: problem };
  return heardOf
    ? { status: 'True', reason: 'Joined', message: `Its agent uses namespace ${namespace}.` }
    : {
        status: 'False',
        reason: 'Pending',
        message: `Namespace ${namespace} is ready, no agent has connected as ${agentUser(name)}: give it a token of that ServiceAccount.`,
      };
}

function accepted({ spec }: GPUProvider): Finding<'Accepted'> {
  if (!spec.hubAccepted) {
    return {
      status: 'False',
      reason: 'NotAccepted',
      message: 'spec.hubAccepted is false: an admin sets it to true to let the agent in.',
    };
  }
  if (spec.abandoned !== undefined) {
    return {
      status: 'False',
      reason: 'Abandoned',
      message: `An admin abandoned it: ${spec.abandoned.reason}. Its leases are lost and its agent has no rights in this hub; remove spec.abandoned to let it back.`,
    };
  }
  return spec.suspended
    ? {
        status: 'False',
        reason: 'Suspended',
        message: 'spec.suspended is true: the agent has no rights in this hub.',
      }
    : { status: 'True', reason: 'Accepted', message: 'An admin let it in.' };
}

function offersValid(offers: readonly OfferFacts[]): Finding<'OffersValid'> {
  if (offers.length === 0) {
    return {
      status: 'False',
      reason: 'NoOffers',
      message: 'There is no GPUOffer of this provider.',
    };
  }
  const bad = offers
    .filter(({ refusal }) => refusal !== undefined)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (bad.length === 0) {
    return { status: 'True', reason: 'Valid', message: `${offers.length} offers verify.` };
  }
  const named = bad
    .slice(0, 5)
    .map(({ name, refusal }) => `${name}: ${refusal?.reason}, ${refusal?.message}`);
  const more = bad.length > 5 ? `; and ${bad.length - 5} more` : '';
  return {
    status: 'False',
    reason: bad.length === offers.length ? 'NoneValid' : 'SomeInvalid',
    message: `${bad.length} of ${offers.length} offers do not verify: ${named.join('; ')}${more}`,
  };
}

function ready(facts: ProviderFacts): Finding<'Ready'> {
  const { provider, inventory, offers } = facts;
  const acceptance = accepted(provider);
  if (acceptance.status !== 'True') {
    const { reason, message } = acceptance;
    return { status: 'False', reason: reason === 'Accepted' ? 'NotAccepted' : reason, message };
  }
  if (!facts.heardOf) {
    return {
      status: 'False',
      reason: 'NeverConnected',
      message: 'Its agent has never renewed its heartbeat Lease.',
    };
  }
  const silent = silence(facts);
  if (silent !== undefined) return silent;
  if (inventory === undefined) {
    return {
      status: 'False',
      reason: 'NoInventory',
      message: 'Its agent has not listed its GPUs.',
    };
  }
  if (!inventory.spec.pools.some(({ healthy }) => healthy > 0)) {
    return {
      status: 'False',
      reason: 'NoGPUs',
      message: `It has no healthy GPU with a product label${unlabelled(inventory)}.`,
    };
  }
  if (offers.length === 0) {
    return { status: 'False', reason: 'NoOffers', message: 'It offers nothing.' };
  }
  if (offers.every(({ refusal }) => refusal !== undefined)) {
    return { status: 'False', reason: 'OffersInvalid', message: offersValid(offers).message };
  }
  return provider.spec.unschedulable
    ? {
        status: 'True',
        reason: 'Unschedulable',
        message: 'spec.unschedulable is true: it takes no new leases.',
      }
    : { status: 'True', reason: 'Ready', message: 'Its agent renews its heartbeat.' };
}

/** Silence is unknown, not bad; and who has just begun to listen can't tell it from a pause. */
function silence(facts: ProviderFacts): Finding<'Ready'> | undefined {
  const { heartbeatAgeMs, watchingMs, lastSeenMs, unreachableMs } = facts;
  if (heartbeatAgeMs !== undefined && heartbeatAgeMs <= unreachableMs) return undefined;
  const before = getCondition(facts.provider.status?.conditions, 'Ready');
  if (heartbeatAgeMs === undefined && watchingMs <= unreachableMs && before !== undefined) {
    // Whatever was said before this program started stands until it can know better.
    return before.status === 'True' ? undefined : (before as Finding<'Ready'>);
  }
  const since = lastSeenMs === undefined ? 'ever' : new Date(lastSeenMs).toISOString().slice(0, 19);
  return {
    status: 'Unknown',
    reason: 'Unreachable',
    message: `No heartbeat since ${since}Z: leases there go on as their terms say, new ones wait.`,
  };
}

function unlabelled({ spec }: GPUInventory): string {
  if (spec.unlabelledNodes.length === 0) return '';
  const names = spec.unlabelledNodes.slice(0, 5).map(({ name }) => name);
  return `; nodes with unlabelled GPUs: ${names.join(', ')}`;
}
