import type { BillingDecision, Reply } from './decide.ts';
import type { StatementFacts } from './facts.ts';

/** A reply that was signed, with what it was decided from. */
export type Signed = { readonly facts: StatementFacts; readonly reply: Reply };

/**
 * A signature that was made binds, also when storing it failed: the same statement gets the same reply,
 * and another statement of the same number gets none.
 */
export function sameAsBefore(
  before: Signed | undefined,
  facts: StatementFacts,
  decision: BillingDecision,
): BillingDecision {
  const sameNumber =
    before?.facts.statement.seq === facts.statement.seq &&
    before.facts.channel.generation === facts.channel.generation;
  if (decision.kind !== 'reply' || before === undefined || !sameNumber) return decision;
  if (before.facts.hash === facts.hash) return before.reply;
  return {
    kind: 'refuse',
    reason: 'SequenceReused',
    message: `sequence ${facts.statement.seq} was signed with other content: an agent signs a sequence number once`,
  };
}
