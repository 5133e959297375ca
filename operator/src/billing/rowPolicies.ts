import { amountFor } from '@gridlease/contracts/amount';
import type { ChannelRef } from '@gridlease/contracts/typedData';
import type { RowRefusalReason } from '@gridlease/crds/reasons';
import { isAddressEqual } from 'viem';
import type { AcceptedRow, LeaseFacts, Refusal, RowFacts, StatementFacts } from './facts.ts';

/** Times of containers come from the provider's API objects, which count whole seconds. */
const API_TIME_RESOLUTION_MS = 1_000n;

/** The longest failover.graceSeconds of a job, and what the agent may take beside it. */
const LONGEST_STOP_SECONDS = 660;

type Known = {
  readonly facts: StatementFacts;
  readonly row: RowFacts['row'];
  readonly hash: RowFacts['hash'];
  readonly lease: LeaseFacts;
  readonly accepted: AcceptedRow | undefined;
};

/** One reason for which a row of a known lease is not paid; undefined lets it pass. */
export type RowPolicy = (known: Known) => Refusal | undefined;

function refuse(reason: RowRefusalReason, message: string): Refusal {
  return { reason, message };
}

function sameChannel(a: ChannelRef, b: ChannelRef): boolean {
  return (
    isAddressEqual(a.tenant, b.tenant) &&
    isAddressEqual(a.provider, b.provider) &&
    isAddressEqual(a.signer, b.signer) &&
    a.generation === b.generation
  );
}

const leaseOfThisChannel: RowPolicy = ({ facts, lease }) =>
  sameChannel(lease.terms, facts.channel)
    ? undefined
    : refuse(
        'LeaseUnknown',
        `the lease's terms name another channel or generation (${lease.terms.generation}, here ${facts.channel.generation})`,
      );

const acceptanceIsSigned: RowPolicy = ({ facts, row, lease }) => {
  const { acceptance } = lease;
  if (acceptance === undefined) {
    return refuse('LeaseNotAccepted', 'the lease has no signed acceptance: nothing can be billed');
  }
  const forThisLease =
    acceptance.leaseId === row.leaseId && acceptance.leaseUid === acceptance.expectedUid;
  if (!forThisLease) {
    return refuse('LeaseNotAccepted', 'the acceptance is for another lease or another object');
  }
  const signed =
    acceptance.signer !== undefined &&
    isAddressEqual(acceptance.signer, acceptance.agent) &&
    isAddressEqual(acceptance.agent, facts.agent);
  return signed
    ? undefined
    : refuse(
        'LeaseNotAccepted',
        `the acceptance is signed by ${acceptance.signer ?? 'nobody'}, the statement by ${facts.agent}`,
      );
};

/** Accept and withdraw race, and the first one counts: an acceptance that comes later binds nobody. */
const wasNotWithdrawn: RowPolicy = ({ lease }) =>
  lease.withdrawn
    ? refuse('LeaseNotAccepted', 'the lease was withdrawn before it was accepted')
    : undefined;

const lastRowStays: RowPolicy = ({ hash, accepted }) =>
  accepted?.last === true && accepted.rowHash !== hash
    ? refuse('EndedAlready', 'the last row of the lease was accepted before and has changed since')
    : undefined;

/** A folded row is in the sum already: listed again it would be paid twice. */
const endsOnce: RowPolicy = ({ lease, accepted }) =>
  lease.ended && accepted === undefined
    ? refuse('EndedAlready', 'the last row of the lease was accepted and folded before')
    : undefined;

const timeRuns: RowPolicy = ({ row }) =>
  row.toMs >= row.fromMs
    ? undefined
    : refuse('WrongSpan', `the row ends at ${row.toMs}, before it begins at ${row.fromMs}`);

const beginsAfterAcceptance: RowPolicy = ({ row, lease }) => {
  const acceptedMs = lease.acceptance?.acceptedMs ?? 0n;
  return row.gpuMs === 0n || row.fromMs + API_TIME_RESOLUTION_MS >= acceptedMs
    ? undefined
    : refuse(
        'WrongSpan',
        `the row begins at ${row.fromMs}, the lease was accepted at ${acceptedMs}`,
      );
};

/** `acceptedMs` is the agent's word; the creation of the lease is the hub's own. */
const beginsAfterCreation: RowPolicy = ({ facts, row, lease }) =>
  row.gpuMs === 0n || row.fromMs + facts.skewMs + API_TIME_RESOLUTION_MS >= lease.createdMs
    ? undefined
    : refuse(
        'WrongSpan',
        `the row begins at ${row.fromMs}, the lease was created at ${lease.createdMs}`,
      );

const endsInThePast: RowPolicy = ({ facts, row }) =>
  row.toMs <= facts.receivedMs + facts.skewMs
    ? undefined
    : refuse(
        'WrongSpan',
        `the row ends at ${row.toMs}, the statement was received at ${facts.receivedMs} (${facts.skewMs} ms of skew allowed)`,
      );

/** A hub that wants no more must not have to pay for more; stopping takes some time, also unheard. */
const endsSoonAfterStop: RowPolicy = ({ row, lease }) => {
  const { fenceSeconds } = lease.terms;
  // Without a fence tasks go on while the hub can't be reached, and nobody told the agent.
  if (lease.stoppedMs === undefined || fenceSeconds === 0) return undefined;
  const latest = lease.stoppedMs + BigInt(fenceSeconds + LONGEST_STOP_SECONDS) * 1_000n;
  return row.gpuMs === 0n || row.toMs <= latest
    ? undefined
    : refuse(
        'WrongSpan',
        `the row ends at ${row.toMs}, the lease was stopped at ${lease.stoppedMs} and could run until ${latest}`,
      );
};

/**
 * What a provider reported as ended bills nothing more. What was accepted before stands: the end is
 * rounded down, and a moment that was metered may turn out to lie after it.
 */
const endsWhenReported: RowPolicy = ({ facts, row, lease, accepted }) => {
  if (lease.endedMs === undefined || row.gpuMs <= (accepted?.gpuMs ?? 0n)) return undefined;
  const latest = lease.endedMs + API_TIME_RESOLUTION_MS + facts.skewMs;
  return row.toMs <= latest
    ? undefined
    : refuse(
        'WrongSpan',
        `the row ends at ${row.toMs}, the lease was reported as ended at ${lease.endedMs} (${latest - lease.endedMs} ms of tolerance)`,
      );
};

/** Another attempt may run since it was lost, and only one is paid for. */
const nothingAfterLost: RowPolicy = ({ row, lease, accepted }) => {
  const before = accepted?.amount ?? 0n;
  return !lease.lost || row.amount - row.credit <= before
    ? undefined
    : refuse(
        'LeaseLost',
        `the row asks ${row.amount - row.credit}, ${before} were accepted before the lease was lost with its provider`,
      );
};

const usageNeverFalls: RowPolicy = ({ row, accepted }) =>
  accepted === undefined || row.gpuMs >= accepted.gpuMs
    ? undefined
    : refuse(
        'AmountFell',
        `the row counts ${row.gpuMs} GPU-ms, ${accepted.gpuMs} were accepted before`,
      );

const usageFitsWallTime: RowPolicy = ({ row, lease }) => {
  const most = BigInt(lease.terms.gpuCount) * (row.toMs - row.fromMs);
  return row.gpuMs <= most
    ? undefined
    : refuse(
        'MoreThanWallClock',
        `the row counts ${row.gpuMs} GPU-ms, ${lease.terms.gpuCount} GPUs in ${row.toMs - row.fromMs} ms give at most ${most}`,
      );
};

const amountWithinMaximum: RowPolicy = ({ row, lease }) =>
  row.amount <= lease.terms.maxAmount
    ? undefined
    : refuse(
        'ExceedsMaxAmount',
        `the row asks ${row.amount}, the lease may cost ${lease.terms.maxAmount} in all`,
      );

/** To the unit, and also not less: only a lease that has reached its maximum asks for less than its time. */
const amountIsExact: RowPolicy = ({ row, lease }) => {
  const { pricePerGpuHour, maxAmount } = lease.terms;
  const due = amountFor(pricePerGpuHour, row.gpuMs);
  const asked = due > maxAmount ? row.amount === maxAmount : row.amount === due;
  return asked
    ? undefined
    : refuse(
        'WrongAmount',
        `the row asks ${row.amount}, ${row.gpuMs} GPU-ms at ${pricePerGpuHour} per GPU-hour cost ${due} and the lease at most ${maxAmount}`,
      );
};

const creditWithinAmount: RowPolicy = ({ row }) =>
  row.credit <= row.amount
    ? undefined
    : refuse('WrongAmount', `the row credits ${row.credit} of an amount of ${row.amount}`);

/** In this order: whose it is, when it was, how much it was, what it costs. */
export const rowPolicies: readonly RowPolicy[] = [
  leaseOfThisChannel,
  acceptanceIsSigned,
  wasNotWithdrawn,
  lastRowStays,
  endsOnce,
  timeRuns,
  beginsAfterAcceptance,
  beginsAfterCreation,
  endsInThePast,
  endsSoonAfterStop,
  nothingAfterLost,
  endsWhenReported,
  usageNeverFalls,
  usageFitsWallTime,
  amountWithinMaximum,
  amountIsExact,
  creditWithinAmount,
];

/** Why the row is not paid; undefined when it is. */
export function refuseRow(facts: StatementFacts, rowFacts: RowFacts): Refusal | undefined {
  const { row, hash, lease, leaseName } = rowFacts;
  if (lease === undefined || lease.leaseId !== row.leaseId) {
    return refuse(
      'LeaseUnknown',
      lease === undefined
        ? `the hub has no lease named ${leaseName}`
        : `lease ${leaseName} has the id ${lease.leaseId}`,
    );
  }
  const accepted = facts.accepted?.rows.find((other) => other.leaseId === row.leaseId);
  for (const policy of rowPolicies) {
    const refusal = policy({ facts, row, hash, lease, accepted });
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
