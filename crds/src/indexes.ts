import { TerminalError } from '@gridlease/kube/errors';

/**
 * Sets of task indexes in the short form of Kubernetes Indexed Jobs: "0-3,7". Lists are ascending and
 * hold no index twice; the empty string is the empty set.
 */

/** Largest set that is expanded: a range such as "0-4294967295" must not eat the memory of a reader. */
const MAX_INDEXES = 10_000;

function malformed(text: string, why: string): TerminalError {
  const shown = text.length > 64 ? `${text.slice(0, 64)}…` : text;
  return new TerminalError(`task indexes "${shown}" ${why}; write ascending ranges such as 0-3,7`);
}

function* ranges(text: string): Generator<readonly [first: number, last: number]> {
  if (text === '') return;
  let previous = -1;
  for (const part of text.split(',')) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part);
    if (match === null) throw malformed(text, 'are not ranges');
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    if (first <= previous || last < first) throw malformed(text, 'are not ascending');
    previous = last;
    yield [first, last];
  }
}

/** The indexes of "0-3,7", ascending. Throws a TerminalError when malformed or more than 10,000. */
export function parseIndexes(text: string): number[] {
  if (count(text) > MAX_INDEXES) throw malformed(text, `hold more than ${MAX_INDEXES} tasks`);
  const indexes: number[] = [];
  for (const [first, last] of ranges(text)) {
    for (let index = first; index <= last; index += 1) indexes.push(index);
  }
  return indexes;
}

/**
 * Those of `own` that another party names in `told`. It can't speak for other tasks, and what can't be
 * read names none: an error here would keep who reads it from all other work.
 */
export function indexesWithin(told: string, own: string): number[] {
  if (told === '') return [];
  try {
    const known = new Set(parseIndexes(own));
    return parseIndexes(told).filter((index) => known.has(index));
  } catch (error) {
    if (error instanceof TerminalError) return [];
    throw error;
  }
}

/** How many indexes "0-3,7" holds, without expanding it. Throws a TerminalError when malformed. */
export function count(text: string): number {
  let total = 0;
  for (const [first, last] of ranges(text)) total += last - first + 1;
  return total;
}

/** The short form of any indexes, in any order, repeated or not. */
export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...new Set(indexes)].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let start = 0; start < sorted.length; ) {
    let end = start;
    while (end + 1 < sorted.length && sorted[end + 1]! === sorted[end]! + 1) end += 1;
    parts.push(start === end ? `${sorted[start]!}` : `${sorted[start]!}-${sorted[end]!}`);
    start = end + 1;
  }
  return parts.join(',');
}

/** The indexes of `from` that are not in `remove`, in the order of `from`. */
export function subtract(from: Iterable<number>, remove: Iterable<number>): number[] {
  const removed = new Set(remove);
  return [...from].filter((index) => !removed.has(index));
}

/** The indexes in either, ascending. */
export function union(one: Iterable<number>, other: Iterable<number>): number[] {
  return [...new Set([...one, ...other])].sort((a, b) => a - b);
}
