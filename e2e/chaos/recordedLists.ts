import type { RequestInfo } from './requestInfo.ts';

/** A list as it was: the body of a plain one, or the lines of a streamed one. */
export type RecordedList =
  | { readonly body: Buffer }
  | { readonly lines: readonly string[]; readonly resourceVersion: string };

/** Remembers the first list of each kind, scope and selector since `start`. */
export type RecordedLists = {
  /** Forgets what there is and records anew. */
  start(): void;
  keep(info: RequestInfo, url: string, list: RecordedList): void;
  find(info: RequestInfo, url: string): RecordedList | undefined;
};

export const recordedLists = (): RecordedLists => {
  const lists = new Map<string, RecordedList>();
  return {
    start: () => lists.clear(),
    keep(info, url, list) {
      const key = keyOf(info, url);
      if (key !== undefined && !lists.has(key)) lists.set(key, list);
    },
    find(info, url) {
      const key = keyOf(info, url);
      return key === undefined ? undefined : lists.get(key);
    },
  };
};

/** Undefined for a further page, which goes with its first one. */
const keyOf = ({ streamsList }: RequestInfo, url: string): string | undefined => {
  const { pathname, searchParams } = new URL(url, 'https://apiserver');
  if (searchParams.has('continue')) return undefined;
  const form = streamsList ? 'streamed' : 'plain';
  const selectors = ['labelSelector', 'fieldSelector'].map((name) => searchParams.get(name) ?? '');
  return [form, pathname, ...selectors].join(' ');
};

/** The position that the bookmark at the end of a streamed list names. */
export const positionOf = (lines: readonly string[]): string => {
  const last = JSON.parse(lines.at(-1) ?? '{}') as {
    readonly object?: { readonly metadata?: { readonly resourceVersion?: string } };
  };
  return last.object?.metadata?.resourceVersion ?? '0';
};
