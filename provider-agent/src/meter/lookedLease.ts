import type { LeaseRecord } from '@gridlease/crds/leaserecord';
import type { LeaseClocks } from './clocks.ts';
import type { LeaseUsage, MeteredLease } from './row.ts';
import type { ContainerRun, Problem } from './segment.ts';

/** One lease as metered at one look. */
export type LookedLease = {
  readonly record: LeaseRecord;
  readonly lease: MeteredLease;
  readonly runs: readonly ContainerRun[];
  readonly usage: LeaseUsage;
  /** The hub never stored its acceptance: it is stated nowhere. */
  readonly isVoid: boolean;
  /** Nothing will be added: it has ended and all its containers are closed. */
  readonly isFinal: boolean;
  readonly isDelivering: boolean;
  /** Why not all of what runs is billed, or not beyond doubt; undefined when all is well. */
  readonly problem: Problem | undefined;
  readonly clocks: LeaseClocks;
  readonly startDeadlineSeconds: number;
};

/** The usage of a lease for whoever shows it. */
export type ShownUsage = LeaseUsage & {
  /** A container runs on its GPUs now, and is billed. */
  readonly delivering: boolean;
  /** Why nothing is billed though containers run; undefined while something is. */
  readonly withheld: Problem | undefined;
  /** What is wrong, or not known, about what is billed. */
  readonly doubt: Problem | undefined;
  /** GPUs of the containers that run; those that nobody names are left out. */
  readonly devices: readonly string[];
  /** Stored and will not change: the pods are not needed any more. */
  readonly final: boolean;
};
