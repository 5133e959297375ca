/** Waits for a turn; the function it resolves with gives the turn on, and must be called once. */
export type TakeTurn = (isUrgent: boolean) => Promise<() => void>;

/**
 * So many at a time. Who comes with something urgent goes before all who wait without; otherwise in the
 * order in which they came. For work that comes by the thousand and must leave room for other work.
 */
export function createTurns(atOnce: number): TakeTurn {
  const urgent: (() => void)[] = [];
  const others: (() => void)[] = [];
  let free = atOnce;
  const giveOn = (): void => {
    const next = urgent.shift() ?? others.shift();
    if (next === undefined) free++;
    else next();
  };
  return async (isUrgent) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => (isUrgent ? urgent : others).push(resolve));
    return giveOn;
  };
}
