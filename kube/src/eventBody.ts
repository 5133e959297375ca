import { toMicroTime } from './conditions.ts';
import type { KubeObject } from './object.ts';

export type EventNote = {
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, at most 128 characters. */
  readonly reason: string;
  /** For people, cut at 1,024 bytes; never a secret. */
  readonly note: string;
  /** What was done or failed, CamelCase: `Match`, `Accept`. */
  readonly action: string;
};

/** events.k8s.io/v1 */
export type KubeEvent = KubeObject & {
  readonly eventTime: string;
  readonly series?: { readonly count: number; readonly lastObservedTime: string };
};

/** Who reports, under which name. */
export type EventIdentity = {
  readonly name: string;
  readonly namespace: string;
  readonly reportingController: string;
  readonly reportingInstance: string;
};

/** The Event for what happened at `now`, within the limits that the API server checks. */
export function eventBody(
  regarding: KubeObject,
  note: EventNote,
  identity: EventIdentity,
  now: Date,
): KubeEvent {
  const { name, namespace, uid, resourceVersion } = regarding.metadata;
  const event = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: identity.name, namespace: identity.namespace },
    eventTime: toMicroTime(now),
    reportingController: identity.reportingController,
    reportingInstance: identity.reportingInstance.slice(0, 128),
    type: note.type,
    reason: note.reason.slice(0, 128),
    action: note.action.slice(0, 128),
    note: cutBytes(note.note, 1_024),
    regarding: {
      apiVersion: regarding.apiVersion,
      kind: regarding.kind,
      name,
      ...(namespace !== undefined && { namespace }),
      uid,
      resourceVersion,
    },
  };
  return event;
}

function cutBytes(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  // A character cut in half becomes U+FFFD, three bytes long.
  return `${bytes
    .subarray(0, most - 6)
    .toString()
    .replace(/\uFFFD+$/, '')}…`;
}
