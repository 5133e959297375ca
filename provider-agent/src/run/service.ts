import { LABEL_INDEX, LABEL_JOB_UID, LABEL_LEASE_UID } from '@gridlease/crds/labels';
import type { WorkloadDocument } from '@gridlease/crds/workloadDocument';
import { jobLabels, type LeaseIdentity, taskLabels } from './labels.ts';
import { type Manifest, synthesise } from './manifests.ts';
import { serviceName, taskName } from './names.ts';
import { podSpec, type TaskInput } from './render.ts';

export type ServicePorts = NonNullable<WorkloadDocument['service']>['ports'];

/**
 * The Deployment of one replica: one pod that is started again for as long as its lease lasts. Never two
 * at a time, since the lease holds GPUs for one. Pure; the same replica gives the same text.
 */
export function renderReplica(input: TaskInput, ports: ServicePorts): Manifest {
  const { identity, index } = input;
  const labels = taskLabels(identity, index);
  const name = taskName({ ...identity, jobName: identity.job.name, index });
  const probed = ports.find(({ probe }) => probe !== undefined);
  const container = {
    ports: ports.map((port) => ({
      name: port.name,
      containerPort: port.port,
      protocol: 'TCP',
    })),
    ...(probed?.probe === undefined
      ? {}
      : { readinessProbe: readiness(probed.name, probed.probe) }),
  };
  const [deployment] = synthesise({ namespace: input.namespace, labels }, [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        replicas: 1,
        revisionHistoryLimit: 0,
        strategy: { type: 'Recreate' },
        selector: {
          matchLabels: { [LABEL_LEASE_UID]: identity.leaseUid, [LABEL_INDEX]: String(index) },
        },
        template: {
          metadata: { labels },
          spec: { restartPolicy: 'Always', ...podSpec(input, container) },
        },
      },
    },
  ]);
  return deployment!;
}

function readiness(
  port: string,
  probe: NonNullable<ServicePorts[number]['probe']>,
): Readonly<Record<string, unknown>> {
  const { path, periodSeconds, timeoutSeconds, failureThreshold } = probe;
  return { httpGet: { path, port }, periodSeconds, timeoutSeconds, failureThreshold };
}

/** One address inside the cluster for all replicas of a job that run at this provider. */
export function renderService(
  identity: LeaseIdentity,
  namespace: string,
  ports: ServicePorts,
): Manifest {
  const [service] = synthesise({ namespace, labels: jobLabels(identity) }, [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: serviceName(identity.job) },
      spec: {
        type: 'ClusterIP',
        selector: { [LABEL_JOB_UID]: identity.job.uid },
        ports: ports.map(({ name, port }) => ({ name, port, targetPort: name, protocol: 'TCP' })),
      },
    },
  ]);
  return service!;
}
