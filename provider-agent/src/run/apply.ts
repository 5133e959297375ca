import { LABEL_LEASE_UID } from '@gridlease/crds/labels';
import { runSpan, withTraceparent } from '@gridlease/crds/traces';
import { ApiError } from '@gridlease/kube/apiError';
import { createOnce } from '@gridlease/kube/apply';
import { describeError } from '@gridlease/kube/errors';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { RunDeps } from './deps.ts';
import { renderLogRights } from './logRights.ts';
import type { Manifest } from './manifests.ts';
import { leasePolicyName, serviceName } from './names.ts';
import type { ReplicaDeployment, TaskJob, TaskOwner, TaskPod } from './objects.ts';
import { type JobEvent, NoNodeError } from './obstacle.ts';
import { renderTask } from './render.ts';
import type { RunningLease } from './runningLease.ts';
import { renderReplica, renderService } from './service.ts';
import { renderFlows, renderTenant } from './tenant.ts';

const fieldManager = 'gridlease-run';

/** Writes manifests to the provider's cluster. Every call may be repeated at any time. */
export function createApplier(deps: RunDeps) {
  const applied = new Map<string, string>();
  /** What leases were prepared for, by lease: rendering it again would give the same. */
  const prepared = new Map<string, string>();

  /** Each wall is written when it differs from what this process wrote last, and healed at restart. */
  const applyOnce = async (manifest: Manifest, signal: AbortSignal): Promise<void> => {
    const { namespace = '', name } = manifest.metadata;
    const key = `${manifest.kind}/${namespace}/${name}`;
    const text = JSON.stringify(manifest);
    if (applied.get(key) === text) return;
    await clientOf(manifest).apply(manifest, { fieldManager, force: true, signal });
    applied.set(key, text);
  };

  const clientOf = (manifest: Manifest): ResourceClient<Manifest> => {
    if (manifest.kind === 'Namespace') return deps.clients.namespaces;
    if (manifest.kind === 'NetworkPolicy') return deps.clients.networkPolicies;
    if (manifest.kind === 'ResourceQuota') return deps.clients.resourceQuotas;
    if (manifest.kind === 'Service') return deps.clients.services;
    if (manifest.kind === 'RoleBinding') return deps.clients.roleBindings;
    return deps.clients.limitRanges;
  };

  /** Nothing waits for logs: a provider that does not let the agent read them has tasks all the same. */
  const allowLogs = async (lease: RunningLease, signal: AbortSignal): Promise<void> => {
    const rights = renderLogRights(lease.identity, lease.namespace, deps.recordNamespace);
    await applyOnce(rights, signal).catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.status !== 403) throw error;
      const why = describeError(error);
      deps.log.warn({ namespace: lease.namespace, error: why }, 'Logs there can’t be kept');
    });
  };

  const removeOnce = async (
    kind: 'NetworkPolicy' | 'Service',
    ref: { readonly namespace: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<void> => {
    const client = kind === 'Service' ? deps.clients.services : deps.clients.networkPolicies;
    const found = await client.find(ref, { signal });
    applied.delete(`${kind}/${ref.namespace}/${ref.name}`);
    // Another lease of the job may have counted on it a moment ago.
    if (kind === 'Service') prepared.clear();
    if (found === undefined) return;
    await client.delete(ref, { uid: found.metadata.uid ?? '', signal });
  };

  return {
    /** Namespace, walls and the lease's own policy: all of it before the first pod. */
    async prepare(lease: RunningLease, signal: AbortSignal): Promise<void> {
      const { identity, namespace, document } = lease;
      const limits = deps.limits();
      const closed = deps.closedRanges();
      const surroundings = JSON.stringify([limits, closed]);
      if (prepared.get(lease.uid) === surroundings) return;
      const ports = document.service?.ports;
      const walls = renderTenant(identity, namespace, limits);
      const inbound = ports && {
        inbound: { ports: ports.map(({ port }) => port), namespace: deps.recordNamespace },
      };
      const wish = { ...document, ...inbound };
      const flows = renderFlows(identity, namespace, wish, closed);
      const service = ports === undefined ? [] : [renderService(identity, namespace, ports)];
      for (const manifest of [...walls, ...flows, ...service]) await applyOnce(manifest, signal);
      await allowLogs(lease, signal);
      prepared.set(lease.uid, surroundings);
    },

    /** The Job of a task, or the Deployment of a replica. */
    async createTask(lease: RunningLease, index: number, signal: AbortSignal): Promise<void> {
      const gpus = deps.selection(lease.record.spec.product);
      if (gpus === undefined) {
        throw new NoNodeError(`no node has a ${lease.record.spec.product} any more`);
      }
      const { identity, namespace, document } = lease;
      const runtimeClassName = deps.runtimeClass(document.minIsolation);
      const { uploaderImage } = deps;
      const task = { identity, namespace, index, document, gpus, runtimeClassName, uploaderImage };
      const accept = (existing: TaskOwner) =>
        existing.metadata.labels?.[LABEL_LEASE_UID] === lease.uid;
      const options = { accept, fieldManager, signal };
      const traced = <T extends Manifest>(made: T): T =>
        withTraceparent(made, () => runSpan(lease.record));
      if (document.service === undefined) {
        const job = traced(renderTask(task) as Manifest & TaskJob);
        deps.informers.jobs.observe(await createOnce(deps.clients.jobs, job, options));
      } else {
        const replica = traced(
          renderReplica(task, document.service.ports) as Manifest & ReplicaDeployment,
        );
        const stored = await createOnce(deps.clients.deployments, replica, options);
        deps.informers.deployments.observe(stored);
      }
    },

    /** After a refusal nothing is taken for granted: somebody may have deleted what was written. */
    doubt(lease: RunningLease): void {
      prepared.clear();
      for (const key of applied.keys()) {
        const [, namespace, name] = key.split('/');
        if (namespace === lease.namespace || name === lease.namespace) applied.delete(key);
      }
    },

    /** What was reported when the pod could not be created: by Jobs in events, by Deployments in their status. */
    async refusedPods(
      { document }: RunningLease,
      { metadata, status }: TaskOwner,
      signal: AbortSignal,
    ): Promise<readonly JobEvent[]> {
      if (document.service !== undefined) {
        const failure = status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
        return failure?.message === undefined ? [] : [{ note: failure.message }];
      }
      const { namespace = '', uid } = metadata;
      const fieldSelector = `regarding.uid=${uid},reason=FailedCreate`;
      return (await deps.clients.events.list({ namespace, fieldSelector, signal })).items;
    },

    /** A suspended Job has no pods; neither has a Deployment without replicas. */
    async setSuspended(
      { document }: RunningLease,
      { metadata }: TaskOwner,
      suspend: boolean,
      signal: AbortSignal,
    ): Promise<void> {
      const options = { fieldManager, signal };
      const { jobs, deployments } = deps.clients;
      const { uid } = metadata;
      if (document.service === undefined) {
        const patch = { metadata: { uid }, spec: { suspend } };
        deps.informers.jobs.observe(await jobs.mergePatch(metadata, patch, options));
      } else {
        const patch = { metadata: { uid }, spec: { replicas: suspend ? 0 : 1 } };
        const stored = await deployments.mergePatch(metadata, patch, options);
        deps.informers.deployments.observe(stored);
      }
    },

    /** The Job controller ends the task at once: it has run for as long as it may. */
    async expire(job: TaskOwner, nowMs: number, signal: AbortSignal): Promise<void> {
      const started = Date.parse(job.status?.startTime ?? '');
      const seconds = Number.isNaN(started) ? 1 : Math.max(1, Math.floor((nowMs - started) / 1000));
      if ((job.spec?.activeDeadlineSeconds ?? Number.POSITIVE_INFINITY) <= seconds) return;
      const patch = {
        metadata: { uid: job.metadata.uid },
        spec: { activeDeadlineSeconds: seconds },
      };
      const stored = await deps.clients.jobs.mergePatch(job.metadata, patch, {
        fieldManager,
        signal,
      });
      deps.informers.jobs.observe(stored);
    },

    /** Takes the pods of a lease away, and first what would make others. */
    async remove(
      lease: RunningLease,
      owners: readonly TaskOwner[],
      pods: readonly TaskPod[],
      options: { readonly gracePeriodSeconds?: number; readonly signal: AbortSignal },
    ): Promise<void> {
      if (owners.length === 0 && pods.length === 0) return;
      const { gracePeriodSeconds, signal } = options;
      if (lease.document.service === undefined) await deps.remove({ jobs: owners }, { signal });
      else {
        await deps.remove({ deployments: owners }, { signal });
        // The garbage collector would get there too, but a pod could come in between.
        const labelSelector = `${LABEL_LEASE_UID}=${lease.uid}`;
        const { items } = await deps.clients.replicaSets.list({
          namespace: lease.namespace,
          labelSelector,
          signal,
        });
        await deps.remove({ replicaSets: items }, { signal });
      }
      const staying = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      const grace = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
      await deps.remove({ pods: staying }, { ...grace, signal });
    },

    /**
     * Removes what is left of an ended lease: finished Jobs with their pods, its policy, and the Service
     * when `isLast` says that no other lease of the job is here.
     */
    async clean(
      lease: RunningLease,
      owners: readonly TaskOwner[],
      isLast: boolean,
      signal: AbortSignal,
    ): Promise<void> {
      await this.remove(lease, owners, [], { signal });
      const { namespace, uid, identity, document } = lease;
      prepared.delete(uid);
      const isPlain = document.egress === 'None' && document.allow.length === 0;
      if (!isPlain || document.service !== undefined) {
        await removeOnce('NetworkPolicy', { namespace, name: leasePolicyName(uid) }, signal);
      }
      if (document.service !== undefined && isLast) {
        await removeOnce('Service', { namespace, name: serviceName(identity.job) }, signal);
      }
    },
  };
}
