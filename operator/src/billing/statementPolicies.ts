import type { StatementRefusalReason } from '@gridlease/crds/reasons';
import { isAddressEqual, zeroHash } from 'viem';
import type { Refusal, StatementFacts } from './facts.ts';
import { expectedFold } from './fold.ts';

/** One reason for which a whole statement is not answered; undefined lets it pass. */
export type StatementPolicy = (facts: StatementFacts) => Refusal | undefined;

function refuse(reason: StatementRefusalReason, message: string): Refusal {
  return { reason, message };
}

const hashMatches: StatementPolicy = ({ statedHash, hash }) =>
  statedHash === hash
    ? undefined
    : refuse(
        'StatementHashMismatch',
        `the statement says its hash is ${statedHash}, its fields and the channel's generation give ${hash}`,
      );

const signedByAgent: StatementPolicy = ({ agent, signer }) =>
  signer !== undefined && isAddressEqual(signer, agent)
    ? undefined
    : refuse(
        'StatementSignatureInvalid',
        `the statement names agent ${agent} and is signed by ${signer ?? 'nobody (malformed signature)'}`,
      );

const agentIsGranted: StatementPolicy = ({ grantRefusal }) => grantRefusal;

const sequenceRises: StatementPolicy = ({ statement, accepted }) => {
  if (accepted === undefined || statement.seq > accepted.seq) return undefined;
  return statement.seq === accepted.seq
    ? refuse(
        'SequenceReused',
        `sequence ${statement.seq} was answered with other content: an agent signs a sequence number once`,
      )
    : refuse(
        'SequenceFell',
        `sequence ${statement.seq} is before ${accepted.seq}, which was answered already`,
      );
};

/** A skipped statement may lie between; a chain that starts again forgets what was agreed. */
const chainContinues: StatementPolicy = ({ statement, accepted }) =>
  accepted !== undefined && statement.prev === zeroHash
    ? refuse(
        'StatementChainRestarted',
        `the statement has no predecessor, though sequence ${accepted.seq} was answered: the agent lost its channel record, restore it or close the channel`,
      )
    : undefined;

const rowsAreCommitted: StatementPolicy = ({ statement, rows, rowsRoot }) => {
  if (statement.rowCount !== rows.length) {
    return refuse(
      'RowCountWrong',
      `the statement is over ${statement.rowCount} rows, ${rows.length} are listed`,
    );
  }
  return statement.rowsRoot === rowsRoot
    ? undefined
    : refuse(
        'RowsRootWrong',
        `the statement signs ${statement.rowsRoot}, the rows give ${rowsRoot}`,
      );
};

const rowsAreDistinct: StatementPolicy = ({ rows }) => {
  const seen = new Set<string>();
  for (const { row, leaseName } of rows) {
    if (seen.has(row.leaseId)) {
      return refuse('DuplicateRow', `lease ${leaseName} is listed twice`);
    }
    seen.add(row.leaseId);
  }
  return undefined;
};

const foldIsExact: StatementPolicy = ({ statement, rows, accepted }) => {
  const { folded, missing } = expectedFold(accepted, new Set(rows.map(({ row }) => row.leaseId)));
  const lost = missing[0];
  if (lost !== undefined) {
    return refuse(
      'RowMissing',
      `lease ${lost.leaseId} is no longer listed, though no last row of it was accepted`,
    );
  }
  if (statement.foldedAmount !== folded.amount) {
    return refuse(
      'FoldedAmountWrong',
      `the statement folds ${statement.foldedAmount}, the accepted last rows give ${folded.amount}`,
    );
  }
  return statement.foldedHead === folded.head
    ? undefined
    : refuse(
        'FoldedHeadWrong',
        `the statement's chain of folded rows is ${statement.foldedHead}, the accepted last rows give ${folded.head}`,
      );
};

const sumIsExact: StatementPolicy = ({ statement, rows }) => {
  const sum = rows.reduce(
    (total, { row }) => total + row.amount - row.credit,
    statement.foldedAmount,
  );
  return statement.cumulative === sum
    ? undefined
    : refuse(
        'CumulativeWrong',
        `the statement claims ${statement.cumulative}, folded amount and rows give ${sum}`,
      );
};

/** In this order: who speaks, whether it follows from what was agreed, whether it adds up. */
export const statementPolicies: readonly StatementPolicy[] = [
  hashMatches,
  signedByAgent,
  agentIsGranted,
  sequenceRises,
  chainContinues,
  rowsAreCommitted,
  rowsAreDistinct,
  foldIsExact,
  sumIsExact,
];
