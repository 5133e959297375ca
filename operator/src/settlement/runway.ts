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
  const left = atHand(money);
  const isPaidFor = (seconds: number): boolean => costUntil(claims, BigInt(seconds)) <= left;
  if (isPaidFor(LONGEST_RUNWAY) || sumOf(claims.map(({ rest }) => rest)) <= left) {
    return LONGEST_RUNWAY;
  }
  let paidFor = 0;
  let tooLong = LONGEST_RUNWAY;
  while (tooLong - paidFor > 1) {
    const middle = Math.floor((paidFor + tooLong) / 2);
    if (isPaidFor(middle)) paidFor = middle;
    else tooLong = middle;
  }
  return paidFor;
}

/** What leases cost from now on until they have run for so long, each at most what it may. */
function costUntil(claims: Money['claims'], seconds: bigint): bigint {
  return sumOf(claims.map(({ rest, perHour }) => smaller(rest, (perHour * seconds) / 3_600n)));
}
