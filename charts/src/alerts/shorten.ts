import type { RuleGroup, Scale } from './alert.ts';
import { ruleFile } from './ruleFile.ts';

/**
 * For tests that can't wait for hours: every `for`, every `keep_firing_for` and every threshold in seconds is divided
 * by `factor`, but for thresholds that follow from a rhythm of the programs (heartbeats, words on a watch, tokens).
 * Expressions, labels, texts, thresholds without seconds (shares, counts, coins) and the windows of rates stay what the
 * charts ship. 60 makes an hour a minute.
 */
export const shortened =
  (factor: number): Scale =>
  (seconds) =>
    seconds / factor;

/** The groups’ rule files with shortened times: their text by group name. */
export const shortenedRules = (
  groups: readonly RuleGroup[],
  factor: number,
): ReadonlyMap<string, string> =>
  new Map(groups.map((group) => [group.name, ruleFile(group, shortened(factor))]));
