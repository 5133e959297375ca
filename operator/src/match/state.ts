import type { Intent } from './commit.ts';
import type { Ledger } from './ledger.ts';
import type { Market } from './market.ts';
import type { MatchMetrics } from './metrics.ts';
import type { PlacedReporter } from './report.ts';

/** What the stage remembers between two jobs; all of it follows from stored objects. */
export type MatchState = {
  readonly ledger: Ledger;
  readonly market: Market;
  readonly reporter: PlacedReporter;
  readonly metrics: MatchMetrics;
  /** Intents whose record may or may not have been written, per job UID. */
  readonly unsure: Map<string, readonly Intent[]>;
  hasHeldRecords: boolean;
};
