import type { Figures } from './boardQueries.ts';

/** How a panel answers an event: some series rises or falls by so much, or there is a first one. */
export type Move = { readonly up: number } | { readonly down: number } | 'appears';

export function moved(before: Figures, now: Figures, move: Move): boolean {
  if (move === 'appears') return before.size === 0 && now.size > 0;
  if ('up' in move) {
    return [...now].some(([series, value]) => value - (before.get(series) ?? 0) >= move.up);
  }
  return [...now].some(([series, value]) => {
    const known = before.get(series);
    return known !== undefined && known - value >= move.down;
  });
}

/**
 * What a move is measured from, once `now` has been seen and is none: a series has to rise from the lowest, or fall
 * from the highest, since the event began. What a panel happened to show in one instant before is no measure.
 */
export function furthest(before: Figures, now: Figures, move: Move): Figures {
  if (move === 'appears') return before;
  const from = new Map(before);
  for (const [series, value] of now) {
    const known = from.get(series);
    if ('down' in move) from.set(series, Math.max(known ?? value, value));
    else if (known !== undefined) from.set(series, Math.min(known, value));
  }
  return from;
}

const some = 1e-9;
const up = (by = some): Move => ({ up: by });
const down = (by = some): Move => ({ down: by });

/** Panels by the event that moves them: each panel of each board is in here once. */
export const moves = {
  'jobs are applied, run, end and are settled': {
    federation: {
      'Jobs by state': up(1),
      'Shortest escrow runway': 'appears',
      'Oldest lease not settled': up(1),
      'GPUs by provider': up(1),
      'Leases placed': up(),
      'Time to settle': 'appears',
    },
    jobs: {
      'Time to start, 95th percentile': 'appears',
      'Jobs that ended': up(),
      'Jobs not running yet, by namespace': up(1),
      'Jobs running, by namespace': up(1),
      'Jobs ended, by reason': up(),
      'Time in each stage': 'appears',
      'Time to start, by product': 'appears',
      'Leases placed': up(),
      'Time to decide a placement': 'appears',
      'Free GPUs, by product': down(1),
    },
    money: {
      'Shortest runway': 'appears',
      'Oldest lease not settled': up(1),
      'Oldest transaction without a receipt': up(),
      'Emptiest delegate': down(),
      'Runway by account': 'appears',
      'Escrow by account': up(),
      'Spending by namespace': up(),
      'Committed by namespace': up(),
      'GPU time stated and paid, by provider': up(),
      'Promised and not claimed, by provider': up(),
      'Leases by state': up(1),
      'Usage statements': up(),
      'Time to settle': 'appears',
      Transactions: up(),
      'Transactions pending': up(1),
      'Time to confirm': 'appears',
      'Gas spent': up(),
      'Coins of delegates': down(),
    },
    provider: {
      'Oldest earning not redeemed': up(),
      'Coins for gas': down(),
      Earned: up(),
      'Promised and not claimed': up(),
      GPUs: up(1),
      'GPUs that deliver': up(),
      'Leases by state': up(1),
      'Age of the inventory': down(1),
      'Decisions on leases': up(),
      'Usage statements': up(),
      'Vouchers received': up(),
      Transactions: up(),
    },
    controllers: {
      Reconciliations: up(),
      'Length of reconciliations': up(),
      'Wait in the queue': up(),
      'Requests to API servers': up(),
      'Changes seen': up(),
      Memory: up(1),
      CPU: up(),
    },
  },
  'a job asks for what nobody offers': {
    federation: { 'Jobs that wait, by reason': up(1) },
    jobs: {
      'Jobs that wait': up(1),
      'Longest wait for a place': up(1),
      'GPUs waited for': up(2),
      'GPUs waited for, by reason': up(2),
    },
  },
  'a job is too large for any node': { jobs: { 'Refusals by providers': up() } },
  'a provider bills twice the price': { provider: { 'Rows that hubs refuse to pay': up(1) } },
  'a task fails': { federation: { 'GPUs that worked in vain': up() } },
  'a GPU breaks': { provider: { 'Unhealthy GPUs': up(1) } },
  'escrow is bound behind the back of the hub': {
    federation: { 'Leases whose money and pods disagree': up(1) },
    money: { 'Leases whose money and pods disagree': up(1) },
  },
  'the chain reorganises': { money: { Reorganisations: up() } },
  'the RPC is slow, then refuses': {
    federation: { 'Age of the chain as the operator sees it': up(4) },
    money: {
      'Age of the chain': up(4),
      'RPC latency': up(0.2),
      'RPC requests without an answer': up(),
    },
    provider: { 'Age of the chain': up(4), 'RPC latency': up(0.2) },
  },
  'the hub answers slowly, and writes with conflicts': {
    jobs: { 'Longest start now': up(0.5) },
    controllers: {
      'Longest reconciliation now': up(0.5),
      'Work in progress': up(0.5),
      'Workers in use': up(),
      'Latency of API servers': up(0.2),
      Conflicts: up(),
    },
  },
  'a provider restarts with another price and a short token': {
    jobs: { 'Lowest price, by product': up(0.5) },
    provider: { 'Time left of tokens': down(1_000) },
    controllers: { 'Youngest process': down(5), 'Event loop': up() },
  },
  'a provider loses power': {
    federation: {
      Alerts: up(1),
      'Providers not reached': up(1),
      'Providers reached': down(1),
      'Age of heartbeats': up(5),
      Interruptions: up(),
    },
    jobs: { 'Interruptions, by reason': up() },
  },
  'all providers lose power': { federation: { 'Replacement of lost leases': up(1) } },
  'the hub is cut off': {
    federation: {
      'Operators that lead': down(1),
      'Reconciliations that failed': up(),
      'Error budgets burnt': up(0.001),
    },
    provider: {
      'Hub last heard': up(5),
      'Last questions before a fence': up(),
      'Fenced pods left': up(1),
      'Reconciliations that failed': up(),
    },
    controllers: {
      'Replicas that lead': down(1),
      'Oldest informer': up(3),
      'Age of informers': up(3),
      'Worst share of failed reconciliations': up(),
      'Longest failure': up(),
      'Reconciliations that failed': up(),
      Retries: up(),
    },
  },
} as const satisfies Record<string, Readonly<Record<string, Readonly<Record<string, Move>>>>>;

export type BoardEvent = keyof typeof moves;
export const boardEvents = Object.keys(moves) as readonly BoardEvent[];

/** The panels of an event, by name as nameOf writes it. */
export const movesOf = (event: BoardEvent): ReadonlyMap<string, Move> =>
  new Map(
    Object.entries(moves[event]).flatMap(([board, panels]) =>
      Object.entries(panels).map(([panel, move]) => [`${board}: ${panel}`, move as Move] as const),
    ),
  );
