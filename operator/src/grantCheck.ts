import { recoverAgentGrant } from '@gridlease/contracts/agentGrant';
import type { EscrowDomain } from '@gridlease/contracts/domain';
import type { GPUOfferSpec } from '@gridlease/crds/gpuoffer';
import { type Address, isAddressEqual } from 'viem';

/** Why a grant doesn't let the agent speak for the provider. */
export type GrantRefusal = {
  readonly reason: 'GrantInvalid' | 'GrantExpired' | 'GrantForOtherProvider' | 'GrantForOtherAgent';
  readonly message: string;
};

/** Verifies the owner's signed permission; undefined when it holds at `nowSeconds` (unix). */
export async function checkGrant(
  grant: GPUOfferSpec['grant'],
  expected: {
    readonly domain: EscrowDomain;
    readonly provider: Address;
    readonly agent: Address;
    readonly nowSeconds: bigint;
  },
): Promise<GrantRefusal | undefined> {
  const { domain, provider, agent, nowSeconds } = expected;
  if (!isAddressEqual(grant.provider, provider)) {
    return {
      reason: 'GrantForOtherProvider',
      message: `the grant is by ${grant.provider}, the provider's address is ${provider}`,
    };
  }
  if (!isAddressEqual(grant.agent, agent)) {
    return {
      reason: 'GrantForOtherAgent',
      message: `the grant is for agent ${grant.agent}, the signature is by ${agent}`,
    };
  }
  const message = {
    provider: grant.provider,
    agent: grant.agent,
    notBefore: BigInt(grant.notBefore),
    notAfter: BigInt(grant.notAfter),
  };
  const signer = await recoverAgentGrant(domain, message, grant.signature).catch(() => undefined);
  if (signer === undefined || !isAddressEqual(signer, provider)) {
    return {
      reason: 'GrantInvalid',
      message: `the grant is not signed by the provider's owner ${provider}`,
    };
  }
  return nowSeconds >= message.notBefore && nowSeconds <= message.notAfter
    ? undefined
    : {
        reason: 'GrantExpired',
        message: `the grant holds from ${isoTime(message.notBefore)} to ${isoTime(message.notAfter)}: the owner must sign a new one`,
      };
}

function isoTime(unixSeconds: bigint): string {
  const milliseconds = Number(unixSeconds) * 1_000;
  return milliseconds <= 8.64e15 ? new Date(milliseconds).toISOString() : `${unixSeconds} s`;
}
