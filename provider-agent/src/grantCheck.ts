import { TerminalError } from '@gridlease/kube/errors';
import type { Logger } from '@gridlease/kube/log';
import { isAddressEqual } from 'viem';
import type { AgentConfig } from './config.ts';

/** The owner's permission must be for this key and this owner; the hub would refuse every offer. */
export function checkGrant(config: AgentConfig, agent: `0x${string}`, log: Logger): void {
  const { grant } = config;
  if (!isAddressEqual(grant.agent, agent)) {
    throw new TerminalError(
      `The grant is for agent ${grant.agent}, agentKeyPath holds ${agent}: have the owner sign a new one`,
    );
  }
  if (!isAddressEqual(grant.provider, config.owner)) {
    throw new TerminalError(`The grant is of ${grant.provider}, owner is ${config.owner}`);
  }
  const leftSeconds = Number(grant.notAfter) - Date.now() / 1000;
  if (leftSeconds < 86_400 * 7) {
    log.warn(
      { notAfter: grant.notAfter },
      'The grant ends within a week: have the owner sign a new one',
    );
  }
}
