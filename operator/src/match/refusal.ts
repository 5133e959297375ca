import type { FailureReason, RefusalReason } from '@gridlease/crds/reasons';
import type { RefusalFacts } from './facts.ts';
import type { Candidate, Query } from './query.ts';

const firstPauseMs = 5_000;
const longestPauseMs = 600_000;
const longestLastingMs = 6 * 3_600_000;

/** What the provider finds wrong with the job itself or with who asks. */
const lasting: ReadonlySet<string> = new Set<RefusalReason>([
  'WorkloadInvalid',
  'TermsInvalid',
  'SignatureInvalid',
  'HubEpochTooLow',
  'IsolationUnsupported',
  'NodesTooSmall',
  'HubNotAllowed',
  'TenantNotAllowed',
]);

/**
 * It was slow to answer, or the money slow to come, or it said yes and lost the tasks later. Its free GPUs
 * have nothing to do with that, and its inventory may stay as it is.
 */
const mishaps: ReadonlySet<string> = new Set<FailureReason>([
  'NotAccepted',
  'NotFunded',
  'PodDeleted',
  'EvictedFromNode',
  'NodeLost',
  'DeviceUnhealthy',
  'Fenced',
]);

/**
 * The refusal that still stands for a candidate. A provider that said no is asked again once its
 * inventory is newer than the no, but never sooner than a pause that doubles with each refusal in a
 * row: a provider that refuses for another cause would otherwise be asked at every inventory.
 */
export function refusalOf(
  candidate: Candidate,
  { job, nowMs }: Query,
): { readonly message: string; readonly untilMs: number } | undefined {
  const refusal = job.refusals.find(({ provider }) => provider === candidate.provider);
  if (refusal === undefined) return undefined;
  const untilMs = refusal.atMs + pauseAfter(refusal, candidate);
  if (untilMs <= nowMs) return undefined;
  return { message: `${refusal.provider} said ${refusal.reason}: ${refusal.message}`, untilMs };
}

function pauseAfter({ reason, atMs, count }: RefusalFacts, { inventoryMs = 0 }: Candidate): number {
  const doublings = 2 ** Math.min(count - 1, 20);
  // The job stays as it is, and free GPUs have nothing to do with it: only a new agent or policy helps.
  if (lasting.has(reason)) return Math.min(longestLastingMs, longestPauseMs * doublings);
  const maySayYes = mishaps.has(reason) || inventoryMs > atMs;
  return maySayYes ? Math.min(longestPauseMs, firstPauseMs * doublings) : longestPauseMs;
}
