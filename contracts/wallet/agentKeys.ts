import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Address } from 'viem';
import { signAgentGrant } from '../ts/agentGrant.ts';
import { escrowDomain } from '../ts/domain.ts';
import { type AccountOnChain, newKey, readKey } from './account.ts';
import { coinOf } from './words.ts';

const DAY_SECONDS = 86_400n;
/** Clocks may differ a little, and a grant that isn't valid yet would hold everything up. */
const EARLIER_SECONDS = 60n;

/** The key of a file, made when it is missing. */
const keyAt = (path: string) =>
  existsSync(path)
    ? { account: readKey(path), isNew: false }
    : { account: newKey(path), isNew: true };

/**
 * Makes what a provider's agent signs and pays gas with, and the owner's grant: `agent.key`, `gas.key` and `grant.json`
 * in `outDir`. Keys that are there stay, so that doing it again renews the grant. The owner is the account `on` acts for.
 */
export const agentKeys = async (
  on: AccountOnChain,
  options: {
    readonly escrow: Address;
    readonly outDir: string;
    /** For how long the grant holds. */
    readonly days: number;
    /** Coin for the gas key, decimal; sent by the owner. */
    readonly gas?: string | undefined;
  },
): Promise<string[]> => {
  const { escrow, outDir, days } = options;
  if (!Number.isInteger(days) || days < 1 || days > 3_650) {
    throw new Error('--days is a whole number from 1 to 3650');
  }
  const coin = coinOf(options);
  mkdirSync(outDir, { recursive: true, mode: 0o700 });
  const agent = keyAt(join(outDir, 'agent.key'));
  const gas = keyAt(join(outDir, 'gas.key'));
  const now = BigInt(Math.floor(Date.now() / 1_000));
  const grant = {
    provider: on.account.address,
    agent: agent.account.address,
    notBefore: now - EARLIER_SECONDS,
    notAfter: now + BigInt(days) * DAY_SECONDS,
  };
  const domain = escrowDomain({ chainId: on.chainId, escrow });
  const signature = await signAgentGrant(on.account, domain, grant);
  const written = {
    ...grant,
    notBefore: String(grant.notBefore),
    notAfter: String(grant.notAfter),
    signature,
  };
  writeFileSync(join(outDir, 'grant.json'), `${JSON.stringify(written, null, 2)}\n`, {
    mode: 0o600,
  });
  const until = new Date(Number(grant.notAfter) * 1_000).toISOString().slice(0, 10);
  const lines = [
    `owner ${grant.provider}`,
    `agent ${grant.agent} (${agent.isNew ? 'new' : 'kept'}), may sign for the owner until ${until}`,
    `gas   ${gas.account.address} (${gas.isNew ? 'new' : 'kept'})`,
  ];
  if (coin !== undefined) {
    await on.sendCoin(gas.account.address, coin);
    lines.push(`sent ${options.gas} coin to the gas key`);
  }
  return lines;
};
