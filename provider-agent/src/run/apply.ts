import { LABEL_LEASE_UID } from '@gridlease/crds/labels';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import { type WorkloadDocument, workloadDocumentSchema } from '@gridlease/crds/workloadDocument';
import { createOnce } from '@gridlease/kube/apply';
import type { ResourceClient } from '@gridlease/kube/resources';
import type { RunDeps } from './deps.ts';
import type { LeaseIdentity } from './labels.ts';
import type { Manifest } from './manifests.ts';
import { leasePolicyName, tenantNamespace } from './names.ts';
import type { TaskJob, TaskPod } from './objects.ts';
import { type JobEvent, NoNodeError } from './obstacle.ts';
import { renderTask } from './render.ts';
import { renderEgress, renderTenant } from './tenant.ts';

const fieldManager = 'gridlease-run';

/** A lease as the run stage works on it: its record with the parsed document and derived names. */
export type RunningLease = {
  readonly record: LeaseRecord;
  readonly uid: string;
  readonly document: WorkloadDocument;
  readonly identity: LeaseIdentity;
  readonly namespace: string;
};

/** Reads a record. Throws when its document isn't one: it was checked before it was stored. */
export function readLease(record: LeaseRecord, deps: RunDeps): RunningLease {
  const document = workloadDocumentSchema.parse(JSON.parse(record.spec.workloadDocument));
  const { leaseRef, jobRef, epoch } = record.spec;
  const { providerName, managedBy } = deps;
  const identity = {
    providerName,
    managedBy,
    hub: deps.hub.label,
    leaseUid: leaseRef.uid,
    epoch,
    job: jobRef,
  };
  const namespace = tenantNamespace(deps.hub.id, jobRef.namespace);
  return { record, uid: leaseRef.uid, document, identity, namespace };
}

/** Writes manifests to the provider's cluster. Every call may be repeated at any time. */
export function createApplier(deps: RunDeps) {
  const applied = new Map<string, string>();

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
    return deps.clients.limitRanges;
  };

  return {
    /** Namespace, walls and the lease's own policy: all of it before the first pod. */
    async prepare(lease: RunningLease, signal: AbortSignal): Promise<void> {
      const { identity, namespace, document } = lease;
      const walls = renderTenant(identity, namespace, deps.limits());
      const egress = renderEgress(identity, namespace, document, deps.closedRanges());
      for (const manifest of [...walls, egress]) await applyOnce(manifest, signal);
    },

    async createTask(lease: RunningLease, index: number, signal: AbortSignal): Promise<void> {
      const gpus = deps.selection(lease.record.spec.product);
      if (gpus === undefined) {
        throw new NoNodeError(`no node has a ${lease.record.spec.product} any more`);
      }
      const { identity, namespace, document } = lease;
      const runtimeClassName = deps.runtimeClass(document.minIsolation);
      const task = { identity, namespace, index, document, gpus, runtimeClassName };
      const job = renderTask(task) as Manifest & TaskJob;
      const isOurs = (existing: TaskJob) =>
        existing.metadata.labels?.[LABEL_LEASE_UID] === lease.uid;
      const stored = await createOnce(deps.clients.jobs, job, {
        accept: isOurs,
        fieldManager,
        signal,
      });
      deps.informers.jobs.observe(stored);
    },

    /** After a refusal nothing is taken for granted: somebody may have deleted what was written. */
    doubt(lease: RunningLease): void {
      for (const key of applied.keys()) {
        const [, namespace, name] = key.split('/');
        if (namespace === lease.namespace || name === lease.namespace) applied.delete(key);
      }
    },

    /** What the Job controller reported when it could not create this Job's pod. */
    async refusedPods(job: TaskJob, signal: AbortSignal): Promise<readonly JobEvent[]> {
      const { namespace = '', uid } = job.metadata;
      const fieldSelector = `regarding.uid=${uid},reason=FailedCreate`;
      return (await deps.clients.events.list({ namespace, fieldSelector, signal })).items;
    },

    async setSuspended(job: TaskJob, suspend: boolean, signal: AbortSignal): Promise<void> {
      const patch = { metadata: { uid: job.metadata.uid }, spec: { suspend } };
      const stored = await deps.clients.jobs.mergePatch(job.metadata, patch, {
        fieldManager,
        signal,
      });
      deps.informers.jobs.observe(stored);
    },

    /** The Job controller ends the task at once: it has run for as long as it may. */
    async expire(job: TaskJob, nowMs: number, signal: AbortSignal): Promise<void> {
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

    /** Jobs first, so that none makes another pod; pods at once, not when garbage is collected. */
    async remove(
      jobs: readonly TaskJob[],
      pods: readonly TaskPod[],
      options: { readonly gracePeriodSeconds?: number; readonly signal: AbortSignal },
    ): Promise<void> {
      const { signal, gracePeriodSeconds } = options;
      const going = (object: Manifest | TaskPod | TaskJob) =>
        object.metadata.deletionTimestamp !== undefined;
      for (const job of jobs.filter((candidate) => !going(candidate))) {
        const uid = job.metadata.uid ?? '';
        await deps.clients.jobs.delete(job.metadata, {
          uid,
          propagationPolicy: 'Background',
          signal,
        });
      }
      for (const pod of pods.filter((candidate) => !going(candidate))) {
        const grace = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
        await deps.clients.pods.delete(pod.metadata, {
          uid: pod.metadata.uid ?? '',
          ...grace,
          signal,
        });
      }
    },

    /** Removes what is left of an ended lease: finished Jobs with their pods, and its policy. */
    async clean(lease: RunningLease, jobs: readonly TaskJob[], signal: AbortSignal): Promise<void> {
      await this.remove(jobs, [], { signal });
      const ref = { namespace: lease.namespace, name: leasePolicyName(lease.uid) };
      const policy = await deps.clients.networkPolicies.find(ref, { signal });
      applied.delete(`NetworkPolicy/${ref.namespace}/${ref.name}`);
      if (policy === undefined) return;
      await deps.clients.networkPolicies.delete(ref, { uid: policy.metadata.uid ?? '', signal });
    },
  };
}
