/** Why a channel can't pay out right now, beyond what its objects say themselves. */
export type Problem = {
  readonly reason: 'RowSkipped' | 'GasTooLow' | 'RedeemFailing';
  readonly message: string;
};

/** What went wrong with each channel's redemption; in memory, found again after a restart. */
export type Problems = {
  get(name: string): Problem | undefined;
  set(name: string, problem: Problem | undefined): void;
  onChange(callback: (name: string) => void): void;
};

export function createProblems(): Problems {
  const problems = new Map<string, Problem>();
  const listeners = new Set<(name: string) => void>();
  return {
    get: (name) => problems.get(name),
    set(name, problem) {
      const before = problems.get(name);
      if (before?.reason === problem?.reason && before?.message === problem?.message) return;
      if (problem === undefined) problems.delete(name);
      else problems.set(name, problem);
      for (const listener of listeners) listener(name);
    },
    onChange: (callback) => {
      listeners.add(callback);
    },
  };
}
