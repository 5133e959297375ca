import * as builtins from '@gridlease/kube/builtins';
import type { Informer } from '@gridlease/kube/informer';
import { createRemoval, workloadClients } from '@gridlease/kube/removal';
import { resourceClient } from '@gridlease/kube/resources';
import type { AcceptDeps } from './accept/deps.ts';
import { type AcceptStage, createAcceptStage } from './accept/reconcile.ts';
import { hubLabel, MANAGED_BY } from './gpuPods.ts';
import type { RunDeps, RunStage } from './run/deps.ts';
import { allowedBlock, closedRanges } from './run/egress.ts';
import { createLogKeeper } from './run/logs.ts';
import type { TaskPod } from './run/objects.ts';
import { createRunStage } from './run/reconcile.ts';
import { runtimeClassFor } from './runtimeClass.ts';
import { type StageContext, sharedClients, sharedDeps } from './stageContext.ts';

/** The address ranges that stay closed to tenants, as they are now. */
export type ClosedRanges = () => readonly string[];

/** Asked for every task, and worked out again only when nodes come or go. */
export function closedToTenants({ config, view }: StageContext): ClosedRanges {
  let known: { readonly of: string; readonly closed: readonly string[] } | undefined;
  return () => {
    const all = [...config.closedRanges, ...view.nodeAddresses()];
    const of = all.join();
    if (known?.of !== of) known = { of, closed: closedRanges(all) };
    return known.closed;
  };
}

/** Takes or refuses leases. */
export function acceptStage(
  context: StageContext,
  offers: AcceptDeps['offers'],
  closed: ClosedRanges,
): AcceptStage {
  const { config, informers, view, records, channelViews } = context;
  const { leases, records: leaseRecords } = sharedClients(context);
  return createAcceptStage({
    ...sharedDeps(context),
    own: {
      providerName: config.providerName,
      owner: config.owner,
      hub: context.hubId,
      chainId: BigInt(config.chain.chainId),
      escrow: config.chain.escrow,
      token: config.chain.token,
    },
    hubName: config.hub.name,
    agent: context.agent,
    domain: context.domain,
    clients: { leases, records: leaseRecords },
    informers: {
      leases: informers.hub.leases,
      workloads: informers.hub.workloads,
      records: informers.cluster.records,
    },
    offers,
    capacity: view.room,
    canCopyOutputs: config.outputs !== undefined,
    isolationClasses: () =>
      (['runc', 'gvisor', 'kata'] as const).filter(
        (name) => name === 'runc' || runtimeClassFor(view.runtimeClasses(), name) !== undefined,
      ),
    closedDestinations: (document) =>
      document.allow
        .filter((rule) => allowedBlock(rule, closed()) === undefined)
        .map((rule) => `${rule.cidr}:${rule.port}`),
    channelView: channelViews.view,
    hubEpochsOfChannels: () =>
      records
        .list()
        .filter(([, { hub: name }]) => name === config.hub.name)
        .map(([, { hubEpoch }]) => BigInt(hubEpoch)),
    stated: (name, leaseId) => {
      const row = records.get(name)?.rows.find((one) => one.leaseId === leaseId);
      return row === undefined ? 0n : BigInt(row.amount) - BigInt(row.credit);
    },
    isRetired: (name, generation) =>
      records.get(name)?.retiredGenerations.includes(generation) ?? false,
    stopSeconds: config.stopSeconds,
    fundDeadlineSeconds: config.fundDeadlineSeconds,
  });
}

/** What the run stage learns of the meter. */
type Metered = Pick<RunDeps, 'usage' | 'finalMeter' | 'onUsage'>;

/** Runs what was accepted. */
export function runStage(context: StageContext, closed: ClosedRanges, metered: Metered): RunStage {
  const { config, cluster, hubId, informers, view } = context;
  const shared = sharedDeps(context);
  return createRunStage({
    ...shared,
    ...metered,
    providerName: config.providerName,
    hub: { id: hubId, label: hubLabel(hubId) },
    managedBy: MANAGED_BY,
    decimals: config.chain.token.decimals,
    clients: runClients(context),
    informers: {
      leases: informers.hub.leases,
      records: informers.cluster.records,
      jobs: informers.cluster.jobs,
      deployments: informers.cluster.deployments,
      pods: informers.cluster.leasePods as unknown as Informer<TaskPod>,
    },
    remove: createRemoval(workloadClients(cluster)),
    logs: createLogKeeper({
      ...shared,
      cluster,
      client: resourceClient(cluster, builtins.configMaps),
      servesLogs: view.servesLogs,
    }),
    nodeState: view.nodeState,
    selection: view.selection,
    limits: () => ({ gpus: view.gpus() }),
    closedRanges: closed,
    runtimeClass: (isolation) => runtimeClassFor(view.runtimeClasses(), isolation),
    hubHeard: context.hubHeard,
    uploaderImage: config.outputs?.uploaderImage,
    stopSeconds: config.stopSeconds,
    podRetentionSeconds: config.podRetentionSeconds,
    recordRetentionSeconds: config.recordRetentionSeconds,
  });
}

function runClients(context: StageContext): RunDeps['clients'] {
  const { cluster } = context;
  const { leases, records } = sharedClients(context);
  return {
    leases,
    records,
    jobs: resourceClient(cluster, builtins.jobs),
    deployments: resourceClient(cluster, builtins.deployments),
    pods: resourceClient(cluster, builtins.pods),
    replicaSets: resourceClient(cluster, builtins.replicaSets),
    services: resourceClient(cluster, builtins.services),
    namespaces: resourceClient(cluster, builtins.namespaces),
    networkPolicies: resourceClient(cluster, builtins.networkPolicies),
    resourceQuotas: resourceClient(cluster, builtins.resourceQuotas),
    limitRanges: resourceClient(cluster, builtins.limitRanges),
    roleBindings: resourceClient(cluster, builtins.roleBindings),
    events: resourceClient(cluster, builtins.events),
  };
}
