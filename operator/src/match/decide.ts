import type { PlacementReason } from '@gridlease/crds/reasons';
import { allocate, cheapestFirst, type Share } from './allocate.ts';
import type { PlacementFacts } from './facts.ts';
import { accountRefusal, askText, type PricedShare, priceShares } from './money.ts';
import { type Candidate, lifeLeft, nounOf, type Query, readQuery, shareLeft } from './query.ts';
import { refusalOf } from './refusal.ts';
import { roomText, shareText } from './room.ts';
import { countReasons, type Fallen, screen, waitingReason } from './screen.ts';
import { counted, listed, shortened } from './text.ts';

/** A candidate that was not taken, and why. */
export type Loser = {
  readonly candidate: Candidate;
  readonly reason: PlacementReason | 'NotCheapest';
  readonly message: string;
};

/** What the rest of the tasks waits for. */
export type Waiting = { readonly reason: WaitingReason; readonly message: string };

/** `PartlyPlaced`: the job's own tasks are in the way. */
export type WaitingReason = PlacementReason | 'PartlyPlaced';

export type Placement = {
  readonly shares: readonly PricedShare[];
  /** The nearest first. */
  readonly losers: readonly Loser[];
  readonly reasonCounts: readonly { readonly reason: string; readonly count: number }[];
};

export type Decision = {
  /** Absent when nothing is placed now. */
  readonly placement?: Placement;
  /** Absent when every task is placed or done. */
  readonly waiting?: Waiting;
  /** When time alone may change the answer, unix milliseconds. */
  readonly retryAtMs?: number;
};

/**
 * Where the waiting tasks of a job go, or why they wait. Pure: the same facts give the same decision,
 * whatever order they are listed in.
 */
export function decide(facts: PlacementFacts): Decision {
  const query = readQuery(facts);
  if (query.waiting.length === 0) return {};
  if (query.want === 0) return { waiting: waitsForItself(query) };
  const { eligible, fallen } = screen(facts.candidates, query);
  const retry = retryTime(fallen, query);
  if (eligible.length === 0) return { waiting: waitingReason(fallen, query), ...retry };

  const shares = allocate(eligible, query);
  if (shares.length === 0) return { waiting: roomReason(eligible, [], query), ...retry };
  const priced = priceShares(shares, query);
  if ('reason' in priced) return { waiting: shortMessage(priced) };
  const refused = accountRefusal(priced, query);
  if (refused !== undefined) return { waiting: shortMessage(refused) };

  const placed = shares.reduce((total, { indexes }) => total + indexes.length, 0);
  const rest = query.waiting.length - placed;
  return {
    placement: {
      shares: priced,
      losers: losersOf(eligible, shares, fallen, query),
      reasonCounts: reasonCounts(eligible, shares, fallen),
    },
    ...(rest === 0 ? {} : { waiting: roomReason(eligible, shares, query), ...retry }),
  };
}

function waitsForItself({ job, alive, waiting }: Query): Waiting {
  return {
    reason: 'PartlyPlaced',
    message: `${counted(waiting.length, 'task')} wait until one of the ${alive} started ones ends: batch.parallelism is ${job.parallelism}`,
  };
}

function roomReason(
  eligible: readonly Candidate[],
  shares: readonly Share[],
  query: Query,
): Waiting {
  const placed = shares.reduce((total, { indexes }) => total + indexes.length, 0);
  const started = shares.reduce((total, { parallelism }) => total + parallelism, 0);
  const noun = nounOf(query);
  const need = counted(query.want - started, `more ${noun}`);
  const taken = shares.map(
    ({ candidate, parallelism }) => `${parallelism} at ${candidate.provider}`,
  );
  const now =
    placed === 0 ? '' : `${placed} ${noun}s are placed (${listed(taken, ', ')} at once); `;
  const left = query.want === started ? 'no lease may take more' : `no room for ${need}`;
  const roomAt = (at: Candidate): string => {
    const given = shares.filter(({ candidate }) => candidate.provider === at.provider);
    return given.length > 0 && isShareUsed(at.provider, given, query)
      ? shareText(at, query)
      : roomText(at);
  };
  return {
    reason: 'InsufficientCapacity',
    message: shortened(
      `${now}${counted(query.waiting.length - placed, noun)} of ${counted(query.job.gpuCount, 'GPU')} wait, ${left}: ${listed(eligible.map(roomAt))}`,
    ),
  };
}

/** Whether these shares leave the provider nothing of what the job's spread allows it. */
function isShareUsed(provider: string, given: readonly Share[], query: Query): boolean {
  const sum = (of: (share: Share) => number) => given.reduce((total, one) => total + of(one), 0);
  return (
    sum(({ indexes }) => indexes.length) >= lifeLeft(query, provider) ||
    sum(({ parallelism }) => parallelism) >= shareLeft(query, provider)
  );
}

function losersOf(
  eligible: readonly Candidate[],
  shares: readonly Share[],
  fallen: readonly Fallen[],
  query: Query,
): readonly Loser[] {
  const dearest = shares.at(-1)!.candidate;
  const unused = cheapestFirst(notTaken(eligible, shares), query).map((candidate) => ({
    candidate,
    reason: 'NotCheapest' as const,
    message: `${askText(candidate.price, query.account)}; the last one taken asks ${askText(dearest.price, query.account)}`,
  }));
  const refused = [...fallen].sort(nearestFirst).map(({ candidate, filter, has }) => ({
    candidate,
    reason: filter.reason,
    message: shortened(has, 256),
  }));
  return [...unused, ...refused];
}

function nearestFirst(a: Fallen, b: Fallen): number {
  if (a.stage !== b.stage) return b.stage - a.stage;
  if (a.candidate.price !== b.candidate.price)
    return a.candidate.price < b.candidate.price ? -1 : 1;
  return identity(a.candidate) < identity(b.candidate) ? -1 : 1;
}

function identity({ provider, offerName }: Candidate): string {
  return `${provider}/${offerName}`;
}

function notTaken(eligible: readonly Candidate[], shares: readonly Share[]): readonly Candidate[] {
  return eligible.filter((one) => !shares.some(({ candidate }) => candidate === one));
}

function reasonCounts(
  eligible: readonly Candidate[],
  shares: readonly Share[],
  fallen: readonly Fallen[],
) {
  const unused = notTaken(eligible, shares).map(() => 'NotCheapest');
  return countReasons([...unused, ...fallen.map(({ filter }) => filter.reason)]);
}

/** The earliest end of a refusal's pause: nothing else changes by time alone without an event. */
function retryTime(fallen: readonly Fallen[], query: Query): { retryAtMs?: number } {
  const ends = fallen
    .filter(({ filter }) => filter.reason === 'RefusedByProvider')
    .map(({ candidate }) => refusalOf(candidate, query)?.untilMs)
    .filter((end) => end !== undefined);
  return ends.length === 0 ? {} : { retryAtMs: Math.min(...ends) };
}

function shortMessage({ reason, message }: Waiting): Waiting {
  return { reason, message: shortened(message) };
}
