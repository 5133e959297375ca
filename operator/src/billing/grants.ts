import { escrowDomain } from '@gridlease/contracts/domain';
import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { type Address, isAddressEqual } from 'viem';
import type { BillingDeps } from './deps.ts';
import type { Refusal } from './facts.ts';

/** Why this agent may not speak for the channel's provider; undefined when it may. */
export async function grantRefusal(
  deps: BillingDeps,
  channel: PaymentChannel,
  agent: Address,
): Promise<Refusal | undefined> {
  const { providerName, provider } = channel.spec;
  const nowSeconds = BigInt(Math.floor(deps.clock.now().getTime() / 1_000));
  const expected = { domain: escrowDomain(channel.spec), provider, agent, nowSeconds };
  let refusal: Refusal | undefined;
  for (const offer of deps.informers.offers.list(channel.metadata.namespace)) {
    if (!isAddressEqual(offer.spec.agent, agent)) continue;
    refusal = await deps.checkGrant(offer.spec.grant, expected);
    if (refusal === undefined) return undefined;
  }
  if (refusal !== undefined) return refusal;
  // A provider that offers nothing any more is still paid for what runs: federation verified its agent.
  const known = deps.informers.providers.get(providerName)?.status?.agentAddress;
  if (known !== undefined && isAddressEqual(known, agent)) return undefined;
  return {
    reason: 'AgentNotGranted',
    message: `agent ${agent} has no grant by the provider's owner ${provider}: none of its offers carries one`,
  };
}
