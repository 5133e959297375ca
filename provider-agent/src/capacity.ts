import type { GPUNode, UnusableNode } from './gpuNodes.ts';
import type { GPUHold } from './gpuPods.ts';

/** GPUs promised to a lease, whether or not its pods exist yet. */
export type Reservation = {
  readonly leaseUid: string;
  readonly product: string;
  readonly gpusPerTask: number;
  /** Tasks that may be alive at once; falls as tasks finish. */
  readonly tasks: number;
};

/** One kind of GPU on one node, with who has it. `free` is never negative. */
export type CapacityNode = GPUNode & {
  /** Held by pods that belong to no active lease of this hub. */
  readonly used: number;
  /** Held by, or promised to, this hub's leases. */
  readonly leased: number;
  /** Schedulable and held by nobody. */
  readonly free: number;
};

export type Capacity = {
  readonly nodes: readonly CapacityNode[];
  readonly unusable: readonly UnusableNode[];
  /** Tasks promised for which no node has room any more, by lease: GPUs failed or nodes left. */
  readonly unplaced: ReadonlyMap<string, number>;
};

type Tally = { readonly node: GPUNode; used: number; leased: number };

/**
 * The one view of capacity that inventory and acceptance share. Bound pods count where they are;
 * promised tasks without a pod are packed onto the fullest node that still takes them, the largest
 * tasks first. A pod whose lease has ended counts as used until it is gone.
 */
export function planCapacity(input: {
  readonly nodes: readonly GPUNode[];
  readonly unusable: readonly UnusableNode[];
  readonly holds: readonly GPUHold[];
  readonly reservations: readonly Reservation[];
}): Capacity {
  const tallies = new Map<string, Tally>();
  for (const node of input.nodes) {
    tallies.set(`${node.nodeName} ${node.resourceName}`, { node, used: 0, leased: 0 });
  }
  const reserved = new Set(input.reservations.map((reservation) => reservation.leaseUid));
  const boundGPUs = new Map<string, number>();
  for (const hold of input.holds) {
    const tally = tallies.get(`${hold.nodeName} ${hold.resourceName}`);
    const { leaseUid } = hold;
    if (leaseUid !== undefined && reserved.has(leaseUid)) {
      boundGPUs.set(leaseUid, (boundGPUs.get(leaseUid) ?? 0) + hold.gpus);
      if (tally !== undefined) tally.leased += hold.gpus;
    } else if (tally !== undefined) {
      tally.used += hold.gpus;
    }
  }
  const list = [...tallies.values()];
  const unplaced = new Map<string, number>();
  for (const reservation of inPackingOrder(input.reservations)) {
    const bound = Math.floor((boundGPUs.get(reservation.leaseUid) ?? 0) / reservation.gpusPerTask);
    const missing = placeTasks(list, {
      ...reservation,
      tasks: Math.max(0, reservation.tasks - bound),
    });
    if (missing > 0) unplaced.set(reservation.leaseUid, missing);
  }
  return {
    nodes: list.map((tally) => ({
      ...tally.node,
      used: tally.used,
      leased: tally.leased,
      free: freeOf(tally),
    })),
    unusable: input.unusable,
    unplaced,
  };
}

/** How many of `tasks` tasks would find a node with room; all of them when it equals `tasks`. */
export function tasksThatFit(
  capacity: Capacity,
  request: { readonly product: string; readonly gpusPerTask: number; readonly tasks: number },
): number {
  const list = capacity.nodes.map((node) => ({ node, used: node.used, leased: node.leased }));
  return request.tasks - placeTasks(list, { ...request, leaseUid: '' });
}

/** Free GPUs of a product over all nodes. */
export function freeGPUs(capacity: Capacity, product: string): number {
  return capacity.nodes
    .filter((node) => node.product === product)
    .reduce((sum, node) => sum + node.free, 0);
}

function inPackingOrder(reservations: readonly Reservation[]): readonly Reservation[] {
  return [...reservations].sort(
    (a, b) => b.gpusPerTask - a.gpusPerTask || (a.leaseUid < b.leaseUid ? -1 : 1),
  );
}

/** Places what it can and returns how many tasks found no node. */
function placeTasks(tallies: readonly Tally[], reservation: Reservation): number {
  const candidates = tallies.filter((tally) => tally.node.product === reservation.product);
  for (let placed = 0; placed < reservation.tasks; placed++) {
    const best = candidates
      .filter((tally) => freeOf(tally) >= reservation.gpusPerTask)
      .reduce<Tally | undefined>(
        (fullest, tally) =>
          fullest === undefined || freeOf(tally) < freeOf(fullest) ? tally : fullest,
        undefined,
      );
    if (best === undefined) return reservation.tasks - placed;
    best.leased += reservation.gpusPerTask;
  }
  return 0;
}

function freeOf(tally: Tally): number {
  if (!tally.node.schedulable) return 0;
  return Math.max(0, tally.node.allocatable - tally.used - tally.leased);
}
