import { parseTokenAmount } from '@gridlease/contracts/amount';
import * as builtins from '@gridlease/kube/builtins';
import type { Informer } from '@gridlease/kube/informer';
import { resourceClient } from '@gridlease/kube/resources';
import type { KnownConfig } from './knownChain.ts';
import type { MeteredPod } from './meter/deps.ts';
import { createMeterStage, type MeterStage } from './meter/reconcile.ts';
import type { RedeemDeps } from './redeem/deps.ts';
import { createRedeemStage, type RedeemStage } from './redeem/reconcile.ts';
import type { RunStage } from './run/deps.ts';
import { type StageContext, sharedClients, sharedDeps } from './stageContext.ts';

/** Counts what was delivered, and has leases stopped that are not paid for. */
export function meterStage(
  context: StageContext,
  run: Pick<RunStage, 'suspend' | 'resume' | 'requestStop'>,
): MeterStage {
  const { config, cluster, informers, view, channelViews, transforms } = context;
  const { channels, records: leaseRecords } = sharedClients(context);
  const { metering } = config;
  return createMeterStage({
    ...sharedDeps(context),
    domain: context.domain,
    owner: config.owner,
    agent: context.agent,
    stopSeconds: config.stopSeconds,
    informers: {
      // The same objects; each stage declares the fields that it reads.
      pods: informers.cluster.leasePods as unknown as Informer<MeteredPod>,
      nodes: informers.cluster.nodes,
      leaseRecords: informers.cluster.records,
      channels: informers.hub.channels,
    },
    clients: {
      leaseRecords,
      channels,
      nodeLeases: resourceClient(cluster, builtins.leases),
      pods: resourceClient(cluster, builtins.pods),
    },
    records: context.records,
    cover: channelViews.cover,
    chainAgeMs: context.chain.headAgeMs,
    closeWindowSeconds: context.closeWindowSeconds,
    productOn: view.productOn,
    exporters: () => [
      ...(metering.discoverExporters ? view.exporterPages(metering.exporterNamespaces) : []),
      ...metering.exporterURLs.map((url) => ({ url, nodeName: undefined })),
    ],
    exporterIntervalMs: metering.exporterSeconds * 1_000,
    suspend: run.suspend,
    resume: run.resume,
    requestStop: run.requestStop,
    ...(transforms === undefined ? {} : { transforms }),
  });
}

/** Takes vouchers to the chain. */
export function redeemStage(context: StageContext): RedeemStage {
  const { config, chain, informers, transforms } = context;
  const { channels } = sharedClients(context);
  return createRedeemStage({
    ...sharedDeps(context),
    domain: context.domain,
    owner: config.owner,
    createSender: (sending) =>
      chain.sender({ ...sending, account: context.gas, store: context.transactions }),
    tokenDecimals: config.chain.token.decimals,
    chain,
    views: context.channelViews,
    informers: { channels: informers.hub.channels, leaseRecords: informers.cluster.records },
    clients: { channels },
    records: context.records,
    redeem: redeemPolicy(config),
    ...(transforms === undefined ? {} : { transforms }),
  });
}

/** Token units of the configuration in smallest units; what is not configured stays out. */
function redeemPolicy({ redeem, chain }: KnownConfig): RedeemDeps['redeem'] {
  const { minAmount, maxDelaySeconds, maxGasBps, nativePrice, withdrawAbove } = redeem;
  const smallest = (amount: string) => parseTokenAmount(amount, chain.token.decimals);
  return {
    minAmount: smallest(minAmount),
    maxDelaySeconds,
    maxGasBps,
    ...(nativePrice === undefined ? {} : { nativePrice: smallest(nativePrice) }),
    ...(withdrawAbove === undefined ? {} : { withdrawAbove: smallest(withdrawAbove) }),
  };
}
