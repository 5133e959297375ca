import { gunzipSync, gzipSync } from 'node:zlib';
import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { KubeObject } from '@gridlease/kube/object';
import { type LeaseIdentity, taskLabels } from './labels.ts';
import type { TaskPod } from './objects.ts';
import { taskStatus } from './podState.ts';
import type { Tail } from './tail.ts';

/** A ConfigMap in the agent's namespace with the end of one task's log. */
export type TaskLog = KubeObject & {
  readonly binaryData?: Readonly<Record<string, string>>;
};

const entry = 'log.gz';
const annotation = {
  pod: 'gridlease.dev/pod-uid',
  isCut: 'gridlease.dev/log-is-cut',
  exitCode: 'gridlease.dev/exit-code',
} as const;

/** Its name: one for each task of a lease. */
export function taskLogName(leaseUid: string, index: number): string {
  return `task-log-${leaseUid}-${index}`;
}

/**
 * The object that keeps it. An object and no file, so that every replica and its successors can read
 * it; compressed, since all tasks of a cluster share its database. It goes with the lease's record.
 */
export function taskLogOf(
  record: LeaseRecord,
  identity: LeaseIdentity,
  index: number,
  pod: TaskPod,
  tail: Pick<Tail, 'bytes' | 'isCut'>,
): TaskLog {
  const { namespace, name, uid = '' } = record.metadata;
  const status = taskStatus(pod);
  const ended = status?.state?.terminated ?? status?.lastState?.terminated;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: taskLogName(identity.leaseUid, index),
      ...(namespace === undefined ? {} : { namespace }),
      labels: taskLabels(identity, index),
      annotations: {
        [annotation.pod]: pod.metadata.uid ?? '',
        [annotation.isCut]: String(tail.isCut),
        ...(ended === undefined ? {} : { [annotation.exitCode]: String(ended.exitCode) }),
      },
      ownerReferences: [
        { apiVersion: record.apiVersion, kind: record.kind, name, uid, blockOwnerDeletion: false },
      ],
    },
    binaryData: { [entry]: gzipSync(tail.bytes).toString('base64') },
  };
}

/** What it keeps, and of which pod. */
export function readTaskLog(log: TaskLog): {
  readonly bytes: Buffer;
  readonly isCut: boolean;
  readonly podUid: string;
} {
  const { annotations = {} } = log.metadata;
  return {
    bytes: gunzipSync(Buffer.from(log.binaryData?.[entry] ?? '', 'base64')),
    isCut: annotations[annotation.isCut] === 'true',
    podUid: annotations[annotation.pod] ?? '',
  };
}
