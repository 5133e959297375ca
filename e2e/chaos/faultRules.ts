import type { RequestInfo, Verb } from './requestInfo.ts';

/** What can happen to a request. */
export type RequestFault =
  /** The server never hears of it; the connection ends without an answer. */
  | { readonly type: 'dropBeforeSend' }
  /** The server acts on it; the connection ends without an answer. */
  | { readonly type: 'dropAfterCommit' }
  /** It arrives later, also when its sender has given up meanwhile. */
  | { readonly type: 'delay'; readonly milliseconds: number }
  | {
      readonly type: 'answer';
      readonly status: 409 | 429 | 500;
      readonly retryAfterSeconds?: number;
    }
  /** As dropBeforeSend, but by a TCP reset. */
  | { readonly type: 'reset' }
  /** A list, plain or streamed, as it was recorded earlier: an API server that lags behind. */
  | { readonly type: 'staleList' };

/** What can happen to a watch when an event is about to be delivered; the event never is. */
export type WatchFault =
  /** The one event is left out: a server that breaks its word. */
  | { readonly type: 'dropEvent' }
  /** An orderly end. */
  | { readonly type: 'closeWatch' }
  /** An ERROR event with code 410. */
  | { readonly type: 'expireWatch' }
  /** The connection stays open; nothing arrives any more. */
  | { readonly type: 'freezeWatch' };

export type Fault = RequestFault | WatchFault;
export type FaultType = Fault['type'];

/** Where faults come from. Both are asked exactly once for everything that passes. */
export type FaultSource = {
  forRequest(info: RequestInfo): RequestFault | undefined;
  /** For an event that changes something: neither a bookmark nor part of a streamed list. */
  forEvent(watch: RequestInfo): WatchFault | undefined;
};

type OneOrMore<T> = T | readonly T[];

/** Which requests a rule is about; a field that is left out means any. */
export type FaultMatch = {
  readonly verb?: OneOrMore<Verb>;
  readonly group?: OneOrMore<string>;
  readonly resource?: OneOrMore<string>;
  readonly subresource?: OneOrMore<string>;
  readonly namespace?: OneOrMore<string>;
  readonly name?: OneOrMore<string>;
  /** The beginning of the User-Agent: who asks. */
  readonly userAgent?: string;
};

export type FaultRule = {
  readonly match?: FaultMatch;
  /** The first request (or event of matching watches) that it hits, counted from 1. Default: 1. */
  readonly from?: number;
  /** From there on one of so many. Default: 1. */
  readonly every?: number;
  /** How many it hits. Default: all. */
  readonly times?: number;
  readonly fault: Fault;
};

const includes = <T>(wanted: OneOrMore<T> | undefined, value: T): boolean =>
  wanted === undefined ||
  (Array.isArray(wanted) ? (wanted as readonly T[]).includes(value) : wanted === value);

export const matches = (match: FaultMatch, info: RequestInfo): boolean =>
  includes(match.verb, info.verb) &&
  includes(match.group, info.group) &&
  includes(match.resource, info.resource) &&
  includes(match.subresource, info.subresource) &&
  includes(match.namespace, info.namespace) &&
  includes(match.name, info.name) &&
  info.userAgent.startsWith(match.userAgent ?? '');

/** Whether a rule hits the nth thing that it matches, counted from 1. */
export const hits = (rule: Pick<FaultRule, 'from' | 'every' | 'times'>, nth: number): boolean => {
  const { from = 1, every = 1, times = Number.POSITIVE_INFINITY } = rule;
  const since = nth - from;
  return since >= 0 && since % every === 0 && since / every < times;
};

const reads: readonly Verb[] = ['get', 'list', 'watch', 'other'];

/** No server answers a read with a conflict, and only a list can be an old one. */
export const canHappen = (fault: RequestFault, info: RequestInfo): boolean => {
  if (fault.type === 'staleList') return info.verb === 'list' || info.streamsList;
  return !(fault.type === 'answer' && fault.status === 409 && reads.includes(info.verb));
};

const watchFaults: readonly FaultType[] = ['dropEvent', 'closeWatch', 'expireWatch', 'freezeWatch'];

const isWatchFault = (fault: Fault): fault is WatchFault => watchFaults.includes(fault.type);

/** The first rule that hits decides; each rule counts everything that it matches. */
export const faultsByRules = (rules: readonly FaultRule[]): FaultSource => {
  const counts = rules.map(() => 0);
  const next = (info: RequestInfo, forEvents: boolean): Fault | undefined => {
    let chosen: Fault | undefined;
    rules.forEach((rule, index) => {
      const { fault, match = {} } = rule;
      if (isWatchFault(fault) ? !forEvents : forEvents || !canHappen(fault, info)) return;
      if (!matches(match, info)) return;
      counts[index]!++;
      if (hits(rule, counts[index]!)) chosen ??= fault;
    });
    return chosen;
  };
  return {
    forRequest: (info) => next(info, false) as RequestFault | undefined,
    forEvent: (watch) => next(watch, true) as WatchFault | undefined,
  };
};

export const noFaults: FaultSource = { forRequest: () => undefined, forEvent: () => undefined };
