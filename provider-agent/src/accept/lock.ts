/** Runs one holder after the other: GPUs and money are promised under it, so never twice. */
export type Lock = { exclusively<R>(work: () => Promise<R>): Promise<R> };

/** A lock of this process. A second agent replica needs a leader lease beside it. */
export function createLock(): Lock {
  let last: Promise<unknown> = Promise.resolve();
  return {
    exclusively(work) {
      const result = last.then(work, work);
      // The next holder waits whether this one succeeded or not; the caller sees the error.
      last = result.catch(() => undefined);
      return result;
    },
  };
}
