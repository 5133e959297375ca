import type { RefusalReason } from '@gridlease/crds/reasons';

/** A refusal: a word from the closed list and a sentence with what was needed and what was there. */
export type Refusal = { readonly reason: RefusalReason; readonly message: string };

/** One rule: nothing when it is met. Pure, named, and shown by one accepting and one refusing test. */
export type Policy<Input> = {
  readonly name: string;
  readonly check: (input: Input) => Refusal | undefined;
};

/** A refusal, in one line. */
export function refuse(reason: RefusalReason, message: string): Refusal {
  return { reason, message };
}

/** The first refusal of a chain, or nothing when every policy is met. */
export function firstRefusal<Input>(
  policies: readonly Policy<Input>[],
  input: Input,
): Refusal | undefined {
  for (const policy of policies) {
    const refusal = policy.check(input);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
