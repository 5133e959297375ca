/** A committed file that a program writes; it must never be edited by hand. */
export type Generated = {
  /** Relative to the repository's root. */
  readonly path: string;
  readonly text: string;
};
