import { policies, type QueueInput } from './policies.ts';

/** The `Admitted` condition of a job, less its times. */
export type Admission = {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
};

/** Whether a job may be placed; else the first policy that says no. */
export function decide(input: QueueInput): Admission {
  for (const policy of policies) {
    const refusal = policy(input);
    if (refusal !== undefined) return { status: 'False', ...refusal };
  }
  return {
    status: 'True',
    reason: 'Admitted',
    message: `PaymentAccount ${input.account?.metadata.name} pays`,
  };
}
