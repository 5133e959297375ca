import type { PaymentChannel } from '@gridlease/crds/paymentchannel';
import { promisedOf } from './channelTruth.ts';

/** The rows of a channel's newest statement and of its newest answer, by lease id. */
export type ChannelFigures = {
  readonly generation: number;
  /** When the newest statement was made, unix milliseconds; undefined before the first. */
  readonly statedAtMs: number | undefined;
  /** GPU milliseconds stated, with the lease's name. */
  readonly stated: ReadonlyMap<string, { readonly name: string; readonly gpuMs: bigint }>;
  /** Number of the newest statement that was answered; undefined before the first. */
  readonly answered: string | undefined;
  /** Whether the newest statement is the one that was answered. */
  readonly isAnswered: boolean;
  /** GPU milliseconds accepted. */
  readonly paid: ReadonlyMap<string, bigint>;
  /** What the newest voucher promises, token smallest units. */
  readonly promised: bigint;
};

/** Reads what counts of a channel; what belongs to another generation counts for nothing. */
export function figuresOf({ spec, status }: PaymentChannel): ChannelFigures {
  const { generation, accepted } = spec;
  const isCurrent = accepted?.generation === generation;
  const rows = status?.rows ?? [];
  return {
    generation,
    statedAtMs: status?.statement === undefined ? undefined : Number(status.statement.atMs),
    stated: new Map(
      rows.map((row) => [row.leaseId, { name: row.leaseName, gpuMs: BigInt(row.gpuMs) }]),
    ),
    answered: isCurrent ? accepted.seq : undefined,
    isAnswered: isCurrent && accepted.seq === status?.statement?.seq,
    paid: new Map(
      isCurrent ? accepted.rows.map(({ leaseId, gpuMs }) => [leaseId, BigInt(gpuMs)]) : [],
    ),
    promised: promisedOf({ spec }),
  };
}

/** By how much something rose; what falls or is gone adds nothing. */
export function rise(before: bigint, after: bigint): bigint {
  return after > before ? after - before : 0n;
}

/** What the voucher promises beyond `before`: a new generation begins at 0 again. */
export function newlyPromised(before: ChannelFigures | undefined, after: ChannelFigures): bigint {
  const known = before?.generation === after.generation ? before.promised : 0n;
  return rise(known, after.promised);
}
