import type { Cluster } from '@gridlease/kube/cluster';
import { GridleaseError } from '@gridlease/kube/errors';
import type { ObjectMeta } from '@gridlease/kube/object';
import { KEPT_LOG_BYTES, readTail, type Tail } from './tail.ts';

/** The API server counts from the end in lines alone: few at first, since one may be 16 KiB long. */
const lineCounts = [256, 4_096, KEPT_LOG_BYTES] as const;
/** Of a log that still grows: enough for its end in all but the strangest cases. */
const followedLines = 2_048;

/** Its node has thrown the log away, as it does with a pod that it evicts. */
export class LogGoneError extends GridleaseError {}

/** What a kubelet answers instead of a log that it can't find, with a status of 200. */
const excuse = /^unable to retrieve container logs for \S+$/;

type Read = {
  readonly cluster: Pick<Cluster, 'stream'>;
  readonly pod: Pick<ObjectMeta, 'namespace' | 'name'>;
  readonly signal: AbortSignal;
};

/** The end of what a task's container wrote. For one that has ended. */
export async function readPodLog(read: Read): Promise<Tail> {
  for (const tailLines of lineCounts) {
    const tail = await readTail(await open(read, { tailLines }));
    if (tail.bytes.byteLength < 512 && excuse.test(tail.bytes.toString().trim())) {
      throw new LogGoneError(tail.bytes.toString().trim());
    }
    const isWhole = tail.lines < tailLines;
    const isEnough = tail.isCut || tail.bytes.byteLength >= KEPT_LOG_BYTES;
    if (isWhole || isEnough || tailLines === KEPT_LOG_BYTES) {
      return { ...tail, isCut: tail.isCut || !isWhole };
    }
  }
  throw new TypeError('there is always a last count');
}

/**
 * Holds on to the log of a container that is about to end: its node forgets it together with the pod.
 * Resolves once the log is open, with the promise of its end.
 */
export async function followPodLog(read: Read): Promise<{ readonly end: Promise<Tail> }> {
  const stream = await open(read, { tailLines: followedLines, follow: true });
  const end = readTail(stream);
  end.catch(() => undefined); // whoever waits for it hears it, if anybody still does
  return { end };
}

function open({ cluster, pod, signal }: Read, query: Readonly<Record<string, number | boolean>>) {
  const path = `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}/log`;
  return cluster.stream({ path, query: { container: 'task', ...query }, signal });
}
