import { chmodSync, writeFileSync } from 'node:fs';
import type { DevelopmentAccount, LocalChain } from './chain.ts';

export type ProviderAccounts = {
  /** Owns the provider's address and what it earns; signs the grant, then is not needed. */
  readonly owner: DevelopmentAccount;
  /** Signs offers, acceptances and statements. */
  readonly agent: DevelopmentAccount;
  /** Pays gas for redeeming; owns nothing else. */
  readonly gas: DevelopmentAccount;
};

export type FederationAccounts = {
  readonly deployer: DevelopmentAccount;
  readonly tenant: DevelopmentAccount;
  readonly treasury: DevelopmentAccount;
  /** Publishes the roots of placements and pays their gas; owns nothing else. */
  readonly anchor: DevelopmentAccount;
  provider(index: number): ProviderAccounts;
};

/** Who is who among a chain's development accounts. */
export const federationAccounts = (chain: LocalChain): FederationAccounts => ({
  deployer: chain.account(0),
  tenant: chain.account(1),
  treasury: chain.account(2),
  anchor: chain.account(3),
  provider: (index) => ({
    owner: chain.account(10 + 3 * index),
    agent: chain.account(11 + 3 * index),
    gas: chain.account(12 + 3 * index),
  }),
});

/** Writes a private key (0x and 64 hex digits) readable by its owner only, and returns the file's path. */
export const writeKeyFile = (file: string, account: DevelopmentAccount): string => {
  writeFileSync(file, `${account.privateKey}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return file;
};
