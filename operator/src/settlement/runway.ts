import { larger, smaller, sumOf } from '@gridlease/contracts/bigints';
import { type AccountFacts, unpromisedOf } from './account.ts';

/** Where what is at hand lasts longer, or for all that the leases may cost: 30 days, in seconds. */
export const LONGEST_RUNWAY = 30 * 86_400;

type Money = Pick<AccountFacts, 'free' | 'channels' | 'delegateLimit' | 'delegateSpent' | 'claims'>;

/** What leases can be paid from: nobody may move more of the pool than the delegate's limit leaves. */
function atHand({ free, channels, delegateLimit, delegateSpent }: Money): bigint {
  const left = larger(delegateLimit - delegateSpent, 0n);
  return unpromisedOf({ free: smaller(left, free), channels });
}

/**
 * Seconds until an account can't pay for its leases any more, each of which costs its price until it has cost what it
 * may; at most LONGEST_RUNWAY, which also says that all of them can end first. Undefined while there are none.
 */
export function runwaySeconds(money: Money): number | undefined {
  const claims = money.claims.filter(({ perHour }) => perHour > 0n);
  if (claims.length === 0) return undefined;
  let left = atHand(money);
  if (sumOf(claims.map(({ rest }) => rest)) <= left) return LONGEST_RUNWAY;
  if (left <= 0n) return 0;
  let perHour = sumOf(claims.map((claim) => claim.perHour));
  let sinceSeconds = 0n;
  const ends = claims
    .map((claim) => ({ ...claim, atSeconds: (claim.rest * 3_600n) / claim.perHour }))
    .sort((a, b) => (a.atSeconds < b.atSeconds ? -1 : 1));
  for (const end of ends) {
    const cost = (perHour * (end.atSeconds - sinceSeconds)) / 3_600n;
    if (cost > left) break;
    left -= cost;
    perHour -= end.perHour;
    sinceSeconds = end.atSeconds;
  }
  // Each second that is cut off above costs a little; with the last lease that is all that is missing.
  const seconds = perHour === 0n ? sinceSeconds : sinceSeconds + (left * 3_600n) / perHour;
  return Math.min(LONGEST_RUNWAY, Number(seconds));
}
