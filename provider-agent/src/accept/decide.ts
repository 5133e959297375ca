import { capacityPolicies, channelPolicies } from './channelPolicies.ts';
import type { CapacityInput, ChannelInput, TermsInput } from './facts.ts';
import { identityPolicies } from './identityPolicies.ts';
import { offerPolicies } from './offerPolicies.ts';
import { firstRefusal, type Refusal } from './policy.ts';
import { workloadPolicies } from './workloadPolicies.ts';

/**
 * The three questions a lease must pass, in this order; each answer is the first refusal with its
 * reason and message, or nothing. They are asked apart because each needs facts that cost more to get:
 * signatures and documents, then a look at the chain, then the lock under which GPUs are promised.
 */

/** Who asks, for what offer, to run what: the lease and what the agent signed itself. */
export function decideTerms(input: TermsInput): Readonly<Refusal> | undefined {
  return frozen(firstRefusal([...identityPolicies, ...offerPolicies, ...workloadPolicies], input));
}

/** Whether the channel can pay this lease, by the agent's own view of the chain. */
export function decideChannel(input: ChannelInput): Readonly<Refusal> | undefined {
  return frozen(firstRefusal(channelPolicies, input));
}

/** Whether nodes and free GPUs are there. Holds only while nobody else is promised any. */
export function decideCapacity(input: CapacityInput): Readonly<Refusal> | undefined {
  return frozen(firstRefusal(capacityPolicies, input));
}

function frozen(refusal: Refusal | undefined): Readonly<Refusal> | undefined {
  return refusal && Object.freeze(refusal);
}
