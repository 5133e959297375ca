import { electionOptions } from '@gridlease/crds/programConfig';
import * as resources from '@gridlease/crds/resources';
import * as builtins from '@gridlease/kube/builtins';
import type { Clock } from '@gridlease/kube/clock';
import type { Cluster } from '@gridlease/kube/cluster';
import { leaderLease } from '@gridlease/kube/leaderLease';
import type { Logger } from '@gridlease/kube/log';
import { createRemoval, workloadClients } from '@gridlease/kube/removal';
import { resourceClient } from '@gridlease/kube/resources';
import type { Registry } from 'prom-client';
import type { AgentConfig } from './config.ts';
import { createFence } from './fence/reconcile.ts';
import { type CoordinationLease, createHeartbeat } from './heartbeat.ts';
import type { AgentInformers } from './informers.ts';
import { createRenewalRecord } from './renewalRecord.ts';

/**
 * What every replica does, whoever leads: it stands for election, follows or sends the heartbeat, and
 * watches the fence, which ends pods when the hub has not been heard for too long.
 */
export function createSignsOfLife(options: {
  readonly config: AgentConfig;
  readonly hub: Cluster;
  readonly cluster: Cluster;
  readonly informers: AgentInformers;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly log: Logger;
}) {
  const { config, hub, cluster, informers, clock, registry, log } = options;
  const hubNamespace = config.hub.namespace;
  const recordNamespace = config.cluster.namespace;
  const ownLeases = resourceClient<CoordinationLease>(cluster, builtins.leases);
  const times = electionOptions(config.leaderElection);
  const election = leaderLease({
    client: ownLeases,
    namespace: recordNamespace,
    name: config.leaderElection.leaseName ?? `gridlease-provider-agent.${config.hub.uid}`,
    ...times,
    log,
  });
  const heartbeat = createHeartbeat({
    client: resourceClient(hub, builtins.leases),
    namespace: hubNamespace,
    identity: `${config.providerName}/${times.replicaName ?? process.pid}`,
    intervalSeconds: config.heartbeatSeconds,
    shared: createRenewalRecord({
      client: ownLeases,
      namespace: recordNamespace,
      name: `gridlease-heartbeat.${config.hub.uid}`,
      identity: election.identity,
      clock,
    }),
    isLeading: () => election.isLeading,
    ...{ clock, registry, log },
  });
  const workloads = workloadClients(cluster);
  const fence = createFence({
    renewals: heartbeat,
    isLeader: () => election.isLeading,
    hubNamespace,
    recordNamespace,
    informers: {
      leases: informers.hub.leases,
      records: informers.cluster.records,
      pods: informers.cluster.leasePods,
    },
    clients: {
      leases: resourceClient(hub, resources.gpuLeases),
      records: resourceClient(cluster, resources.leaseRecords),
      ...workloads,
    },
    remove: createRemoval(workloads),
    ...{ clock, registry, log },
  });
  return { election, heartbeat, fence };
}
