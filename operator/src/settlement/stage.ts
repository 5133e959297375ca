import { leaseIsActive } from '@gridlease/crds/leaseState';
import { isTrue } from '@gridlease/kube/conditions';
import { Controller, type Reconcile } from '@gridlease/kube/controller';
import { objectKey } from '@gridlease/kube/object';
import type { Registry } from 'prom-client';
import { accountReconcile } from './accountReconcile.ts';
import { chainReconcile } from './chainReconcile.ts';
import { chainNameOf, channelReconcile } from './channelReconcile.ts';
import type { Context, SettlementClient, SettlementDeps } from './deps.ts';
import { leaseReconcile } from './leaseReconcile.ts';
import { settlementMetrics } from './metrics.ts';
import { pollChains } from './poller.ts';

/** Changes within this time cause one look, milliseconds. */
const burstMs = 300;

export type SettlementStage = { start(signal: AbortSignal): void; readonly stopped: Promise<void> };

/** Follows the chains: what is in escrow, which channels need funds, which leases are paid for good. */
export function createSettlementStage<Client extends SettlementClient>(
  deps: SettlementDeps<Client> & { readonly registry: Registry },
): SettlementStage {
  const { informers, log, registry, clock } = deps;
  const context = { ...deps, metrics: settlementMetrics(registry) } as unknown as Context;
  const controller = (name: string, reconcile: Reconcile, concurrency = 4) =>
    new Controller({ name, reconcile, concurrency, timeoutMs: 60_000, log, registry, clock });

  const chains = controller('settlement-chains', chainReconcile(context));
  const accounts = controller('settlement-accounts', accountReconcile(context));
  const channels = controller('settlement-channels', channelReconcile(context));
  const leases = controller('settlement-leases', leaseReconcile(context));
  const accountsOf = (chainName: string) =>
    informers.accounts.list().filter(({ spec }) => spec.chainName === chainName);
  const accountKey = (ref: { readonly namespace: string; readonly name: string }) =>
    `${ref.namespace}/${ref.name}`;
  const leasesOf = (channel: { readonly namespace?: string; readonly name: string }) =>
    informers.leases
      .list(channel.namespace)
      .filter(({ spec }) => spec.channelName === channel.name);

  chains.watch(informers.chains);
  accounts.watch(informers.accounts);
  accounts.watch(informers.chains, (chain) => accountsOf(chain.metadata.name).map(objectKey));
  accounts.watch(informers.channels, ({ spec }) => [accountKey(spec.accountRef)]);
  accounts.watch(informers.leases, () => []);
  informers.leases.onChange((lease, old) => {
    // Only what changes exposure: a lease's status is written far more often than that. And those that
    // begin together are looked at together: each look asks the chain and goes through all leases.
    if (old !== undefined && leaseIsActive(lease) === leaseIsActive(old)) return;
    accounts.enqueue(accountKey(lease.spec.accountRef), burstMs);
  });
  channels.watch(informers.channels);
  channels.watch(informers.leases, () => []);
  leases.watch(informers.leases);
  leases.watch(informers.accounts, () => []);
  leases.watch(informers.chains, () => []);
  // Also when one is deleted: leases that still run need it back.
  leases.watch(informers.channels, (channel, old) =>
    old === undefined || old === channel ? leasesOf(channel.metadata).map(objectKey) : [],
  );

  function onBlock(chainName: string): void {
    for (const account of accountsOf(chainName)) {
      const { uid = '' } = account.metadata;
      const inUse = informers.channels.byIndex('accountUid', uid).length > 0;
      if (inUse || !isTrue(account.status?.conditions, 'Ready')) {
        accounts.enqueue(objectKey(account));
      }
    }
    for (const channel of informers.channels.list()) {
      if (channel.spec.finals.length === 0) continue;
      if (chainNameOf(context, channel) === chainName) channels.enqueue(objectKey(channel));
    }
  }

  let polling: Promise<void> = Promise.resolve();
  return {
    start: (signal) => {
      for (const one of [chains, accounts, channels, leases]) one.start(signal);
      polling = pollChains(context, { onBlock, onSilence: (name) => chains.enqueue(name) }, signal);
    },
    get stopped() {
      const all = [chains, accounts, channels, leases].map((one) => one.stopped);
      return Promise.all([...all, polling]).then(() => undefined);
    },
  };
}
