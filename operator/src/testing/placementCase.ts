import { expect } from '@jest/globals';
import { decide } from '../match/decide.ts';
import { factsOf, type Situation } from './placement.ts';

/** One reason why a job waits, and what would have to be different. */
export type PlacementCase = {
  readonly reason: string;
  /** This is the reason, and the sentence holds `says`. */
  readonly refused: Situation;
  readonly says: RegExp;
  /** The same wish with one thing changed: this isn't the reason. */
  readonly passes: Situation;
};

export function expectCase({ reason, refused, says, passes }: PlacementCase): void {
  const no = decide(factsOf(refused));
  expect(no.placement).toBeUndefined();
  expect(no.waiting?.reason).toBe(reason);
  expect(no.waiting?.message).toMatch(says);
  const yes = decide(factsOf(passes));
  expect(yes.waiting?.reason).not.toBe(reason);
  expect(yes.placement).toBeDefined();
}
